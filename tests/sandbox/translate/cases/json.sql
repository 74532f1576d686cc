-- row: "2.50", "x", NULL, NULL, NULL
SELECT JSON_VALUE('{"a": {"b": [1, 2.50, "x"]}}', '$.a.b[1]'), JSON_VALUE('{"a": "x"}', '$.a'), JSON_VALUE('{"a": {}}', '$.a'), JSON_VALUE('{"a": null}', '$.a'), JSON_VALUE('not json', '$.a')
----
-- row: "{\"b\":1.50,\"c\":null}", NULL, "[2,3]", "1"
SELECT JSON_QUERY('{"a": {"b": 1.50,  "c": null}}', '$.a'), JSON_QUERY('{"a": null}', '$.a'), JSON_QUERY('[1, [2, 3]]', '$[1]'), JSON_QUERY('{"x y": 1}', '$."x y"')
----
-- error: Array cannot have a null element; error in writing field f0_
SELECT JSON_VALUE_ARRAY('{"a": [1, "two", null]}', '$.a'), JSON_QUERY_ARRAY('[1, {"b": 2}]'), JSON_VALUE_ARRAY('{"a": [[1]]}', '$.a')
----
-- row: "{\"b\":1}", "1", ["1", "2"], ["x", "y"]
SELECT JSON_EXTRACT('{"a": {"b": 1}}', '$.a'), JSON_EXTRACT_SCALAR('{"a b": 1}', "$['a b']"), JSON_EXTRACT_ARRAY('[1, 2]'), JSON_EXTRACT_STRING_ARRAY('["x", "y"]')
----
-- error: JSONPath must start with '$'
SELECT JSON_VALUE('{"a": 1}', 'a')
----
-- row: {"a":[1,2.0,null],"b":1}, {"y":2,"z":1}
SELECT PARSE_JSON('{"b": 1, "a": [1, 2.0, null], "b": 3}'), JSON '{"z": 1, "y": 2}'
----
-- error: syntax error while parsing value: {"a":
SELECT PARSE_JSON('{"a":')
----
-- row: "x", "x", 2, NULL, {"b":"x"}
SELECT j.a.b, j.a['b'], j.list[1], j.missing, j['a'] FROM (SELECT JSON '{"a": {"b": "x"}, "list": [1, 2]}' AS j)
----
-- row: "x", 10, 1.5, TRUE
SELECT STRING(JSON '"x"'), INT64(JSON '10'), FLOAT64(JSON '1.5'), BOOL(JSON 'true')
----
-- error: The provided JSON input is not an integer
SELECT INT64(JSON '"10"')
----
-- row: 10, "1.5", TRUE, NULL, NULL
SELECT LAX_INT64(JSON '"10"'), LAX_STRING(JSON '1.5'), LAX_BOOL(JSON '"true"'), LAX_FLOAT64(JSON '"x"'), LAX_INT64(JSON 'null')
----
-- row: "{\"a\":1,\"b\":\"q\\\"\",\"c\":[1.5,2],\"d\":null,\"e\":\"2024-01-01\",\"f\":\"YWI=\",\"g\":\"9007199254740993\"}"
SELECT TO_JSON_STRING(STRUCT(1 AS a, 'q"' AS b, [1.5, 2] AS c, NULL AS d, DATE '2024-01-01' AS e, b'ab' AS f, 9007199254740993 AS g))
----
-- row: "\"2024-01-01T01:02:03.500Z\"", "\"2024-01-01T01:02:03\"", "\"NaN\"", "\"1.5\"", "1e+21"
SELECT TO_JSON_STRING(TIMESTAMP '2024-01-01 01:02:03.5+00'), TO_JSON_STRING(DATETIME '2024-01-01 01:02:03'), TO_JSON_STRING(CAST('nan' AS FLOAT64)), TO_JSON_STRING(NUMERIC '1.50'), TO_JSON_STRING(1e21)
----
-- row: "{\n  \"a\": 1,\n  \"b\": [\n    1,\n    2\n  ]\n}"
SELECT TO_JSON_STRING(STRUCT(1 AS a, [1, 2] AS b), TRUE)
----
-- row: {"a":1.0,"b":2}, [1,null], null, "2024-01-01"
SELECT TO_JSON(STRUCT(2 AS b, 1.0 AS a)), TO_JSON([1, NULL]), TO_JSON(NULL), TO_JSON(DATE '2024-01-01')
----
-- row: {"a":[1,2],"b":1}, [1,"x",null,true], {"k":1,"l":2}
SELECT JSON_OBJECT('b', 1, 'a', [1, 2]), JSON_ARRAY(1, 'x', NULL, TRUE), JSON_OBJECT(['k', 'l'], [1, 2])
----
-- row: {"a":1,"b":{"c":"x"}}, {"a":[1,null,9]}, {"b":[2]}, {"b":[1]}
SELECT JSON_SET(JSON '{"a": 1}', '$.b.c', 'x'), JSON_SET(JSON '{"a": [1]}', '$.a[2]', 9), JSON_REMOVE(JSON '{"a": 1, "b": [1, 2]}', '$.a', '$.b[0]'), JSON_STRIP_NULLS(JSON '{"a": null, "b": [null, 1]}')
----
-- row: {"a":[1,2,3,4]}, [1,2,3,4]
SELECT JSON_ARRAY_APPEND(JSON '{"a": [1]}', '$.a', 2, '$.a', [3, 4]), JSON_ARRAY_INSERT(JSON '[1, 4]', '$[1]', [2, 3])
----
-- row: "object", "array", "number", "string", "null", "boolean"
SELECT JSON_TYPE(JSON '{}'), JSON_TYPE(JSON '[]'), JSON_TYPE(JSON '1'), JSON_TYPE(JSON '"s"'), JSON_TYPE(JSON 'null'), JSON_TYPE(JSON 'true')
----
-- row: ["a", "a.b", "c d"], ["a"]
SELECT JSON_KEYS(JSON '{"a": {"b": 1}, "c d": 2}'), JSON_KEYS(JSON '{"a": {"b": 1}}', 1)
----
-- row: {a: 1, b: {c: "x"}}, "{\"a\":1,\"b\":{\"c\":\"x\"}}"
SELECT t, TO_JSON_STRING(t) FROM (SELECT 1 AS a, STRUCT('x' AS c) AS b) AS t
----
-- row: "x"
-- row: "y"
SELECT JSON_VALUE(e, '$.k') AS k FROM UNNEST(JSON_QUERY_ARRAY('[{"k": "x"}, {"k": "y"}]')) AS e
----
-- row: NULL, NULL
SELECT SAFE.PARSE_JSON('{'), SAFE.INT64(JSON '"x"')
----
-- row: [1,2], [1], []
SELECT JSON_QUERY(JSON '{"a": [{"b": 1}, {"b": 2}]}', 'lax $.a.b') AS lax, JSON_QUERY(JSON '{"a": [[{"b": 1}]]}', 'lax recursive $.a.b') AS deep, JSON_QUERY(JSON '{"a": 1}', 'lax $.z') AS nothing
