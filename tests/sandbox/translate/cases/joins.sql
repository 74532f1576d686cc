-- row: 2, "y", "z"
WITH a AS (SELECT 1 AS id, 'x' AS v UNION ALL SELECT 2, 'y'), b AS (SELECT 2 AS id, 'z' AS w UNION ALL SELECT 3, 'q') SELECT * FROM a JOIN b USING (id)
----
-- row: 1, "x", NULL
-- row: 2, "y", "z"
-- row: 3, NULL, "q"
WITH a AS (SELECT 1 AS id, 'x' AS v UNION ALL SELECT 2, 'y'), b AS (SELECT 2 AS id, 'z' AS w UNION ALL SELECT 3, 'q') SELECT * FROM a FULL JOIN b USING (id) ORDER BY id
----
-- row: 1, 3
-- row: 2, 3
WITH a AS (SELECT 1 AS id UNION ALL SELECT 2), b AS (SELECT 2 AS id UNION ALL SELECT 3) SELECT a.id AS l, b.id AS r FROM a LEFT JOIN b ON a.id < b.id AND b.id = 3 ORDER BY l
----
-- row: 2, 2
-- row: NULL, 3
WITH a AS (SELECT 1 AS id UNION ALL SELECT 2), b AS (SELECT 2 AS id UNION ALL SELECT 3) SELECT a.id AS l, b.id AS r FROM a RIGHT JOIN b ON a.id = b.id ORDER BY r
----
-- row: 1, "x"
-- row: 1, "y"
-- row: 2, "x"
-- row: 2, "y"
SELECT a, b FROM UNNEST([1, 2]) AS a CROSS JOIN UNNEST(['x', 'y']) AS b ORDER BY a, b
----
-- row: 1, "a", 0
-- row: 1, "b", 1
SELECT id, v, pos FROM (SELECT 1 AS id, ['a', 'b'] AS arr UNION ALL SELECT 2, []), UNNEST(arr) AS v WITH OFFSET AS pos ORDER BY id, pos
----
-- row: 1, "a", 0
-- row: 1, "b", 1
-- row: 2, NULL, NULL
SELECT id, v, pos FROM (SELECT 1 AS id, ['a', 'b'] AS arr UNION ALL SELECT 2, []) LEFT JOIN UNNEST(arr) AS v WITH OFFSET AS pos ORDER BY id, pos
----
-- row: 1, 2
-- row: 1, 3
-- row: 2, NULL
SELECT id, v FROM (SELECT 1 AS id, [1, 2, 3] AS arr UNION ALL SELECT 2, [9]) AS t LEFT JOIN UNNEST(t.arr) AS v ON v > 1 AND v < 9 ORDER BY id, v
----
-- row: 1, "p", 2
-- row: 1, "q", 5
SELECT o.id, i.sku, i.qty FROM (SELECT 1 AS id, [STRUCT('p' AS sku, 2 AS qty), ('q', 5)] AS items) AS o, o.items AS i ORDER BY i.sku
----
-- row: 1, "a"
-- row: 2, "b"
-- row: 3, NULL
SELECT x, y FROM UNNEST([1, 2, 3] AS x, ['a', 'b'] AS y)
----
-- row: 1, "a", 0
-- row: 2, "b", 1
SELECT x, y, pos FROM UNNEST([1, 2, 3] AS x, ['a', 'b'] AS y, mode => 'TRUNCATE') WITH OFFSET AS pos
----
-- error: Unnested arrays under STRICT mode must have equal lengths
SELECT x, y FROM UNNEST([1, 2, 3] AS x, ['a'] AS y, mode => 'STRICT')
----
-- row: 2
-- row: 3
SELECT n FROM UNNEST([1, 2, 3]) AS n WHERE EXISTS (SELECT 1 FROM UNNEST([2, 3]) AS m WHERE m = n)
----
-- row:
SELECT n FROM UNNEST([1, 2, 3]) AS n WHERE n NOT IN (SELECT m FROM UNNEST([1, NULL]) AS m)
----
-- row: NULL
SELECT n FROM UNNEST([1, NULL]) AS n LEFT JOIN UNNEST([1, NULL]) AS m ON n = m WHERE m IS NULL
