-- columns: email STRING
-- tables: acme.shop.customers
SELECT email FROM customers
----
-- columns: id INT64, email STRING, tags ARRAY<STRING>, address STRUCT<city STRING, zip STRING>
-- tables: acme.shop.customers
SELECT * FROM shop.customers
----
-- columns: code INT64
-- tables: other.shop.customers
SELECT * FROM other.shop.customers
----
-- columns: email STRING
-- tables: acme.shop.customers
-- sql: SELECT customers.email FROM `acme`.`shop`.`customers`
SELECT customers.email FROM `acme.shop.customers`
----
-- columns: f0_ INT64
-- tables: acme.shop.customers, acme.shop.orders
-- sql: SELECT COUNT(*) FROM `shop`.`customers` AS c JOIN `acme`.`shop`.`orders` AS o ON o.customer_id = c.id
SELECT COUNT(*) FROM `shop.customers` AS c JOIN `acme.shop`.orders AS o ON o.customer_id = c.id
----
-- columns: id INT64
-- tables: example.com:legacy.shop.users
-- sql: SELECT * FROM `example.com:legacy`.`shop`.`users`
SELECT * FROM `example.com:legacy.shop.users`
----
-- columns: _PARTITIONTIME TIMESTAMP
-- tables: acme.shop.customers
SELECT _PARTITIONTIME FROM customers
----
-- columns: id INT64, _TABLE_SUFFIX STRING
-- tables: acme.shop.events_*
-- sql: SELECT *, _TABLE_SUFFIX FROM `acme`.`shop`.`events_*` WHERE _TABLE_SUFFIX > '2024'
SELECT *, _TABLE_SUFFIX FROM `acme.shop.events_*` WHERE _TABLE_SUFFIX > '2024'
----
-- columns: table_name STRING
-- tables: acme.shop.INFORMATION_SCHEMA.TABLES
SELECT table_name FROM shop.INFORMATION_SCHEMA.tables
----
-- columns: job_id STRING
-- tables: acme.region-us.INFORMATION_SCHEMA.JOBS
SELECT * FROM `region-us`.INFORMATION_SCHEMA.JOBS
----
-- columns: id INT64
-- tables: recent
SELECT * FROM _SESSION.recent
----
-- columns: sku STRING, i STRUCT<sku STRING, count INT64>
-- tables: acme.shop.orders
SELECT i.sku, i FROM orders AS o, o.items AS i
----
-- columns: city STRING, zip STRING
-- tables: acme.shop.customers
SELECT address.* FROM customers
----
-- columns: f0_ INT64, a INT64, f1_ STRING
SELECT 1, 2 AS a, 'x'
----
-- columns: a INT64, f0_ INT64
SELECT AS STRUCT 1 AS a, 2
----
-- columns: x INT64
-- tables: acme.shop.customers
WITH customers AS (SELECT id AS x FROM customers) SELECT * FROM customers
----
-- columns: f0_ INT64, f1_ INT64, f2_ ARRAY<STRING>, f3_ STRING
-- sql: SELECT shop.plus(1), `acme`.`shop`.`plus`(2), wrap('a'), shop.clean('b')
SELECT shop.plus(1), `acme.shop.plus`(2), wrap('a'), shop.clean('b')
----
-- columns: f0_ FLOAT64
-- tables: acme.shop.orders
SELECT shop.twice(id) FROM orders
----
-- columns: id INT64, n INT64, name STRING
SELECT * FROM shop.numbered(1), listed(2)
----
-- columns: f0_ INT64, a INT64, f1_ INT64, f2_ STRING
SELECT local(total), line.a, @@row_count, @@error.message
----
-- kind: CALL
CALL shop.refresh(total, answer)
----
-- columns: f0_ INT64, f1_ BOOL, f2_ BOOL, f3_ FLOAT64
-- tables: acme.shop.customers
SELECT MAX_BY(id, email), LOGICAL_OR(CONTAINS_SUBSTR(c, 'x')), LOGICAL_OR(SEARCH(c, 'a')), ML.DISTANCE([1.0], [2.0])
FROM customers AS c
----
-- columns: id INT64, _CHANGE_TYPE STRING
-- tables: acme.shop.orders
SELECT id, _CHANGE_TYPE FROM APPENDS(TABLE shop.orders, NULL, NULL)
----
-- columns: query STRUCT<v ARRAY<FLOAT64>>, base STRUCT<v ARRAY<FLOAT64>>, distance FLOAT64
-- tables: acme.shop.vectors
SELECT * FROM VECTOR_SEARCH(TABLE vectors, 'v', TABLE vectors, top_k => 3)
----
-- columns: email STRING, n INT64
-- tables: acme.shop.customers
FROM customers |> WHERE id > 1 |> AGGREGATE COUNT(*) AS n GROUP BY email
----
-- kind: DELETE
-- columns: id INT64
-- tables: acme.shop.orders
DELETE FROM orders WHERE id = 1 THEN RETURN id
----
-- kind: MERGE
-- tables: acme.shop.customers, acme.shop.orders
MERGE orders AS o USING customers AS c ON o.customer_id = c.id
WHEN MATCHED THEN UPDATE SET id = c.id
WHEN NOT MATCHED THEN INSERT (id) VALUES (c.id)
----
-- kind: CREATE_TABLE_AS_SELECT
-- columns: x INT64, email STRING
-- tables: acme.shop.customers
CREATE TABLE shop.copy AS SELECT 1 AS x, email FROM customers
----
-- kind: CREATE_TABLE
CREATE TABLE shop.t (a INT64 NOT NULL, b STRING(10) DEFAULT 'x') PARTITION BY DATE(_PARTITIONTIME) CLUSTER BY a
----
-- error: Syntax error: Unexpected ")" at [1:8]
SELECT )
----
-- error: Syntax error: Expected end of input but got keyword SELECT at [1:11]
SELECT 1; SELECT 2
----
-- error: Unrecognized name: nope at [1:8]
SELECT nope FROM customers
----
-- error: Unrecognized name: nope at [1:48]
SELECT * FROM `acme.shop.customers` AS c WHERE nope
----
-- error: Unrecognized name: nope at [2:39]
SELECT 'é', *
FROM `acme.shop.customers` AS c WHERE nope
----
-- error: Unrecognized name: nope at [1:8]
SELECT nope FROM `acme.shop.customers`
----
-- error: Table not found: Customers at [1:15]
SELECT * FROM Customers
----
-- error: Table not found: acme.SHOP.customers at [1:15]
SELECT * FROM `acme.SHOP.customers`
----
-- error: Table not found: net.hosts at [1:15]
SELECT * FROM net.hosts
----
-- columns: ip STRING
-- tables: acme.net.hosts
SELECT * FROM acme.net.hosts
----
-- error: Table-valued function not found: EXTERNAL_QUERY at [1:15]
SELECT * FROM EXTERNAL_QUERY('c', 'SELECT 1')
----
-- error: Legacy SQL is not supported; remove #legacySQL and write GoogleSQL at [1:1]
#legacySQL
SELECT 1
----
-- error: Legacy SQL is not supported; remove #legacySQL and write GoogleSQL at [1:1]
/* a comment */ # another
  #LegacySQL
SELECT 1
----
-- columns: f0_ STRING
SELECT '#legacySQL' -- #legacySQL
----
-- error: Syntax error: Unexpected "[" at [1:15]
SELECT * FROM [acme:shop.customers]
----
-- error: Pipe INSERT not supported at [1:16]
FROM customers |> INSERT INTO orders (id)
