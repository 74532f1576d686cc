-- kind: CREATE_TABLE_AS_SELECT
-- ddl: CREATE p:d.people
CREATE TABLE d.people AS SELECT 1 AS id, 'Ann' AS name, STRUCT('Rome' AS city) AS address UNION ALL SELECT 2, 'Bob', STRUCT('Oslo')
----
-- kind: CREATE_VIEW
-- ddl: CREATE p:d.names
CREATE VIEW d.names OPTIONS(description="just names") AS SELECT name, address.city FROM d.people
----
-- columns: name STRING, city STRING
-- row: ["Ann", "Rome"]
-- row: ["Bob", "Oslo"]
-- tables: p:d.names, p:d.people
-- bytes: 22
SELECT * FROM d.names ORDER BY name
----
-- columns: c STRING
-- row: ["OSLO"]
-- row: ["ROME"]
-- tables: p:d.names, p:d.people
-- bytes: 12
SELECT UPPER(city) AS c FROM `p.d.names` ORDER BY 1
----
-- error: duplicate: Already Exists: Table p:d.names
CREATE VIEW d.names AS SELECT 1 AS a
----
-- kind: CREATE_VIEW
-- ddl: SKIP p:d.names
CREATE VIEW IF NOT EXISTS d.names AS SELECT 1 AS a
----
-- kind: CREATE_VIEW
-- ddl: CREATE p:d.upper_names
CREATE VIEW d.upper_names (shout, place) AS SELECT UPPER(name), city FROM `p.d.names`
----
-- columns: place STRING, shout STRING
-- row: ["Rome", "ANN"]
-- row: ["Oslo", "BOB"]
-- tables: p:d.names, p:d.people, p:d.upper_names
SELECT place, shout FROM d.upper_names ORDER BY shout
----
-- kind: CREATE_VIEW
-- ddl: REPLACE p:d.names
CREATE OR REPLACE VIEW d.names AS SELECT name, address.city, id FROM `p.d.people`
----
-- columns: shout STRING, place STRING
-- row: ["BOB", "Oslo"]
-- row: ["ANN", "Rome"]
SELECT * FROM d.upper_names ORDER BY place
----
-- error: invalidQuery: CREATE VIEW columns must be named, but column 1 has no name at [1:26]
CREATE VIEW d.unnamed AS SELECT 1
----
-- error: invalidQuery: Unrecognized name: nope; Did you mean name? at [1:32]
CREATE VIEW d.broken AS SELECT nope FROM d.people
----
-- kind: CREATE_MATERIALIZED_VIEW
-- ddl: CREATE p:d.counted
CREATE MATERIALIZED VIEW d.counted AS SELECT address.city AS city, COUNT(*) AS n FROM d.people GROUP BY city
----
-- columns: city STRING, n INT64
-- row: ["Oslo", 1]
-- row: ["Rome", 1]
SELECT * FROM d.counted ORDER BY city
----
-- columns: table_name STRING, table_type STRING
-- row: ["counted", "MATERIALIZED VIEW"]
-- row: ["names", "VIEW"]
-- row: ["people", "BASE TABLE"]
-- row: ["upper_names", "VIEW"]
SELECT table_name, table_type FROM d.INFORMATION_SCHEMA.TABLES ORDER BY table_name
----
-- columns: table_name STRING, view_definition STRING
-- row: ["names", "SELECT name, address.city, id FROM `p.d.people`"]
-- row: ["upper_names", "SELECT UPPER(name), city FROM `p.d.names`"]
SELECT table_name, view_definition FROM d.INFORMATION_SCHEMA.VIEWS ORDER BY table_name
----
-- error: invalidQuery: p:d.names is not allowed for this operation because it is currently a VIEW.
DROP TABLE d.names
----
-- error: invalidQuery: p:d.names is not allowed for this operation because it is currently a VIEW.
ALTER TABLE d.names ADD COLUMN x INT64
----
-- kind: ALTER_VIEW
-- ddl: ALTER p:d.names
ALTER VIEW d.names SET OPTIONS(description="changed")
----
-- kind: CREATE_VIEW
-- ddl: CREATE p:d.loop_b
CREATE VIEW d.loop_b AS SELECT id FROM d.people
----
-- kind: CREATE_VIEW
-- ddl: CREATE p:d.loop_a
CREATE VIEW d.loop_a AS SELECT id FROM d.loop_b
----
-- error: invalidQuery: View p:d.loop_b exceeds the maximum nesting depth of views, or refers to itself
CREATE OR REPLACE VIEW d.loop_b AS SELECT id FROM d.loop_a
----
-- columns: id INT64
-- row: [1]
-- row: [2]
SELECT * FROM d.loop_a
----
-- kind: DROP_TABLE
-- ddl: DROP p:d.people
DROP TABLE d.people
----
-- error: notFound: Not found: Table p:d.people was not found in location US
SELECT * FROM d.names
----
-- kind: DROP_VIEW
-- ddl: DROP p:d.names
DROP VIEW d.names
----
-- kind: DROP_MATERIALIZED_VIEW
-- ddl: DROP p:d.counted
DROP MATERIALIZED VIEW d.counted
----
-- kind: DROP_VIEW
-- ddl: SKIP p:d.names
DROP VIEW IF EXISTS d.names
----
-- kind: CREATE_TABLE_AS_SELECT
-- ddl: CREATE p:d.shrinks
CREATE TABLE d.shrinks AS SELECT 1 AS a, 2 AS b
----
-- kind: CREATE_VIEW
-- ddl: CREATE p:d.stale
CREATE VIEW d.stale AS SELECT b FROM d.shrinks
----
-- kind: CREATE_FUNCTION
-- ddl: CREATE p:d.stale_f
CREATE FUNCTION d.stale_f() AS ((SELECT MAX(b) FROM d.shrinks))
----
-- kind: ALTER_TABLE
-- ddl: ALTER p:d.shrinks
ALTER TABLE d.shrinks DROP COLUMN b
----
-- error: invalidQuery: Unrecognized name: b at [p.d.stale:1:8]
SELECT * FROM d.stale
----
-- error: invalidQuery: Unrecognized name: b at [p.d.stale_f:1:13]
SELECT d.stale_f()
----
-- kind: CREATE_FUNCTION
-- ddl: REPLACE p:d.stale_f
CREATE OR REPLACE FUNCTION d.stale_f() AS (1)
----
-- columns: one INT64
-- row: [1]
SELECT d.stale_f() AS one
----
-- kind: DROP_VIEW
-- ddl: DROP p:d.stale
DROP VIEW d.stale
