-- row: "a", 2, 1
-- row: "b", 1, 2
SELECT k, COUNT(*) AS n, SUM(v) AS total FROM UNNEST([STRUCT('a' AS k, 1 AS v), ('b', 2), ('a', NULL)]) GROUP BY k ORDER BY k
----
-- row: 0, 0, NULL, NULL
SELECT COUNT(*) AS n, COUNT(x) AS known, SUM(x) AS total, MIN(x) AS low FROM (SELECT 1 AS x LIMIT 0)
----
-- row: "a", 2
SELECT k, COUNT(*) AS n FROM UNNEST(['a', 'b', 'a']) AS k GROUP BY 1 HAVING COUNT(*) > 1
----
-- row: NULL, NULL, 3
-- row: "a", NULL, 2
-- row: "a", "x", 1
-- row: "a", "y", 1
-- row: "b", NULL, 1
-- row: "b", "x", 1
SELECT k, v, SUM(1) AS n FROM UNNEST([STRUCT('a' AS k, 'x' AS v), ('a', 'y'), ('b', 'x')]) GROUP BY ROLLUP (k, v) ORDER BY k, v
----
-- row: "a", "x", 1, 0, 0
-- row: "a", "y", 1, 0, 0
-- row: "a", NULL, 2, 0, 1
-- row: NULL, "x", 1, 1, 0
-- row: NULL, "y", 1, 1, 0
-- row: NULL, NULL, 2, 1, 1
SELECT k, v, COUNT(*) AS n, GROUPING(k) AS gk, GROUPING(v) AS gv FROM UNNEST([STRUCT('a' AS k, 'x' AS v), ('a', 'y')]) GROUP BY CUBE (k, v) ORDER BY gk, gv, k, v
----
-- row: NULL, NULL, 2
-- row: NULL, "x", 1
-- row: NULL, "y", 1
-- row: "a", NULL, 2
SELECT k, v, COUNT(*) AS n FROM UNNEST([STRUCT('a' AS k, 'x' AS v), ('a', 'y')]) GROUP BY GROUPING SETS ((k), (v), ()) ORDER BY k, v
----
-- row: NULL, 3
-- row: 1, 2
SELECT x AS k, COUNT(*) AS n FROM UNNEST([1, NULL, 1, NULL, NULL]) AS x GROUP BY k ORDER BY k
----
-- row: "a", "new"
-- row: "b", "one"
SELECT k, ANY_VALUE(v HAVING MAX w) AS newest FROM UNNEST([STRUCT('a' AS k, 'old' AS v, 1 AS w), ('a', 'new', 9), ('b', 'one', 0)]) GROUP BY k ORDER BY k
----
-- row: 0, "4+2"
-- row: 1, "5+3+1"
SELECT MOD(x, 2) AS odd, STRING_AGG(CAST(x AS STRING), '+' ORDER BY x DESC) AS text FROM UNNEST([1, 2, 3, 4, 5]) AS x GROUP BY odd ORDER BY odd
----
-- row: NULL, NULL
-- row: 1, 0
-- row: 2, 0
SELECT DISTINCT x, x * 0 AS z FROM UNNEST([2, 1, 2, NULL, NULL]) AS x ORDER BY x
----
-- row: 1, 2
SELECT a, COUNT(*) AS n FROM (SELECT 1 AS a, 2 AS b UNION ALL SELECT 1, 3) GROUP BY ALL
----
-- row: 3
SELECT SUM(x) FILTER_ME FROM UNNEST([1, 2]) AS x
----
-- row: "a", 1, TRUE, FALSE
-- row: "b", 1, TRUE, TRUE
SELECT k, COUNTIF(v > 1) AS big, LOGICAL_AND(v > 0) AS e, LOGICAL_OR(v > 2) AS o FROM UNNEST([STRUCT('a' AS k, 1 AS v), ('a', 2), ('b', 3), ('b', NULL)]) GROUP BY k ORDER BY k
