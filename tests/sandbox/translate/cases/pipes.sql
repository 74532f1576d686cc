-- row: 2, 20
-- row: 3, 30
FROM UNNEST([3, 1, 2]) AS x |> WHERE x > 1 |> ORDER BY x |> SELECT x, x * 10 AS y
----
-- row: "a", 6
-- row: "b", 2
FROM UNNEST([STRUCT('a' AS k, 1 AS v), ('b', 2), ('a', 5)]) |> AGGREGATE SUM(v) AS total GROUP BY k |> ORDER BY k
----
-- row: 2
-- row: 5
FROM UNNEST([1, 2, 3]) AS x |> EXTEND x * x AS y |> SET y = y + 1 |> DROP x |> RENAME y AS z |> LIMIT 2
----
-- error: Cannot access field x on a value with type INT64 at [1:67]
FROM UNNEST([1, 2]) AS x |> AS t |> JOIN UNNEST([2, 3]) AS y ON t.x = y
----
-- row: 9
-- row: 2
-- row: 1
FROM UNNEST([1, 2]) AS x |> UNION ALL (SELECT 9) |> ORDER BY x DESC
----
-- row: 3, 3
FROM UNNEST([1, 2, 3]) AS x |> AGGREGATE COUNT(*) AS n, MAX(x) AS high
----
-- row: "kale", 51, NULL
FROM (SELECT 'kale' AS product, 51 AS sales, 'Q1' AS quarter) |> PIVOT(SUM(sales) FOR quarter IN ('Q1', 'Q2'))
----
-- row: 1, 1
-- row: 2, 3
-- row: 3, 6
FROM UNNEST([1, 2, 3]) AS x |> WINDOW SUM(x) OVER (ORDER BY x) AS running |> ORDER BY x
