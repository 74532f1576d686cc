-- row: "yes", "no", 5, 7, NULL, 3
SELECT IF(1 < 2, 'yes', 'no'), IF(NULL, 'yes', 'no'), IFNULL(NULL, 5), COALESCE(NULL, NULL, 7), NULLIF(3, 3), NULLIF(3, 4)
----
-- row: "two", NULL, 2
SELECT CASE 2 WHEN 1 THEN 'one' WHEN 2 THEN 'two' ELSE 'many' END, CASE WHEN FALSE THEN 1 END, CASE NULL WHEN NULL THEN 1 ELSE 2 END
----
-- row: NULL, FALSE, TRUE, NULL, TRUE, TRUE
SELECT TRUE AND n, FALSE AND n, TRUE OR n, NOT n, n IS NULL, n IS NOT TRUE FROM (SELECT CAST(NULL AS BOOL) AS n)
----
-- row: NULL, FALSE, TRUE, TRUE
SELECT 1 = n, n IS DISTINCT FROM NULL, 1 IS DISTINCT FROM n, 1 IS NOT DISTINCT FROM 1 FROM (SELECT CAST(NULL AS INT64) AS n)
----
-- row: TRUE, TRUE, TRUE, NULL, NULL
SELECT 5 BETWEEN 1 AND 10, 5 NOT BETWEEN 6 AND 10, 5 IN (1, 5), 5 NOT IN (1, NULL), NULL IN (1)
----
-- row: 0.0
-- row: 2.0
SELECT IF(x = 0, 0, 10 / x) AS safe FROM UNNEST([0, 5]) AS x
----
-- error: custom failure
SELECT ERROR('custom failure')
----
-- error: bad 2
SELECT IF(x > 1, ERROR(CONCAT('bad ', CAST(x AS STRING))), x) FROM UNNEST([1, 2]) AS x
----
-- row: NULL
-- row: 1
-- row: 2
SELECT x FROM UNNEST([2, NULL, 1]) AS x ORDER BY x
----
-- row: 2
-- row: 1
-- row: NULL
SELECT x FROM UNNEST([2, NULL, 1]) AS x ORDER BY x DESC
----
-- row: 1
-- row: 2
-- row: NULL
SELECT x FROM UNNEST([2, NULL, 1]) AS x ORDER BY x NULLS LAST
----
-- row: NULL
-- row: nan
-- row: -inf
-- row: 2.5
SELECT x FROM UNNEST([2.5, CAST('nan' AS FLOAT64), CAST('-inf' AS FLOAT64), NULL]) AS x ORDER BY x
----
-- row: 2
-- row: 3
SELECT x FROM UNNEST([5, 4, 3, 2, 1]) AS x ORDER BY x LIMIT 2 OFFSET 1
----
-- row: 1, "a", 2, NULL
SELECT 1, 'a' AS named, 2, NULL
----
-- row: 2, 2
SELECT COUNT(*), 1 + 1 FROM UNNEST([1, 2])
----
-- row: 1, 1
SELECT x AS `weird name`, x AS `select` FROM UNNEST([1]) AS x
----
-- row: NULL, NULL, NULL, NULL, NULL, NULL, FALSE
SELECT a <= b AS a, b < a AS b, a = b AS c, a != b AS d, NOT (b = a) AS e, a IN (b) AS f, b BETWEEN 1 AND a AS g FROM (SELECT CAST(NULL AS FLOAT64) AS a, CAST('nan' AS FLOAT64) AS b)
----
-- row: FALSE, TRUE, FALSE, FALSE, FALSE, NULL, FALSE
SELECT b = b AS a, b != b AS b, b < 1 AS c, b > 1 AS d, b IN UNNEST([b, 1.5]) AS e, b IN UNNEST([b, NULL]) AS f, STRUCT(b, 1) = STRUCT(b, 1) AS g FROM (SELECT CAST('nan' AS FLOAT64) AS b)
