-- kind: CREATE_TABLE
-- ddl: CREATE p:d.people
CREATE TABLE d.people (
  id INT64 NOT NULL, name STRING(5), age INT64 DEFAULT 18, tags ARRAY<STRING>,
  home STRUCT<city STRING, zip INT64>, credit NUMERIC(5, 2), made TIMESTAMP DEFAULT CURRENT_TIMESTAMP()
)
----
-- kind: INSERT
-- dml: 2 inserted, 0 updated, 0 deleted
INSERT INTO d.people (id, name, tags) VALUES (1, 'Ann', ['a', 'b']), (2, 'Bob', NULL)
----
-- kind: INSERT
-- dml: 2 inserted, 0 updated, 0 deleted
INSERT d.people (id, age, name) VALUES (3, DEFAULT, DEFAULT), (4, NULL, 'Dee')
----
-- columns: id INT64, name STRING, age INT64, tags ARRAY<STRING>, home STRUCT<city STRING, zip INT64>, credit NUMERIC, stamped BOOL
-- row: [1, "Ann", 18, ["a", "b"], null, null, true]
-- row: [2, "Bob", 18, [], null, null, true]
-- row: [3, null, 18, [], null, null, true]
-- row: [4, "Dee", null, [], null, null, true]
SELECT id, name, age, tags, home, credit, made IS NOT NULL AS stamped FROM d.people ORDER BY id
----
-- kind: INSERT
-- dml: 2 inserted, 0 updated, 0 deleted
INSERT INTO d.people (id, home, credit) SELECT id + 10, STRUCT('Rome', 7), NUMERIC '1.255' FROM d.people WHERE id < 3
----
-- columns: id INT64, home STRUCT<city STRING, zip INT64>, credit NUMERIC
-- row: [11, {"city": "Rome", "zip": 7}, "1.26"]
-- row: [12, {"city": "Rome", "zip": 7}, "1.26"]
SELECT id, home, credit FROM d.people WHERE id > 10 ORDER BY id
----
-- error: invalidQuery: Required field id cannot be null
INSERT INTO d.people (name) VALUES ('Eve')
----
-- error: invalidQuery: Field name: STRING(5) has maximum length 5 but got a longer value
INSERT INTO d.people (id, name) VALUES (9, 'longer than five')
----
-- error: invalidQuery: Field credit: NUMERIC(5, 2) has a value that is not in range of [-999.99, 999.99]
INSERT INTO d.people (id, credit) VALUES (9, 1000)
----
-- error: invalidQuery: Array cannot have a null element; error in writing field tags
INSERT INTO d.people (id, tags) VALUES (9, ['a', NULL])
----
-- error: invalidQuery: Value has type STRING which cannot be inserted into column id, which has type INT64 at [1:35]
INSERT INTO d.people (id) VALUES ('x')
----
-- error: invalidQuery: Column nope is not present in table p.d.people at [1:23]
INSERT INTO d.people (nope) VALUES (1)
----
-- error: notFound: Not found: Table p:d.nothing was not found in location US
INSERT INTO d.nothing (a) VALUES (1)
----
-- columns: n INT64
-- row: [6]
SELECT COUNT(*) AS n FROM d.people
----
-- kind: UPDATE
-- dml: 0 inserted, 2 updated, 0 deleted
UPDATE d.people SET age = age + 1, name = UPPER(name) WHERE id <= 2
----
-- kind: UPDATE
-- dml: 0 inserted, 2 updated, 0 deleted
UPDATE d.people SET home.city = 'Oslo' WHERE home IS NOT NULL
----
-- kind: UPDATE
-- dml: 0 inserted, 1 updated, 0 deleted
UPDATE d.people SET tags = ARRAY_CONCAT(tags, ['c']), age = DEFAULT WHERE id = 1
----
-- columns: id INT64, name STRING, age INT64, tags ARRAY<STRING>, home STRUCT<city STRING, zip INT64>
-- row: [1, "ANN", 18, ["a", "b", "c"], null]
-- row: [2, "BOB", 19, [], null]
-- row: [3, null, 18, [], null]
-- row: [4, "Dee", null, [], null]
-- row: [11, null, 18, [], {"city": "Oslo", "zip": 7}]
-- row: [12, null, 18, [], {"city": "Oslo", "zip": 7}]
SELECT id, name, age, tags, home FROM d.people ORDER BY id
----
-- error: invalidQuery: UPDATE must have a WHERE clause at [1:1]
UPDATE d.people SET age = 1
----
-- kind: UPDATE
-- dml: 0 inserted, 0 updated, 0 deleted
UPDATE d.people SET age = 1 WHERE FALSE
----
-- kind: CREATE_TABLE_AS_SELECT
-- ddl: CREATE p:d.news
CREATE TABLE d.news AS SELECT 1 AS id, 50 AS age UNION ALL SELECT 4, 60
----
-- kind: UPDATE
-- dml: 0 inserted, 2 updated, 0 deleted
UPDATE d.people AS p SET age = n.age FROM d.news AS n WHERE p.id = n.id
----
-- error: invalidQuery: UPDATE/MERGE must match at most one source row for each target row
UPDATE d.people AS p SET age = n.age FROM (SELECT 1 AS id, 1 AS age UNION ALL SELECT 1, 2) AS n WHERE p.id = n.id
----
-- error: invalidQuery: Required field id cannot be null
UPDATE d.people SET id = NULL WHERE id = 1
----
-- columns: id INT64, age INT64
-- row: [1, 50]
-- row: [2, 19]
-- row: [3, 18]
-- row: [4, 60]
SELECT id, age FROM d.people WHERE id < 10 ORDER BY id
----
-- kind: DELETE
-- dml: 0 inserted, 0 updated, 2 deleted
DELETE FROM d.people WHERE id > 10
----
-- kind: DELETE
-- dml: 0 inserted, 0 updated, 1 deleted
DELETE d.people AS p WHERE EXISTS (SELECT 1 FROM d.news AS n WHERE n.id = p.id AND n.id = 4)
----
-- error: invalidQuery: DELETE must have a WHERE clause at [1:1]
DELETE FROM d.people
----
-- kind: MERGE
-- dml: 1 inserted, 2 updated, 1 deleted
MERGE d.people AS t
USING (SELECT 1 AS id, 'One' AS name UNION ALL SELECT 3, 'Tri' UNION ALL SELECT 7, 'New') AS s
ON t.id = s.id
WHEN MATCHED AND s.id = 3 THEN DELETE
WHEN MATCHED THEN UPDATE SET name = s.name, age = t.age + 1
WHEN NOT MATCHED THEN INSERT (id, name) VALUES (s.id, s.name)
WHEN NOT MATCHED BY SOURCE AND t.id = 2 THEN UPDATE SET name = 'gone'
----
-- columns: id INT64, name STRING, age INT64
-- row: [1, "One", 51]
-- row: [2, "gone", 19]
-- row: [7, "New", 18]
SELECT id, name, age FROM d.people ORDER BY id
----
-- error: invalidQuery: UPDATE/MERGE must match at most one source row for each target row
MERGE d.people AS t USING (SELECT 1 AS id UNION ALL SELECT 1) AS s ON t.id = s.id
WHEN MATCHED THEN UPDATE SET age = 0
----
-- kind: MERGE
-- dml: 1 inserted, 0 updated, 3 deleted
MERGE d.people AS t USING (SELECT 99 AS id, 'Row' AS name) AS s ON FALSE
WHEN NOT MATCHED THEN INSERT (id, name) ROW
WHEN NOT MATCHED BY SOURCE THEN DELETE
----
-- columns: id INT64, name STRING, age INT64, tags ARRAY<STRING>
-- row: [99, "Row", 18, []]
SELECT id, name, age, tags FROM d.people
----
-- kind: CREATE_VIEW
-- ddl: CREATE p:d.v
CREATE VIEW d.v AS SELECT id FROM d.people
----
-- error: invalidQuery: p.d.v is not allowed for this operation because it is currently a VIEW.
DELETE FROM d.v WHERE TRUE
----
-- error: invalidQuery: p.d.v is not allowed for this operation because it is currently a VIEW.
INSERT INTO d.v (id) VALUES (1)
----
-- kind: SCRIPT
-- columns: changed INT64, deleted INT64
-- row: [2, 1]
-- child: INSERT
-- child: DELETE
-- child: SELECT
DECLARE changed INT64;
INSERT INTO d.people (id) VALUES (100), (101);
SET changed = @@row_count;
DELETE FROM d.people WHERE id = 100;
SELECT changed, @@row_count AS deleted
----
-- kind: SCRIPT
-- columns: a INT64
-- row: [10]
-- row: [20]
-- child: CREATE_TABLE_AS_SELECT
-- child: INSERT
-- child: UPDATE
-- child: SELECT
CREATE TEMP TABLE t AS SELECT 1 AS a;
INSERT INTO t (a) VALUES (2);
UPDATE t SET a = a * 10 WHERE TRUE;
SELECT a FROM t ORDER BY a
----
-- kind: SCRIPT
-- columns: after INT64
-- row: [0]
-- child: BEGIN_TRANSACTION
-- child: INSERT
-- child: SELECT
-- child: ROLLBACK_TRANSACTION
-- child: SELECT
BEGIN TRANSACTION;
INSERT INTO d.people (id) VALUES (200);
SELECT COUNT(*) AS inside FROM d.people WHERE id = 200;
ROLLBACK TRANSACTION;
SELECT COUNT(*) AS after FROM d.people WHERE id = 200
----
-- kind: SCRIPT
-- columns: id INT64
-- row: [99]
-- row: [200]
-- child: BEGIN_TRANSACTION
-- child: INSERT
-- child: DELETE
-- child: COMMIT_TRANSACTION
-- child: SELECT
BEGIN TRANSACTION;
INSERT INTO d.people (id) VALUES (200);
DELETE FROM d.people WHERE id = 101;
COMMIT TRANSACTION;
SELECT id FROM d.people ORDER BY id
----
-- kind: SCRIPT
-- columns: n INT64
-- row: [0]
-- child: BEGIN_TRANSACTION
-- child: INSERT
-- child: SELECT failed: boom
-- child: SELECT
-- child: ROLLBACK_TRANSACTION
-- child: SELECT
BEGIN
  BEGIN TRANSACTION;
  INSERT INTO d.people (id) VALUES (300);
  SELECT ERROR('boom');
  COMMIT TRANSACTION;
EXCEPTION WHEN ERROR THEN
  SELECT @@error.message AS m;
  ROLLBACK TRANSACTION;
END;
SELECT COUNT(*) AS n FROM d.people WHERE id = 300
----
-- kind: SCRIPT
-- child: BEGIN_TRANSACTION
-- child: INSERT
BEGIN TRANSACTION; INSERT INTO d.people (id) VALUES (400)
----
-- columns: n INT64
-- row: [0]
SELECT COUNT(*) AS n FROM d.people WHERE id = 400
----
-- kind: TRUNCATE_TABLE
-- dml: 0 inserted, 0 updated, 2 deleted
TRUNCATE TABLE d.people
----
-- columns: n INT64
-- row: [0]
SELECT COUNT(*) AS n FROM d.people
----
-- kind: CREATE_TABLE
-- ddl: CREATE p:d.ingested
CREATE TABLE d.ingested (a INT64) PARTITION BY _PARTITIONDATE
----
-- kind: INSERT
-- dml: 1 inserted, 0 updated, 0 deleted
INSERT INTO d.ingested (a) VALUES (1)
----
-- columns: a INT64, today BOOL, whole BOOL
-- row: [1, true, true]
SELECT a, _PARTITIONDATE = CURRENT_DATE() AS today, TIMESTAMP_TRUNC(_PARTITIONTIME, DAY) = _PARTITIONTIME AS whole FROM d.ingested
----
-- kind: SCRIPT
-- child: CREATE_TABLE_AS_SELECT
-- child: CREATE_TABLE_AS_SELECT
CREATE TABLE d.log_20240101 AS SELECT 1 AS a; CREATE TABLE d.log_20240102 AS SELECT 2 AS a, 'x' AS b
----
-- columns: a INT64, b STRING, day STRING
-- row: [1, null, "20240101"]
-- row: [2, "x", "20240102"]
SELECT a, b, _TABLE_SUFFIX AS day FROM `p.d.log_*` WHERE _TABLE_SUFFIX >= '20240101' ORDER BY a
----
-- columns: a INT64
-- row: [2]
SELECT a FROM d.`log_2024*` ORDER BY a DESC LIMIT 1
----
-- error: notFound: p:d.nolog_* does not match any table.
SELECT * FROM `d.nolog_*`
