-- error: invalidQuery: Syntax error: Unexpected identifier "SELEC" at [1:1]
SELEC 1
----
-- error: invalidQuery: Syntax error: Unexpected end of script at [1:7]
SELECT
----
-- error: invalidQuery: Syntax error: Unexpected end of script at [1:11]
SELECT 1 +
----
-- error: invalidQuery: Unrecognized name: nope at [1:8]
SELECT nope FROM UNNEST([1]) AS n
----
-- error: notFound: Not found: Table p:d.missing was not found in location US
SELECT 1
  FROM `p.d.missing`
----
-- error: notFound: Not found: Dataset p:missing was not found in location US
SELECT * FROM missing.t
----
-- error: notFound: Not found: Dataset other-project:d was not found in location US
SELECT * FROM `other-project.d.t`
----
-- error: invalidQuery: Function not found: no_such_function at [1:8]
SELECT no_such_function(1)
----
-- error: invalidQuery: Could not cast literal "a" to type DATE at [1:8]
SELECT 'a' + 1
----
-- error: invalidQuery: division by zero: 1 / 0
SELECT 1 / 0
----
-- error: invalidQuery: Bad int64 value: abc
SELECT CAST('abc' AS INT64)
----
-- error: invalidQuery: Invalid date: '2024-13-01'
SELECT CAST('2024-13-01' AS DATE)
----
-- error: invalidQuery: int64 overflow: 9223372036854775807 + 1
SELECT 9223372036854775807 + 1
----
-- error: invalidQuery: Array index 5 is out of bounds
SELECT [1, 2][OFFSET(5)]
----
-- error: invalidQuery: Scalar subquery produced more than one element
SELECT (SELECT n FROM UNNEST([1, 2]) AS n)
----
-- error: invalidQuery: my own words
SELECT ERROR('my own words')
----
-- error: invalidQuery: Array cannot have a null element; error in writing field f0_
SELECT [1, NULL]
----
-- error: invalidQuery: Duplicate column names in the result are not supported. Found duplicate(s): a
SELECT 1 AS a, 2 AS A
----
-- error: invalidQuery: Query parameter 'missing' not found at [1:8]
SELECT @missing
----
-- error: invalidQuery: Table not found: d.a.b.c.e at [1:15]
SELECT * FROM d.a.b.c.e
----
-- error: invalidQuery: Invalid name a.b.c.d
DROP TABLE a.b.c.d
----
-- error: notImplemented: Not implemented in the embedded BigQuery: GRANT ON FUNCTION
GRANT `roles/bigquery.dataViewer` ON FUNCTION d.f TO 'user:a@b.c'
----
-- kind: CREATE_TABLE_AS_SELECT
-- ddl: CREATE p:d.t
CREATE TABLE d.t AS SELECT 1 AS a
----
-- error: notImplemented: Not implemented in the embedded BigQuery: FOR SYSTEM_TIME AS OF
SELECT a FROM d.t FOR SYSTEM_TIME AS OF TIMESTAMP '2020-01-01'
----
-- error: notImplemented: Not implemented in the embedded BigQuery: CREATE EXTERNAL TABLE
CREATE EXTERNAL TABLE d.ext OPTIONS(format='CSV', uris=['gs://b/x'])
----
-- error: notImplemented: Not implemented in the embedded BigQuery: CREATE MODEL
CREATE MODEL d.m OPTIONS(model_type='linear_reg') AS SELECT 1 AS label
----
-- error: notImplemented: Not implemented in the embedded BigQuery: CREATE SEARCH INDEX
CREATE SEARCH INDEX i ON d.t (ALL COLUMNS)
----
-- error: notImplemented: Not implemented in the embedded BigQuery: UNDROP SCHEMA
UNDROP SCHEMA d
----
-- error: notImplemented: Not implemented in the embedded BigQuery: foreign keys
CREATE TABLE d.fk (a INT64 REFERENCES d.t (a) NOT ENFORCED)
----
-- error: notImplemented: Not implemented in the embedded BigQuery: NUMERIC with precision inside of STRUCT or ARRAY
CREATE TABLE d.nested (a ARRAY<NUMERIC(5, 2)>)
----
-- error: invalidQuery: PARTITION BY expression must be DATE(<timestamp_column>), DATE(<datetime_column>), DATETIME_TRUNC(...), TIMESTAMP_TRUNC(...), DATE_TRUNC(...), RANGE_BUCKET(<int64_column>, GENERATE_ARRAY(...)) or a DATE column
CREATE TABLE d.bad (a INT64) PARTITION BY a
----
-- error: invalidQuery: Unrecognized name: b at [1:41]
CREATE TABLE d.bad (a INT64) CLUSTER BY b
----
-- error: invalid: Invalid field name "_PARTITION_a". Field names are not allowed to start with the (case-insensitive) prefixes _PARTITION, _TABLE_, _FILE_, _ROW_TIMESTAMP, __ROOT__ and _COLIDENTIFIER
CREATE TABLE d.bad (_PARTITION_a INT64)
----
-- error: invalid: Invalid table ID "a*b". Table IDs must be alphanumeric (plus underscores) and must be at most 1024 characters long. Also, Table decorators cannot be used.
CREATE TABLE d.`a*b` (a INT64)
----
-- error: invalidQuery: Table "t" must be qualified with a dataset (e.g. dataset.table).
CREATE VIEW d.v AS SELECT a FROM t
----
-- error: notFound: Not found: Table p:d.tt was not found in location US
SELECT a FROM t; SELECT a FROM tt
----
-- error: notImplemented: Not implemented in the embedded BigQuery: a column with collation name
CREATE TABLE d.folded (a STRING COLLATE 'und:ci')
----
-- error: notImplemented: Not implemented in the embedded BigQuery: a statement with collation name
CREATE TABLE d.folded (a STRING) DEFAULT COLLATE 'und:ci'
----
-- error: notImplemented: Not implemented in the embedded BigQuery: a statement with check constraint
CREATE TABLE d.checked (a INT64, CHECK (a > 0))
----
-- error: notImplemented: Not implemented in the embedded BigQuery: a statement with sql security
CREATE VIEW d.secure SQL SECURITY INVOKER AS SELECT 1 AS a
----
-- error: notImplemented: Not implemented in the embedded BigQuery: InsertStmt with returning
INSERT INTO d.t (a) VALUES (1) THEN RETURN a
----
-- error: notImplemented: Not implemented in the embedded BigQuery: UpdateStmt with assert_rows_modified
UPDATE d.t SET a = 2 WHERE TRUE ASSERT_ROWS_MODIFIED 1
----
-- columns: a INT64, b INT64
-- row: [1, 2]
SELECT AS STRUCT 1 AS a, 2 AS b
----
-- columns: a INT64
-- row: [1]
SELECT AS VALUE STRUCT(1 AS a)
----
-- error: notImplemented: Not implemented in the embedded BigQuery: a statement with recursive
CREATE RECURSIVE VIEW d.endless AS SELECT 1 AS a UNION ALL SELECT a + 1 FROM d.endless WHERE a < 3
----
-- error: invalid: Invalid field name "a.b". Fields must contain the allowed characters, and be at most 300 characters long. For allowed characters, please refer to https://cloud.google.com/bigquery/docs/schemas#column_names
SELECT 1 AS `a.b`
----
-- error: invalid: Invalid field name "_TABLE_SUFFIX". Field names are not allowed to start with the (case-insensitive) prefixes _PARTITION, _TABLE_, _FILE_, _ROW_TIMESTAMP, __ROOT__ and _COLIDENTIFIER
SELECT _TABLE_SUFFIX FROM `d.t*`
----
-- error: invalid: Field a already exists in schema
SELECT STRUCT(1 AS a, 2 AS a) AS s
----
-- columns: s STRUCT<_field_1 INT64, _field_2 STRING>, f0_ INT64, f1_ INT64
-- row: [{"_field_1": 1, "_field_2": "x"}, 3, 4]
SELECT STRUCT(1, 'x') AS s, 3, 4
