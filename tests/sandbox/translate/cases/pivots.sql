-- row: "apple", 77, NULL
-- row: "kale", 51, 23
SELECT * FROM (SELECT 'kale' AS product, 51 AS sales, 'Q1' AS quarter UNION ALL SELECT 'kale', 23, 'Q2' UNION ALL SELECT 'apple', 77, 'Q1') PIVOT(SUM(sales) FOR quarter IN ('Q1', 'Q2')) ORDER BY product
----
-- row: 51, 1, 23, 1, NULL, 0
SELECT * FROM (SELECT 51 AS sales, 'Q1' AS quarter UNION ALL SELECT 23, 'Q2') PIVOT(SUM(sales) AS total, COUNT(*) AS n FOR quarter IN ('Q1' AS one, 'Q2' AS two, 'Q3' AS three))
----
-- row: "kale", 51, "q1"
-- row: "kale", 23, "q2"
SELECT * FROM (SELECT 'kale' AS product, 51 AS q1, 23 AS q2) UNPIVOT(sales FOR quarter IN (q1, q2)) ORDER BY quarter
----
-- row: "kale", 51, "first"
SELECT * FROM (SELECT 'kale' AS product, 51 AS q1, CAST(NULL AS INT64) AS q2) UNPIVOT(sales FOR quarter IN (q1 AS 'first', q2 AS 'second'))
----
-- row: "kale", 51, 1
-- row: "kale", NULL, 2
SELECT * FROM (SELECT 'kale' AS product, 51 AS q1, CAST(NULL AS INT64) AS q2) UNPIVOT INCLUDE NULLS (sales FOR quarter IN (q1 AS 1, q2 AS 2)) ORDER BY quarter
----
-- row: 1, 2, "a"
-- row: 3, 4, "b"
SELECT * FROM (SELECT 1 AS a1, 2 AS a2, 3 AS b1, 4 AS b2) UNPIVOT((x, y) FOR half IN ((a1, a2) AS 'a', (b1, b2) AS 'b')) ORDER BY half
