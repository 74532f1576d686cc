-- row: 10, 30, NULL, 10
SELECT [10, 20, 30][OFFSET(0)] AS a, [10, 20, 30][ORDINAL(3)] AS b, [10, 20, 30][SAFE_OFFSET(9)] AS c, [10, 20, 30][0] AS d
----
-- error: Array index 2 is out of bounds
SELECT [1, 2][OFFSET(2)]
----
-- row: 3, 0, NULL
SELECT ARRAY_LENGTH([1, NULL, 3]), ARRAY_LENGTH([]), ARRAY_LENGTH(CAST(NULL AS ARRAY<INT64>))
----
-- row: [1, 2, 3], ["b", "a"]
SELECT ARRAY_CONCAT([1, 2], [3], []) AS joined, ARRAY_REVERSE(['a', 'b']) AS reversed
----
-- row: "a-c", "a-?-c"
SELECT ARRAY_TO_STRING(['a', NULL, 'c'], '-') AS a, ARRAY_TO_STRING(['a', NULL, 'c'], '-', '?') AS b
----
-- row: 3, 4
SELECT ARRAY_FIRST([3, 4]), ARRAY_LAST([3, 4])
----
-- error: ARRAY_FIRST cannot get the first element of an empty array
SELECT ARRAY_FIRST(CAST([] AS ARRAY<INT64>))
----
-- row: ["b", "c", "d"], ["d", "e"]
SELECT ARRAY_SLICE(['a', 'b', 'c', 'd', 'e'], 1, 3), ARRAY_SLICE(['a', 'b', 'c', 'd', 'e'], -2, 9)
----
-- row: [1, 5, 9], [5, 3, 1], [], [0.5, 1.0, 1.5, 2.0]
SELECT GENERATE_ARRAY(1, 10, 4), GENERATE_ARRAY(5, 1, -2), GENERATE_ARRAY(1, 0), GENERATE_ARRAY(0.5, 2.0, 0.5)
----
-- error: Sequence step cannot be 0.
SELECT GENERATE_ARRAY(1, 3, 0)
----
-- row: [2024-01-01, 2024-01-08, 2024-01-15]
SELECT GENERATE_DATE_ARRAY('2024-01-01', '2024-01-20', INTERVAL 1 WEEK) AS weeks
----
-- row: [2024-01-31, 2024-02-29, 2024-03-29, 2024-04-29]
SELECT GENERATE_DATE_ARRAY(DATE '2024-01-31', DATE '2024-05-01', INTERVAL 1 MONTH) AS months
----
-- row: [2024-01-01 00:00:00+00:00, 2024-01-01 08:00:00+00:00, 2024-01-01 16:00:00+00:00, 2024-01-02 00:00:00+00:00]
SELECT GENERATE_TIMESTAMP_ARRAY(TIMESTAMP '2024-01-01', TIMESTAMP '2024-01-02', INTERVAL 8 HOUR) AS stamps
----
-- row: [30, 20, 10]
SELECT ARRAY(SELECT x * 10 FROM UNNEST([3, 1, 2]) AS x ORDER BY x DESC) AS sorted
----
-- row: [3, 2]
SELECT ARRAY(SELECT x FROM UNNEST([3, 1, 2]) AS x WHERE x > 1) AS kept
----
-- row: [{v: 1, square: 1}, {v: 2, square: 4}]
SELECT ARRAY(SELECT AS STRUCT x AS v, x * x AS square FROM UNNEST([1, 2]) AS x) AS pairs
----
-- row: 2, [2, 1]
-- row: 0, []
-- row: 3, [3, 2, 1]
SELECT n, ARRAY(SELECT i FROM UNNEST(GENERATE_ARRAY(1, n)) AS i ORDER BY i DESC) AS down FROM UNNEST([2, 0, 3]) AS n
----
-- row: [2, 3, 4], [0, 6], [1, 3]
SELECT ARRAY_TRANSFORM([1, 2, 3], e -> e + 1) AS a, ARRAY_TRANSFORM([5, 6], (e, i) -> e * i) AS b, ARRAY_FILTER([1, 2, 3], e -> e <> 2) AS c
----
-- row: TRUE, NULL, FALSE, NULL
SELECT 2 IN UNNEST([1, 2]) AS a, 3 IN UNNEST([1, NULL]) AS b, 3 IN UNNEST([1, 2]) AS c, NULL IN UNNEST([1]) AS d
----
-- row: [3, 3], [1, 2, 3]
SELECT ARRAY_AGG(x ORDER BY x DESC LIMIT 2) AS a, ARRAY_AGG(DISTINCT x ORDER BY x) AS b FROM UNNEST([3, 1, 3, 2]) AS x
----
-- row: [1, 3]
SELECT ARRAY_AGG(x IGNORE NULLS ORDER BY x) AS a FROM UNNEST([3, NULL, 1]) AS x
----
-- row: [3, 1, 2]
SELECT ARRAY_CONCAT_AGG(a ORDER BY ARRAY_LENGTH(a)) AS all_of_them FROM (SELECT [1, 2] AS a UNION ALL SELECT [3] UNION ALL SELECT NULL)
----
-- row: 3, 0, 2
SELECT RANGE_BUCKET(20, [0, 10, 20, 30]), RANGE_BUCKET(-1, [0, 10]), RANGE_BUCKET(99, [0, 10])
----
-- row: 1.0, 5.0
SELECT COSINE_DISTANCE([1.0, 0.0], [0.0, 1.0]), EUCLIDEAN_DISTANCE([1.0, 2.0], [4.0, 6.0])
----
-- row: [6, 4]
SELECT ARRAY(SELECT x * 2 FROM UNNEST(ARRAY(SELECT y FROM UNNEST([3, 1, 2]) AS y ORDER BY y)) AS x WITH OFFSET AS o WHERE o > 0 ORDER BY o DESC) AS a
----
-- row: 1, "a", 0
-- row: 1, "b", 1
-- row: 2, "c", 0
SELECT t.k, e, o FROM (SELECT 1 AS k, 'a,b' AS s UNION ALL SELECT 2, 'c') AS t, UNNEST(SPLIT(t.s)) AS e WITH OFFSET AS o ORDER BY 1, 3
----
-- row: 1, "a", 0
-- row: 1, "b", 1
-- row: 2, NULL, NULL
SELECT t.k, e, o FROM (SELECT 1 AS k, 'a,b' AS s UNION ALL SELECT 2, NULL) AS t LEFT JOIN UNNEST(SPLIT(t.s)) AS e WITH OFFSET AS o ORDER BY 1, 3
