-- row: {a: 1, b: "x"}, {: 1, : "x"}, {: 1, : 2}
SELECT STRUCT(1 AS a, 'x' AS b) AS s, STRUCT(1, 'x') AS anonymous, (1, 2) AS tuple
----
-- row: {a: 1, a: 2}
SELECT STRUCT(1 AS a, 2 AS a) AS twice
----
-- row: 1, "deep"
SELECT s.a, s.b.c FROM (SELECT STRUCT(1 AS a, STRUCT('deep' AS c) AS b) AS s)
----
-- row: "five"
SELECT STRUCT<x INT64, y STRING>(5, 'five').y
----
-- row: 1, [1, 2]
SELECT AS STRUCT 1 AS a, [1, 2] AS b
----
-- row: 7, "seven"
SELECT AS VALUE STRUCT(7 AS n, 'seven' AS t)
----
-- row: TRUE, FALSE, NULL, FALSE
SELECT (1, 2) = (1, 2) AS a, (1, 2) = (1, 3) AS b, (1, NULL) = (1, 2) AS c, (1, NULL) = (2, NULL) AS d
----
-- row: TRUE, TRUE
SELECT (1, 'a') IN ((1, 'a'), (2, 'b')) AS a, (1, 'a') IN UNNEST([STRUCT(1, 'a')]) AS b
----
-- row: {x: 1.0, y: "a"}
SELECT CAST(STRUCT(1, 'a') AS STRUCT<x FLOAT64, y STRING>) AS s
----
-- row: {a: 1, b: "b"}
SELECT t FROM (SELECT 1 AS a, 'b' AS b) AS t
----
-- row: 1, 2
SELECT t.* FROM (SELECT STRUCT(1 AS a, 2 AS b) AS t)
----
-- row: 1
SELECT t.* EXCEPT (b) FROM (SELECT STRUCT(1 AS a, 2 AS b) AS t)
----
-- row: 10, 2
SELECT * REPLACE (a * 10 AS a) FROM (SELECT 1 AS a, 2 AS b)
----
-- row: NULL
SELECT CAST(NULL AS STRUCT<a INT64>).a
----
-- row: "a", 1
-- row: "b", 2
SELECT x.name, x.n FROM UNNEST([STRUCT('a' AS name, 1 AS n), ('b', 2)]) AS x ORDER BY x.n
----
-- row: "b", 2
-- row: "a", 1
SELECT name, n FROM UNNEST([STRUCT('a' AS name, 1 AS n), ('b', 2)]) ORDER BY n DESC
