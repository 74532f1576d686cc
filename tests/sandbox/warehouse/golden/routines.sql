-- kind: CREATE_TABLE_AS_SELECT
-- ddl: CREATE p:d.numbers
CREATE TABLE d.numbers AS SELECT n FROM UNNEST([1, 2, 3]) AS n
----
-- kind: CREATE_FUNCTION
-- ddl: CREATE p:d.double_it
CREATE FUNCTION d.double_it(x INT64) RETURNS INT64 AS (x * 2)
----
-- columns: y INT64, z INT64
-- row: [2, 20]
-- row: [4, 20]
-- row: [6, 20]
SELECT d.double_it(n) AS y, `p.d.double_it`(10) AS z FROM d.numbers ORDER BY y
----
-- error: duplicate: Already Exists: Routine p:d.double_it
CREATE FUNCTION d.double_it(x INT64) AS (x)
----
-- kind: CREATE_FUNCTION
-- ddl: REPLACE p:d.double_it
CREATE OR REPLACE FUNCTION d.double_it(x INT64) AS (x + x)
----
-- kind: CREATE_FUNCTION
-- ddl: SKIP p:d.double_it
CREATE FUNCTION IF NOT EXISTS d.double_it(x INT64) AS (x)
----
-- columns: y INT64
-- row: [42]
SELECT double_it(21) AS y
----
-- kind: CREATE_FUNCTION
-- ddl: CREATE p:d.same
CREATE FUNCTION d.same(x ANY TYPE) AS (x)
----
-- columns: i INT64, s STRING, a ARRAY<STRUCT<q INT64>>
-- row: [1, "a", [{"q": 1}]]
SELECT d.same(1) AS i, d.same('a') AS s, d.same([STRUCT(1 AS q)]) AS a
----
-- kind: CREATE_FUNCTION
-- ddl: CREATE p:d.twice_same
CREATE FUNCTION d.twice_same(x ANY TYPE) AS (STRUCT(d.same(x) AS a, d.same(CAST(x AS STRING)) AS b))
----
-- columns: v STRUCT<a INT64, b STRING>
-- row: [{"a": 7, "b": "7"}]
SELECT d.twice_same(7) AS v
----
-- kind: CREATE_FUNCTION
-- ddl: CREATE p:d.total
CREATE FUNCTION d.total() RETURNS INT64 AS ((SELECT SUM(n) FROM d.numbers))
----
-- columns: t INT64
-- row: [6]
SELECT d.total() AS t
----
-- kind: CREATE_TABLE_FUNCTION
-- ddl: CREATE p:d.above
CREATE TABLE FUNCTION d.above(low INT64) AS SELECT n, n * n AS square FROM d.numbers WHERE n > low
----
-- columns: n INT64, square INT64
-- row: [2, 4]
-- row: [3, 9]
SELECT * FROM d.above(1) ORDER BY n
----
-- kind: CREATE_FUNCTION
-- ddl: CREATE p:d.shout
CREATE FUNCTION d.shout(s STRING) RETURNS STRING LANGUAGE js AS "return s.toUpperCase()"
----
-- error: notImplemented: Not implemented in the embedded BigQuery: function p.d.shout
SELECT d.shout('a')
----
-- error: invalidQuery: Unrecognized name: y at [1:38]
CREATE FUNCTION d.wrong(x INT64) AS (y + 1)
----
-- kind: CREATE_PROCEDURE
-- ddl: CREATE p:d.add_up
CREATE PROCEDURE d.add_up(IN a INT64, b INT64, OUT total INT64)
BEGIN
  SET total = a + b;
END
----
-- kind: CREATE_PROCEDURE
-- ddl: CREATE p:d.bump
CREATE PROCEDURE d.bump(INOUT x INT64) BEGIN CALL d.add_up(x, 1, x); END
----
-- kind: SCRIPT
-- columns: t INT64
-- row: [43]
-- child: SELECT
DECLARE t INT64;
CALL d.add_up(40, 2, t);
CALL p.d.bump(t);
SELECT t
----
-- error: invalidQuery: Query error: Procedure p:d.add_up takes 3 arguments but 2 were given at [1:1]
CALL d.add_up(1, 2)
----
-- error: notFound: Not found: Routine p:d.nothing
CALL d.nothing()
----
-- columns: routine_name STRING, routine_type STRING, data_type STRING, routine_body STRING
-- row: ["above", "TABLE FUNCTION", null, "SQL"]
-- row: ["add_up", "PROCEDURE", null, "SQL"]
-- row: ["bump", "PROCEDURE", null, "SQL"]
-- row: ["double_it", "FUNCTION", null, "SQL"]
-- row: ["same", "FUNCTION", null, "SQL"]
-- row: ["shout", "FUNCTION", "STRING", "EXTERNAL"]
-- row: ["total", "FUNCTION", "INT64", "SQL"]
-- row: ["twice_same", "FUNCTION", null, "SQL"]
SELECT routine_name, routine_type, data_type, routine_body FROM d.INFORMATION_SCHEMA.ROUTINES ORDER BY routine_name
----
-- columns: specific_name STRING, parameter_name STRING, parameter_mode STRING, data_type STRING
-- row: ["above", "low", null, "INT64"]
-- row: ["add_up", "a", "IN", "INT64"]
-- row: ["add_up", "b", null, "INT64"]
-- row: ["add_up", "total", "OUT", "INT64"]
-- row: ["bump", "x", "INOUT", "INT64"]
-- row: ["double_it", "x", null, "INT64"]
-- row: ["same", "x", null, "ANY TYPE"]
-- row: ["shout", "s", null, "STRING"]
-- row: ["twice_same", "x", null, "ANY TYPE"]
SELECT specific_name, parameter_name, parameter_mode, data_type FROM d.INFORMATION_SCHEMA.PARAMETERS ORDER BY specific_name, ordinal_position
----
-- kind: DROP_FUNCTION
-- ddl: DROP p:d.double_it
DROP FUNCTION d.double_it
----
-- error: invalidQuery: Function not found: d.double_it at [1:8]
SELECT d.double_it(1)
----
-- error: notFound: Not found: Routine p:d.double_it
DROP FUNCTION d.double_it
----
-- kind: DROP_FUNCTION
-- ddl: SKIP p:d.double_it
DROP FUNCTION IF EXISTS d.double_it
----
-- kind: DROP_PROCEDURE
-- ddl: DROP p:d.bump
DROP PROCEDURE d.bump
----
-- kind: DROP_TABLE_FUNCTION
-- ddl: DROP p:d.above
DROP TABLE FUNCTION d.above
----
-- columns: y INT64
-- row: [2]
CREATE TEMP FUNCTION local_one(x INT64) AS (x + 1); SELECT local_one(1) AS y
----
-- error: invalidQuery: Function not found: local_one at [1:8]
SELECT local_one(1)
----
-- columns: y INT64
-- row: [40]
CREATE TEMP FUNCTION f(x INT64) AS (x); CREATE TEMP FUNCTION g(x INT64) AS (f(x) * 10); SELECT g(4) AS y
----
-- error: notFound: Not found: Dataset p:nowhere was not found in location US
CREATE FUNCTION nowhere.f(x INT64) AS (x)
