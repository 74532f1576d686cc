-- row: 4, 3, 2, 5, 1.6666666666666667, 1, 2
SELECT COUNT(*) AS a, COUNT(x) AS b, COUNT(DISTINCT x) AS c, SUM(x) AS d, AVG(x) AS e, MIN(x) AS f, MAX(x) AS g FROM UNNEST([1, 2, 2, NULL]) AS x
----
-- row: 6.3, 2.1, 3
SELECT SUM(x) AS a, AVG(x) AS b, MAX(x) AS c FROM UNNEST([NUMERIC '1.1', NUMERIC '2.2', NUMERIC '3']) AS x
----
-- row: 3, 1.5
SELECT SUM(DISTINCT x) AS a, AVG(DISTINCT x) AS b FROM UNNEST([1, 2, 2]) AS x
----
-- row: 2.138089935299395, 2.0, 4.571428571428571, 4.0
SELECT STDDEV(x) AS a, STDDEV_POP(x) AS b, VARIANCE(x) AS c, VAR_POP(x) AS d FROM UNNEST([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]) AS x
----
-- row: NULL, 0.0, NULL
SELECT STDDEV_SAMP(x) AS a, VAR_POP(x) AS b, CORR(x, x) AS c FROM UNNEST([1.0]) AS x
----
-- row: 0.9933992677987827, 1.6666666666666667, 2.5
SELECT CORR(x, y) AS a, COVAR_POP(x, y) AS b, COVAR_SAMP(x, y) AS c FROM UNNEST([STRUCT(1.0 AS x, 2.0 AS y), (2.0, 4.0), (3.0, 7.0)])
----
-- row: 8, 14, 6
SELECT BIT_AND(x) AS a, BIT_OR(x) AS b, BIT_XOR(x) AS c FROM UNNEST([12, 10]) AS x
----
-- row: "b,a,b", "a; b", "ba"
SELECT STRING_AGG(x) AS a, STRING_AGG(x, '; ' ORDER BY x LIMIT 2) AS b, STRING_AGG(DISTINCT x, '' ORDER BY x DESC) AS c FROM UNNEST(['b', 'a', NULL, 'b']) AS x
----
-- row: "apple", "pear"
SELECT MIN(x) AS a, MAX(x) AS b FROM UNNEST(['pear', 'apple', 'fig']) AS x
----
-- row: "only"
SELECT ANY_VALUE(x) AS a FROM UNNEST(['only']) AS x
----
-- row: nan, nan, nan
SELECT MAX(x) AS a, MIN(x) AS b, SUM(x) AS c FROM UNNEST([1.0, CAST('nan' AS FLOAT64), 3.0]) AS x
----
-- row: 0, [], NULL, NULL
SELECT COUNT(*) AS n, ARRAY_AGG(x) AS a, STRING_AGG('z') AS s, SUM(x) AS t FROM (SELECT 1 AS x) WHERE x > 1
----
-- row: 3
SELECT SUM(x + y) AS a FROM UNNEST([STRUCT(1 AS x, 2 AS y), (3, NULL)])
----
-- row: 0.5
SELECT AVG(x) AS a FROM UNNEST([TRUE, FALSE]) AS b, UNNEST([IF(b, 1, 0)]) AS x
----
-- error: double overflow
SELECT SUM(1.7e308 * x) FROM UNNEST([1, 1]) AS x
----
-- row: 3, 0, 2
SELECT COUNTIF(x > 1) AS a, COUNTIF(x > 9) AS b, COUNT(DISTINCT IF(x > 1, x, NULL)) AS c FROM UNNEST([1, 2, 2, 3]) AS x
