-- error: Array cannot have a null element; error in writing field a
SELECT [1, NULL] AS a
----
-- error: Array cannot have a null element; error in writing field inner_a
SELECT STRUCT([1, NULL] AS inner_a, 2 AS b) AS s
----
-- row: 2
SELECT ARRAY_LENGTH([1, NULL]) AS n
----
-- row: [], {b: []}
SELECT CAST(NULL AS ARRAY<INT64>) AS a, STRUCT(CAST(NULL AS ARRAY<STRING>) AS b) AS s
----
-- row: []
SELECT ARRAY_AGG(x) AS a FROM (SELECT 1 AS x) WHERE x > 1
