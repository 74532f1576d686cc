-- kind: SCRIPT
-- columns: z STRING, x INT64
-- row: ["42-1", 42]
-- child: SELECT
DECLARE x, y INT64 DEFAULT 1;
DECLARE z STRING;
SET x = x + 41;
SET z = FORMAT('%d-%d', x, y);
SELECT z, x
----
-- kind: SCRIPT
-- columns: r STRING
-- row: ["three"]
-- child: SELECT
DECLARE x INT64 DEFAULT 3;
IF x = 1 THEN SELECT 'one' AS r;
ELSEIF x = 3 THEN SELECT 'three' AS r;
ELSE SELECT 'other' AS r;
END IF
----
-- kind: SCRIPT
-- columns: seen ARRAY<INT64>, i INT64
-- row: [[1, 3, 5, 7], 9]
-- child: SELECT
DECLARE i INT64 DEFAULT 0;
DECLARE seen ARRAY<INT64> DEFAULT [];
outer_loop: LOOP
  SET i = i + 1;
  IF MOD(i, 2) = 0 THEN CONTINUE; END IF;
  WHILE TRUE DO
    IF i > 7 THEN LEAVE outer_loop; END IF;
    SET seen = ARRAY_CONCAT(seen, [i]);
    BREAK;
  END WHILE;
END LOOP;
SELECT seen, i
----
-- kind: SCRIPT
-- columns: i INT64
-- row: [2]
-- child: SELECT
DECLARE i INT64 DEFAULT 5;
REPEAT SET i = i - 1; UNTIL i <= 2 END REPEAT;
SELECT i
----
-- kind: SCRIPT
-- columns: names ARRAY<STRING>
-- row: [["Bob2", "Ann1"]]
-- child: SELECT
DECLARE names ARRAY<STRING> DEFAULT [];
FOR person IN (SELECT id, name FROM UNNEST([STRUCT(1 AS id, 'Ann' AS name), (2, 'Bob')]) ORDER BY id DESC) DO
  SET names = ARRAY_CONCAT(names, [CONCAT(person.name, CAST(person.id AS STRING))]);
END FOR;
SELECT names
----
-- kind: SCRIPT
-- columns: r STRING
-- row: ["two"]
-- child: SELECT
CASE 1 + 1 WHEN 1 THEN SELECT 'one' AS r; WHEN 2 THEN SELECT 'two' AS r; ELSE SELECT 'many' AS r; END CASE
----
-- error: invalidQuery: Query error: No matching WHEN clause found in CASE statement at [1:1]
CASE WHEN FALSE THEN SELECT 1; END CASE
----
-- kind: SCRIPT
-- columns: a INT64, b STRING
-- row: [7, "seven"]
-- child: SELECT
DECLARE a INT64; DECLARE b STRING;
SET (a, b) = (7, 'seven');
SELECT a, b
----
-- kind: SCRIPT
-- columns: a FLOAT64, d DATE, q STRING
-- row: [1.0, "2024-02-29", "x"]
-- child: SELECT
DECLARE a FLOAT64 DEFAULT 1;
DECLARE d DATE DEFAULT '2024-02-29';
DECLARE u DEFAULT (SELECT AS STRUCT 1 AS p, 'x' AS q);
SELECT a, d, u.q
----
-- error: invalidQuery: Query error: Cannot coerce expression of type STRING to type INT64 at [2:9]
DECLARE x INT64;
SET x = 'abc'
----
-- error: invalidQuery: Query error: Undeclared variable: nothing at [1:1]
SET nothing = 1
----
-- error: invalidQuery: Query error: Variable 'X' redeclared at [1:18]
DECLARE x INT64; DECLARE X STRING
----
-- error: invalidQuery: Query error: Variable declarations are only allowed at the start of a block or script at [1:16]
SELECT 1 AS a; DECLARE x INT64
----
-- kind: SCRIPT
-- columns: m STRING, s STRING, l INT64
-- row: ["boom", "SELECT ERROR('boom')", 3]
-- child: SELECT
-- child: SELECT failed: boom
-- child: SELECT
BEGIN
  SELECT 1 AS before;
  SELECT ERROR('boom');
  SELECT 2 AS never;
EXCEPTION WHEN ERROR THEN
  SELECT @@error.message AS m, @@error.statement_text AS s, @@error.stack_trace[OFFSET(0)].line AS l;
END
----
-- kind: SCRIPT
-- columns: m STRING
-- row: ["inner"]
-- child: SELECT
BEGIN
  BEGIN RAISE USING MESSAGE = 'inner'; EXCEPTION WHEN ERROR THEN RAISE; END;
EXCEPTION WHEN ERROR THEN SELECT @@error.message AS m;
END
----
-- error: invalidQuery: Query error: boom at [2:3]
SELECT 1;
  SELECT ERROR('boom')
----
-- error: invalidQuery: Query error: stop here at [1:1]
RAISE USING MESSAGE = 'stop here'
----
-- error: invalidQuery: Query error: Unrecognized name: inside at [2:8]
BEGIN DECLARE inside INT64 DEFAULT 1; SELECT inside; END;
SELECT inside
----
-- kind: SCRIPT
-- columns: s INT64
-- row: [3]
-- child: SELECT
EXECUTE IMMEDIATE 'SELECT ? + ? AS s' USING 1, 2
----
-- kind: SCRIPT
-- columns: a INT64, b STRING
-- row: [42, "x"]
-- child: SELECT
-- child: SELECT
DECLARE a INT64; DECLARE b STRING;
EXECUTE IMMEDIATE 'SELECT @n * 2, @t' INTO a, b USING 21 AS n, 'x' AS t;
SELECT a, b
----
-- kind: SCRIPT
-- columns: a INT64
-- row: [null]
-- child: SELECT
-- child: SELECT
DECLARE a INT64 DEFAULT 5;
EXECUTE IMMEDIATE 'SELECT n FROM UNNEST([1, 2]) AS n WHERE n > 10' INTO a;
SELECT a
----
-- error: invalidQuery: Query error: Query in EXECUTE IMMEDIATE ... INTO returned more than one row at [2:1]
DECLARE a INT64;
EXECUTE IMMEDIATE 'SELECT n FROM UNNEST([1, 2]) AS n' INTO a
----
-- error: invalidQuery: Query error: SQL created by EXECUTE IMMEDIATE must be a single SQL statement at [1:1]
EXECUTE IMMEDIATE 'SELECT 1; SELECT 2'
----
-- kind: SCRIPT
-- columns: answer INT64
-- row: [42]
-- child: CREATE_TABLE_AS_SELECT
-- child: SELECT
EXECUTE IMMEDIATE CONCAT('CREATE TABLE d.made AS SELECT ', '42 AS answer');
SELECT answer FROM d.made
----
-- kind: SCRIPT
-- columns: a INT64, b STRING
-- row: [2, null]
-- child: CREATE_TABLE_AS_SELECT
-- child: CREATE_TABLE_AS_SELECT
-- child: ALTER_TABLE
-- child: SELECT
CREATE TEMP TABLE t AS SELECT 1 AS a;
CREATE OR REPLACE TEMP TABLE t AS SELECT a + 1 AS a FROM t;
ALTER TABLE t ADD COLUMN b STRING;
SELECT * FROM t
----
-- error: notFound: Not found: Table p:d.t was not found in location US
SELECT * FROM t
----
-- kind: SCRIPT
-- columns: answer INT64
-- row: [42]
-- child: CREATE_TABLE_AS_SELECT
-- child: SELECT
-- child: DROP_TABLE
-- child: SELECT
CREATE TEMP TABLE made AS SELECT 'temporary' AS answer;
SELECT answer FROM made;
DROP TABLE made;
SELECT answer FROM made
----
-- kind: SCRIPT
-- columns: n INT64
-- row: [1]
-- child: SELECT
-- child: SELECT
SELECT @@script.num_child_jobs AS n; SELECT @@script.num_child_jobs AS n
----
-- error: notFound: Not found: Dataset p:other was not found in location US
SET @@dataset_id = 'other'; SELECT @@dataset_id AS id; SELECT answer FROM made
----
-- kind: SCRIPT
-- columns: h INT64
-- row: [19]
-- child: SELECT
SET @@time_zone = 'America/New_York'; SELECT EXTRACT(HOUR FROM TIMESTAMP '2024-01-01 00:00:00+00') AS h
----
-- kind: SCRIPT
RETURN; SELECT 1
----
-- error: invalidQuery: BREAK is only allowed inside of a loop body
IF TRUE THEN BREAK; END IF
----
-- kind: SCRIPT
-- columns: x INT64
-- row: [2]
-- child: SELECT
DECLARE x INT64 DEFAULT 1;
SELECT x AS x FROM (SELECT 2 AS x)
----
-- kind: ASSERT
ASSERT (SELECT COUNT(*) FROM d.made) = 1
----
-- error: invalidQuery: Assertion failed: told you
ASSERT FALSE AS 'told you'
----
-- kind: SCRIPT
-- child: BEGIN_TRANSACTION
-- child: SELECT
-- child: COMMIT_TRANSACTION
BEGIN TRANSACTION; SELECT answer FROM d.made; COMMIT TRANSACTION
----
-- error: invalidQuery: Query error: CREATE TABLE AS SELECT is not supported inside a transaction at [1:20]
BEGIN TRANSACTION; CREATE TABLE d.no AS SELECT 1 AS a
----
-- error: invalidQuery: Cannot commit: no transaction is in progress
COMMIT TRANSACTION
----
-- error: invalidQuery: Query error: Transaction is already in progress; nested transactions are not supported at [1:20]
BEGIN TRANSACTION; BEGIN TRANSACTION
----
-- error: notFound: Not found: Table p:d.y was not found in location US
CREATE TEMP TABLE x AS SELECT 1 AS a; BEGIN TRANSACTION; CREATE TEMP TABLE y AS SELECT a FROM x; ROLLBACK TRANSACTION; SELECT * FROM x; SELECT * FROM y
----
-- kind: SCRIPT
-- columns: same BOOL, later BOOL, created BOOL
-- row: [true, true, true]
-- child: SELECT
DECLARE first TIMESTAMP DEFAULT CURRENT_TIMESTAMP();
SELECT CURRENT_TIMESTAMP() = CURRENT_TIMESTAMP() AS same, CURRENT_TIMESTAMP() > first AS later, @@script.creation_time <= first AS created
