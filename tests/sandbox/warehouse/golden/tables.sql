-- kind: CREATE_TABLE
-- ddl: CREATE p:d.customers
CREATE TABLE d.customers (
  id INT64 NOT NULL OPTIONS(description="key"),
  name STRING(5),
  tags ARRAY<STRING>,
  address STRUCT<city STRING OPTIONS(description="town"), zip STRING>,
  joined DATE,
  credit NUMERIC(6, 2)
)
PARTITION BY DATE_TRUNC(joined, MONTH) CLUSTER BY id, name
OPTIONS(description="people", labels=[("team", "shop")])
----
-- error: duplicate: Already Exists: Table p:d.customers
CREATE TABLE d.customers (id INT64)
----
-- kind: CREATE_TABLE
-- ddl: SKIP p:d.customers
CREATE TABLE IF NOT EXISTS d.customers (id INT64)
----
-- columns: table_name STRING, ddl STRING
-- row: ["customers", "CREATE TABLE `p.d.customers`\n(\n  id INT64 NOT NULL OPTIONS(description=\"key\"),\n  name STRING(5),\n  tags ARRAY<STRING>,\n  address STRUCT<city STRING, zip STRING>,\n  joined DATE,\n  credit NUMERIC(6, 2)\n)\nPARTITION BY DATE_TRUNC(joined, MONTH)\nCLUSTER BY id, name\nOPTIONS(\n  description=\"people\",\n  labels=[STRUCT(\"team\", \"shop\")]\n);"]
SELECT table_name, ddl FROM d.INFORMATION_SCHEMA.TABLES
----
-- error: notFound: Not found: Dataset p:nowhere was not found in location US
CREATE TABLE nowhere.t (a INT64)
----
-- kind: CREATE_TABLE_AS_SELECT
-- ddl: CREATE p:d.made
CREATE TABLE d.made AS SELECT 1 AS x, [1, 2] AS y, STRUCT('a' AS p, [STRUCT(2.5 AS q)] AS r) AS z
----
-- columns: x INT64, y ARRAY<INT64>, z STRUCT<p STRING, r ARRAY<STRUCT<q FLOAT64>>>
-- row: [1, [1, 2], {"p": "a", "r": [{"q": 2.5}]}]
SELECT * FROM d.made
----
-- kind: CREATE_TABLE_AS_SELECT
-- ddl: REPLACE p:d.made
CREATE OR REPLACE TABLE made AS SELECT x + 1 AS x FROM made
----
-- columns: x INT64
-- row: [2]
SELECT * FROM `p.d.made`
----
-- kind: CREATE_TABLE
-- ddl: CREATE p:d.copied
CREATE TABLE d.copied COPY d.made
----
-- kind: CREATE_TABLE
-- ddl: CREATE p:d.cloned
CREATE TABLE d.cloned CLONE d.made OPTIONS(description="a clone")
----
-- kind: CREATE_TABLE
-- ddl: CREATE p:d.alike
CREATE TABLE d.alike LIKE d.customers
----
-- columns: id INT64, name STRING, tags ARRAY<STRING>, address STRUCT<city STRING, zip STRING>, joined DATE, credit NUMERIC
SELECT * FROM d.alike
----
-- kind: CREATE_SNAPSHOT_TABLE
-- ddl: CREATE p:d.frozen
CREATE SNAPSHOT TABLE d.frozen CLONE d.made
----
-- columns: x INT64
-- row: [2]
SELECT x FROM d.frozen
----
-- error: invalidQuery: p:d.frozen is not allowed for this operation because it is currently a SNAPSHOT.
DROP TABLE d.frozen
----
-- kind: DROP_SNAPSHOT_TABLE
-- ddl: DROP p:d.frozen
DROP SNAPSHOT TABLE d.frozen
----
-- columns: x INT64
-- row: [2]
-- row: [2]
SELECT x FROM d.copied UNION ALL SELECT x FROM d.cloned
----
-- kind: ALTER_TABLE
-- ddl: ALTER p:d.made
ALTER TABLE d.made ADD COLUMN note STRING, ADD COLUMN list ARRAY<INT64>
----
-- columns: x INT64, note STRING, list ARRAY<INT64>
-- row: [2, null, []]
SELECT * FROM d.made
----
-- error: invalidQuery: Column already exists: note at [1:31]
ALTER TABLE d.made ADD COLUMN note STRING
----
-- kind: ALTER_TABLE
-- ddl: ALTER p:d.made
ALTER TABLE d.made ADD COLUMN IF NOT EXISTS note STRING
----
-- kind: ALTER_TABLE
-- ddl: ALTER p:d.made
ALTER TABLE d.made RENAME COLUMN note TO remark
----
-- kind: ALTER_TABLE
-- ddl: ALTER p:d.made
ALTER TABLE d.made DROP COLUMN list
----
-- error: invalidQuery: Column not found: list at [1:32]
ALTER TABLE d.made DROP COLUMN list
----
-- kind: ALTER_TABLE
-- ddl: ALTER p:d.made
ALTER TABLE d.made ALTER COLUMN x SET DATA TYPE NUMERIC
----
-- error: invalidQuery: ALTER TABLE ALTER COLUMN SET DATA TYPE requires that the existing column type (NUMERIC) is assignable to the new type (STRING) at [1:20]
ALTER TABLE d.made ALTER COLUMN x SET DATA TYPE STRING
----
-- kind: ALTER_TABLE
-- ddl: ALTER p:d.made
ALTER TABLE d.made ALTER COLUMN remark SET OPTIONS(description="says")
----
-- columns: column_name STRING, data_type STRING, is_nullable STRING
-- row: ["x", "NUMERIC", "YES"]
-- row: ["remark", "STRING", "YES"]
SELECT column_name, data_type, is_nullable FROM d.INFORMATION_SCHEMA.COLUMNS WHERE table_name = 'made'
----
-- columns: x NUMERIC, remark STRING
-- row: ["2", null]
SELECT * FROM made
----
-- kind: ALTER_TABLE
-- ddl: ALTER p:d.renamed
ALTER TABLE d.made RENAME TO renamed
----
-- error: notFound: Not found: Table p:d.made was not found in location US
SELECT x FROM d.made
----
-- columns: x NUMERIC
-- row: ["2"]
SELECT x FROM d.renamed
----
-- error: invalidQuery: Cannot drop column joined: it is used for partitioning or clustering
ALTER TABLE d.customers DROP COLUMN joined
----
-- kind: ALTER_TABLE
-- ddl: ALTER p:d.customers
ALTER TABLE d.customers ALTER COLUMN id DROP NOT NULL
----
-- kind: ALTER_TABLE
-- ddl: ALTER p:d.customers
ALTER TABLE d.customers SET OPTIONS(description=NULL, friendly_name="People")
----
-- error: invalidQuery: Unknown option: colour
ALTER TABLE d.customers SET OPTIONS(colour="red")
----
-- kind: ALTER_TABLE
-- ddl: SKIP p:d.nothing
ALTER TABLE IF EXISTS d.nothing ADD COLUMN a INT64
----
-- error: notFound: Not found: Table p:d.nothing was not found in location US
ALTER TABLE d.nothing ADD COLUMN a INT64
----
-- kind: DROP_TABLE
-- ddl: DROP p:d.renamed
DROP TABLE d.renamed
----
-- error: notFound: Not found: Table p:d.renamed was not found in location US
DROP TABLE d.renamed
----
-- kind: DROP_TABLE
-- ddl: SKIP p:d.renamed
DROP TABLE IF EXISTS d.renamed
----
-- error: invalidQuery: p:d.copied is not allowed for this operation because it is currently a TABLE.
DROP VIEW d.copied
----
-- kind: CREATE_SCHEMA
-- ddl: CREATE p:other
CREATE SCHEMA other OPTIONS(description="more", default_table_expiration_days=1)
----
-- error: duplicate: Already Exists: Dataset p:other
CREATE SCHEMA other
----
-- kind: CREATE_SCHEMA
-- ddl: SKIP p:other
CREATE SCHEMA IF NOT EXISTS other
----
-- kind: CREATE_TABLE_AS_SELECT
-- ddl: CREATE p:other.t
CREATE TABLE other.t AS SELECT 1 AS a
----
-- error: resourceInUse: Dataset p:other is still in use
DROP SCHEMA other
----
-- kind: DROP_SCHEMA
-- ddl: DROP p:other
DROP SCHEMA other CASCADE
----
-- error: notFound: Not found: Dataset p:other was not found in location US
SELECT * FROM other.t
----
-- kind: CREATE_TABLE_AS_SELECT
-- ddl: CREATE p:d.Case_Matters
CREATE TABLE d.Case_Matters AS SELECT 1 AS a
----
-- error: notFound: Not found: Table p:d.case_matters was not found in location US
SELECT * FROM d.case_matters
----
-- kind: CREATE_TABLE_AS_SELECT
-- ddl: CREATE p:d.with space-and-dash
CREATE TABLE d.`with space-and-dash` AS SELECT 1 AS a
----
-- columns: a INT64
-- row: [1]
SELECT * FROM `p.d.with space-and-dash`
----
-- kind: CREATE_TABLE
-- ddl: CREATE p:d.days
CREATE TABLE d.days (d DATE, n INT64) PARTITION BY d OPTIONS(require_partition_filter=TRUE)
----
-- error: invalidQuery: Cannot query over table 'p.d.days' without a filter over column(s) 'd' that can be used for partition elimination
SELECT n FROM d.days
----
-- columns: n INT64
SELECT n FROM d.days WHERE d > '2024-01-01'
----
-- error: invalidQuery: Duplicate column name A in CREATE TABLE at [1:32]
CREATE TABLE d.twice (a INT64, A STRING)
----
-- kind: CREATE_TABLE
-- ddl: CREATE p:d.ranges
CREATE TABLE d.ranges (id INT64) PARTITION BY RANGE_BUCKET(id, GENERATE_ARRAY(0, 100, 10))
----
-- columns: ddl STRING
-- row: ["CREATE TABLE `p.d.days`\n(\n  d DATE,\n  n INT64\n)\nPARTITION BY d\nOPTIONS(\n  require_partition_filter=true\n);"]
-- row: ["CREATE TABLE `p.d.ranges`\n(\n  id INT64\n)\nPARTITION BY RANGE_BUCKET(id, GENERATE_ARRAY(0, 100, 10));"]
SELECT ddl FROM d.INFORMATION_SCHEMA.TABLES WHERE table_name IN ('ranges', 'days') ORDER BY table_name
----
-- kind: CREATE_TABLE_AS_SELECT
-- ddl: CREATE p:d.structs
CREATE TABLE d.structs AS SELECT AS STRUCT 1 AS a, 'x' AS b
----
-- columns: a INT64, b STRING
-- row: [1, "x"]
SELECT * FROM d.structs
