-- row: 2
SELECT APPROX_COUNT_DISTINCT(x) AS n FROM UNNEST([1, 1, 2, NULL]) AS x
----
-- row: [1, 26, 51, 76, 101]
SELECT APPROX_QUANTILES(x, 4) AS quartiles FROM UNNEST(GENERATE_ARRAY(1, 101)) AS x
----
-- row: [1.0, 2.0, 3.0]
SELECT APPROX_QUANTILES(x, 2) AS q FROM UNNEST([3.0, NULL, 1.0, 2.0]) AS x
----
-- row: [{value: "a", count: 3}, {value: "b", count: 2}]
SELECT APPROX_TOP_COUNT(x, 2) AS top FROM UNNEST(['a', 'b', 'a', 'c', 'a', 'b']) AS x
----
-- row: [{value: "b", sum: 5}, {value: "a", sum: 4}]
SELECT APPROX_TOP_SUM(x, w, 2) AS top FROM UNNEST([STRUCT('a' AS x, 1 AS w), ('b', 5), ('a', 3), ('c', 2)])
----
-- row: 1, [{value: "a", sum: 1.5}]
-- row: 2, [{value: NULL, sum: 3.0}]
SELECT k, APPROX_TOP_SUM(x, w, 1) AS top FROM UNNEST([STRUCT(1 AS k, 'a' AS x, 1.5 AS w), (1, 'b', 1.0), (2, NULL, 3.0), (2, 'c', NULL)]) GROUP BY k ORDER BY k
----
-- row: 2
SELECT HLL_COUNT.EXTRACT(HLL_COUNT.INIT(x)) AS n FROM UNNEST([1, 2, 2, NULL]) AS x
----
-- row: 30
SELECT HLL_COUNT.MERGE(s) AS n FROM (SELECT MOD(x, 3) AS k, HLL_COUNT.INIT(x) AS s FROM UNNEST(GENERATE_ARRAY(1, 30)) AS x GROUP BY k)
----
-- row: 3
SELECT HLL_COUNT.EXTRACT(HLL_COUNT.MERGE_PARTIAL(s)) AS n FROM (SELECT HLL_COUNT.INIT(x, 12) AS s FROM UNNEST(['a', 'b']) AS x UNION ALL SELECT HLL_COUNT.INIT(x, 12) FROM UNNEST(['b', 'c']) AS x)
----
-- row: "b", "a"
SELECT MAX_BY(name, score) AS best, MIN_BY(name, score) AS worst FROM UNNEST([STRUCT('a' AS name, 3 AS score), ('b', 9), ('c', NULL)])
