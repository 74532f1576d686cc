-- row: 10, 1, 1, 1
-- row: 20, 2, 2, 2
-- row: 20, 3, 2, 2
-- row: 30, 4, 4, 3
SELECT x, ROW_NUMBER() OVER (ORDER BY x) AS rn, RANK() OVER (ORDER BY x) AS r, DENSE_RANK() OVER (ORDER BY x) AS dr FROM UNNEST([10, 20, 20, 30]) AS x ORDER BY rn
----
-- row: 1, 0.0, 0.25, 1
-- row: 2, 0.3333333333333333, 0.75, 1
-- row: 2, 0.3333333333333333, 0.75, 2
-- row: 4, 1.0, 1.0, 2
SELECT x, PERCENT_RANK() OVER (ORDER BY x) AS pr, CUME_DIST() OVER (ORDER BY x) AS cd, NTILE(2) OVER (ORDER BY x) AS half FROM UNNEST([1, 2, 2, 4]) AS x ORDER BY x, half
----
-- row: 1, NULL, 3
-- row: 2, 1, -1
-- row: 3, 2, -1
SELECT x, LAG(x) OVER w AS before, LEAD(x, 2, -1) OVER w AS after FROM UNNEST([1, 2, 3]) AS x WINDOW w AS (ORDER BY x) ORDER BY x
----
-- row: 1, 1, 10, 1.5
-- row: 2, 3, 10, 2.0
-- row: 3, 6, 10, 3.0
-- row: 4, 10, 10, 3.5
SELECT x, SUM(x) OVER (ORDER BY x) AS running, SUM(x) OVER () AS total, AVG(x) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS moving FROM UNNEST([1, 2, 3, 4]) AS x ORDER BY x
----
-- row: 1, 1
-- row: 2, 2
-- row: 5, 1
-- row: 6, 2
SELECT x, COUNT(*) OVER (ORDER BY x RANGE BETWEEN 2 PRECEDING AND CURRENT ROW) AS near FROM UNNEST([1, 2, 5, 6]) AS x ORDER BY x
----
-- row: "a", 1, 1, 2, NULL
-- row: "a", 2, 1, 2, 2
-- row: "b", 3, 3, 3, NULL
SELECT k, v, FIRST_VALUE(v) OVER w AS f, LAST_VALUE(v) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS l, NTH_VALUE(v, 2) OVER w AS s FROM UNNEST([STRUCT('a' AS k, 1 AS v), ('a', 2), ('b', 3)]) WINDOW w AS (PARTITION BY k ORDER BY v) ORDER BY k, v
----
-- row: 1, 1
-- row: NULL, 1
-- row: NULL, 1
-- row: 4, 4
SELECT x, LAST_VALUE(x IGNORE NULLS) OVER (ORDER BY pos) AS known FROM UNNEST([1, NULL, NULL, 4]) AS x WITH OFFSET AS pos ORDER BY pos
----
-- row: 4
-- row: 5
SELECT x FROM UNNEST([5, 1, 4]) AS x QUALIFY ROW_NUMBER() OVER (ORDER BY x DESC) <= 2 ORDER BY x
----
-- row: "a", 2
SELECT k, n FROM (SELECT k, COUNT(*) AS n FROM UNNEST(['a', 'b', 'a', 'c']) AS k GROUP BY k) QUALIFY RANK() OVER (ORDER BY n DESC) = 1
----
-- row: 1.0, 3.0, 2.0
-- row: 2.0, 3.0, 2.0
-- row: 4.0, 3.0, 2.0
-- row: 10.0, 3.0, 2.0
SELECT x, PERCENTILE_CONT(x, 0.5) OVER () AS median, PERCENTILE_DISC(x, 0.5) OVER () AS disc FROM UNNEST([1.0, 2.0, 4.0, 10.0]) AS x ORDER BY x
----
-- row: 1.5
SELECT DISTINCT PERCENTILE_CONT(x, 0.25) OVER () AS q FROM UNNEST([1.0, NULL, 3.0]) AS x
----
-- row: NULL
SELECT DISTINCT PERCENTILE_DISC(x, 0.5 RESPECT NULLS) OVER () AS q FROM UNNEST(['a', NULL, NULL, 'b']) AS x
----
-- row: 1, [1]
-- row: 2, [1, 2]
-- row: 3, [2, 3]
SELECT x, ARRAY_AGG(x) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS seen FROM UNNEST([1, 2, 3]) AS x ORDER BY x
----
-- row: 1, 2
-- row: 3, 2
-- row: 4, 2
SELECT x, COUNT(DISTINCT MOD(x, 2)) OVER () AS kinds FROM UNNEST([1, 3, 4]) AS x ORDER BY x
----
-- row: 2024-01-01, 1
-- row: 2024-01-02, 2
-- row: 2024-01-05, 1
SELECT d, SUM(1) OVER (ORDER BY UNIX_DATE(d) RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) AS n FROM UNNEST([DATE '2024-01-01', DATE '2024-01-02', DATE '2024-01-05']) AS d ORDER BY d
----
-- row: "a", 1, 1
-- row: "b", 5, 6
SELECT k, SUM(v) AS s, SUM(SUM(v)) OVER (ORDER BY k) AS cumulative FROM UNNEST([STRUCT('a' AS k, 1 AS v), ('b', 2), ('b', 3)]) GROUP BY k ORDER BY k
----
-- row: 3, 3
-- row: 1, 4
-- row: NULL, 4
SELECT x, SUM(x) OVER (ORDER BY x DESC ROWS UNBOUNDED PRECEDING) AS s FROM UNNEST([1, NULL, 3]) AS x ORDER BY x DESC
