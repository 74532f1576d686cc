-- row: 1, 2
WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS x FROM a) SELECT a.x, b.x AS y FROM a, b
----
-- row: 2, 1
WITH a AS (SELECT 1 AS x) SELECT (WITH a AS (SELECT 2 AS x) SELECT x FROM a) AS inner_x, x FROM a
----
-- row: [1, 2, 3, 4, 5]
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT ARRAY_AGG(i ORDER BY i) AS numbers FROM n
----
-- row: "a"
-- row: "b"
-- row: "c"
WITH RECURSIVE edges AS (SELECT 'a' AS s, 'b' AS t UNION ALL SELECT 'b', 'c' UNION ALL SELECT 'c', 'a'), reach AS (SELECT 'a' AS v UNION DISTINCT SELECT t FROM reach JOIN edges ON s = v) SELECT v FROM reach ORDER BY v
----
-- row: 34
WITH RECURSIVE f AS (SELECT 0 AS a, 1 AS b, 1 AS n UNION ALL SELECT b, a + b, n + 1 FROM f WHERE n < 10) SELECT MAX(a) AS fib FROM f
----
-- row: 1, 2
WITH t AS (SELECT 1 AS x UNION ALL SELECT 2) SELECT l.x, r.x AS y FROM t AS l JOIN t AS r ON l.x < r.x
----
-- row: "3:9"
SELECT WITH(a AS 3, b AS a * a, CONCAT(CAST(a AS STRING), ":", CAST(b AS STRING)))
----
-- row: 1, 1
-- row: 2, 5
-- row: 3, 14
WITH t AS (SELECT x, x * x AS y FROM UNNEST([1, 2, 3]) AS x) SELECT x, (SELECT SUM(u.y) FROM t AS u WHERE u.x <= t.x) AS running FROM t ORDER BY x
