-- row: 5, FALSE
SELECT (SELECT MAX(x) FROM UNNEST([1, 5, 3]) AS x) AS high, EXISTS (SELECT 1 FROM UNNEST([1]) AS x WHERE x > 1) AS any_big
----
-- error: Scalar subquery produced more than one element
SELECT (SELECT x FROM UNNEST([1, 2]) AS x)
----
-- row: NULL
SELECT (SELECT x FROM UNNEST([1]) AS x WHERE x > 1) AS nothing
----
-- row: 3
SELECT n FROM UNNEST([1, 2, 3]) AS n WHERE n > (SELECT AVG(m) FROM UNNEST([1, 2, 3]) AS m)
----
-- row: 1, 0
-- row: 3, 2
SELECT n, (SELECT COUNT(*) FROM UNNEST([1, 2, 3]) AS m WHERE m < n) AS below FROM UNNEST([3, 1]) AS n ORDER BY n
----
-- row: TRUE, FALSE, TRUE
SELECT 'abc' LIKE ANY ('x%', 'a%') AS a, 'abc' LIKE ALL ('%b%', 'x%') AS b, 'abc' LIKE ANY UNNEST(['z', '%c']) AS c
----
-- row: TRUE, NULL
SELECT 'abc' LIKE ANY (SELECT p FROM UNNEST(['x%', '%c']) AS p) AS a, 'abc' LIKE ALL (SELECT p FROM UNNEST(['a%', NULL]) AS p) AS b
----
-- row: NULL, TRUE, FALSE
SELECT 1 IN (SELECT NULL) AS a, 1 IN (SELECT x FROM UNNEST([1, NULL]) AS x) AS b, NULL IN (SELECT 1 LIMIT 0) AS c
----
-- row: 10, [{m: 1, s: 11}, {m: 2, s: 12}]
SELECT n, ARRAY(SELECT AS STRUCT m, m + n AS s FROM UNNEST([1, 2]) AS m) AS sums FROM UNNEST([10]) AS n
----
-- row: [1, 2, 3]
SELECT (SELECT ARRAY_AGG(x) FROM (SELECT x FROM UNNEST([3, 1, 2]) AS x ORDER BY x)) AS a
----
-- row: "b"
SELECT (SELECT AS STRUCT 1 AS a, 'b' AS b).b
