-- kind: CREATE_SCHEMA
-- ddl: CREATE p:other
CREATE SCHEMA other OPTIONS(description="second", labels=[("k", "v")])
----
-- kind: CREATE_TABLE
-- ddl: CREATE p:d.t
CREATE TABLE d.t (
  id INT64 NOT NULL, name STRING(5) DEFAULT 'x', amount NUMERIC(6, 2),
  home STRUCT<city STRING OPTIONS(description="town"), spots ARRAY<STRUCT<x FLOAT64>>>, day DATE
) PARTITION BY day CLUSTER BY name, id OPTIONS(description="it's \"t\"", friendly_name="T")
----
-- kind: CREATE_VIEW
-- ddl: CREATE p:other.v
CREATE VIEW other.v AS SELECT id FROM d.t
----
-- columns: catalog_name STRING, schema_name STRING, location STRING, ddl STRING
-- row: ["p", "d", "US", "CREATE SCHEMA `p.d`;"]
-- row: ["p", "other", "US", "CREATE SCHEMA `p.other`\nOPTIONS(\n  description=\"second\",\n  labels=[STRUCT(\"k\", \"v\")]\n);"]
SELECT catalog_name, schema_name, location, ddl FROM INFORMATION_SCHEMA.SCHEMATA ORDER BY schema_name
----
-- columns: schema_name STRING
-- row: ["d"]
-- row: ["other"]
SELECT schema_name FROM `region-us`.INFORMATION_SCHEMA.SCHEMATA ORDER BY schema_name
----
-- columns: schema_name STRING
-- row: ["d"]
SELECT schema_name FROM `p.region-us.INFORMATION_SCHEMA.SCHEMATA` WHERE schema_name = 'd'
----
-- columns: catalog_name STRING, schema_name STRING, option_name STRING, option_type STRING, option_value STRING
-- row: ["p", "other", "description", "STRING", "\"second\""]
-- row: ["p", "other", "labels", "ARRAY<STRUCT<STRING, STRING>>", "[STRUCT(\"k\", \"v\")]"]
SELECT * FROM `p`.`region-us`.INFORMATION_SCHEMA.SCHEMATA_OPTIONS ORDER BY schema_name, option_name
----
-- columns: table_schema STRING, table_name STRING, table_type STRING, is_insertable_into STRING
-- row: ["d", "t", "BASE TABLE", "YES"]
-- row: ["other", "v", "VIEW", "NO"]
SELECT table_schema, table_name, table_type, is_insertable_into FROM `region-us`.INFORMATION_SCHEMA.TABLES ORDER BY table_name
----
-- columns: table_name STRING
-- row: ["v"]
SELECT table_name FROM other.INFORMATION_SCHEMA.TABLES
----
-- columns: table_name STRING
-- row: ["t"]
SELECT table_name FROM d.information_schema.tables
----
-- columns: column_name STRING, ordinal_position INT64, is_nullable STRING, data_type STRING, is_partitioning_column STRING, clustering_ordinal_position INT64, column_default STRING
-- row: ["id", 1, "NO", "INT64", "NO", 2, "NULL"]
-- row: ["name", 2, "YES", "STRING(5)", "NO", 1, "'x'"]
-- row: ["amount", 3, "YES", "NUMERIC(6, 2)", "NO", null, "NULL"]
-- row: ["home", 4, "YES", "STRUCT<city STRING, spots ARRAY<STRUCT<x FLOAT64>>>", "NO", null, "NULL"]
-- row: ["day", 5, "YES", "DATE", "YES", null, "NULL"]
SELECT column_name, ordinal_position, is_nullable, data_type, is_partitioning_column, clustering_ordinal_position, column_default FROM d.INFORMATION_SCHEMA.COLUMNS ORDER BY ordinal_position
----
-- columns: column_name STRING, field_path STRING, data_type STRING, description STRING
-- row: ["amount", "amount", "NUMERIC(6, 2)", null]
-- row: ["day", "day", "DATE", null]
-- row: ["home", "home", "STRUCT<city STRING, spots ARRAY<STRUCT<x FLOAT64>>>", null]
-- row: ["home", "home.city", "STRING", "town"]
-- row: ["home", "home.spots", "ARRAY<STRUCT<x FLOAT64>>", null]
-- row: ["home", "home.spots.x", "FLOAT64", null]
-- row: ["id", "id", "INT64", null]
-- row: ["name", "name", "STRING(5)", null]
SELECT column_name, field_path, data_type, description FROM d.INFORMATION_SCHEMA.COLUMN_FIELD_PATHS ORDER BY field_path
----
-- columns: option_name STRING, option_type STRING, option_value STRING
-- row: ["description", "STRING", "\"it's \\\"t\\\"\""]
-- row: ["friendly_name", "STRING", "\"T\""]
SELECT option_name, option_type, option_value FROM d.INFORMATION_SCHEMA.TABLE_OPTIONS ORDER BY option_name
----
-- columns: table_schema STRING, table_name STRING, view_definition STRING, use_standard_sql STRING
-- row: ["other", "v", "SELECT id FROM d.t", "YES"]
SELECT table_schema, table_name, view_definition, use_standard_sql FROM `region-us`.INFORMATION_SCHEMA.VIEWS
----
-- columns: table_name STRING, n INT64
-- row: ["t", 5]
SELECT c.table_name, COUNT(*) AS n FROM d.INFORMATION_SCHEMA.COLUMNS AS c JOIN d.INFORMATION_SCHEMA.TABLES AS t USING (table_name) GROUP BY 1
----
-- columns: n INT64
-- row: [0]
SELECT COUNT(*) AS n FROM `region-us`.INFORMATION_SCHEMA.JOBS
----
-- error: notFound: Not found: Dataset p:nowhere was not found in location US
SELECT * FROM nowhere.INFORMATION_SCHEMA.TABLES
----
-- error: notImplemented: Not implemented in the embedded BigQuery: INFORMATION_SCHEMA.NOTHING
SELECT * FROM d.INFORMATION_SCHEMA.NOTHING
----
-- columns: table_name STRING
-- row: ["t"]
SELECT table_name FROM INFORMATION_SCHEMA.TABLES
----
-- error: notFound: Not found: Dataset d:INFORMATION_SCHEMA was not found in location US
DROP TABLE d.INFORMATION_SCHEMA.TABLES
----
-- kind: CREATE_VIEW
-- ddl: CREATE p:d.catalog
CREATE VIEW d.catalog AS SELECT table_name FROM d.INFORMATION_SCHEMA.TABLES
----
-- columns: table_name STRING
-- row: ["catalog"]
-- row: ["t"]
SELECT * FROM d.catalog ORDER BY 1
