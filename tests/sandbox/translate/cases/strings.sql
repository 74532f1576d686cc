-- row: 5, 6, 2, 3
SELECT LENGTH('héllo'), BYTE_LENGTH('héllo'), CHAR_LENGTH('日本'), LENGTH(b'abc')
----
-- row: "ABCSS", "àb", "Hello World-Again", "bña"
SELECT UPPER('abcß'), LOWER('ÀB'), INITCAP('hello wORLD-again'), REVERSE('añb')
----
-- row: "pple", "pp", "le", "app", "ap", ""
SELECT SUBSTR('apple', 2), SUBSTR('apple', 2, 2), SUBSTR('apple', -2), SUBSTR('apple', 0, 3), SUBSTR('apple', -99, 2), SUBSTR('apple', 9)
----
-- error: Third argument in SUBSTR() cannot be negative
SELECT SUBSTR('apple', 1, -1)
----
-- row: "ap", "le", "ap", b'c'
SELECT LEFT('apple', 2), RIGHT('apple', 2), LEFT('ap', 9), RIGHT(b'abc', 1)
----
-- row: "  abc", "xyxyabc", "ab", "abc**"
SELECT LPAD('abc', 5), LPAD('abc', 7, 'xy'), RPAD('abc', 2), RPAD('abc', 5, '*')
----
-- row: "a", "a", "a", "a"
SELECT TRIM('  \t a \n'), TRIM('xxaxx', 'x'), LTRIM('xya', 'yx'), RTRIM('a  ')
----
-- row: "abc", NULL, "ab", b'ab'
SELECT CONCAT('a', 'b', 'c'), CONCAT('a', NULL), 'a' || 'b', b'a' || b'b'
----
-- row: "bANANa", "abc", "ababab", "xy"
SELECT REPLACE('banana', 'an', 'AN'), REPLACE('abc', '', 'x'), REPEAT('ab', 3), TRANSLATE('cab', 'abc', 'xy')
----
-- row: 3, 0, 4, 2, 6
SELECT STRPOS('banana', 'n'), STRPOS('banana', 'z'), INSTR('banana', 'an', 3), INSTR('banana', 'an', -1, 2), INSTR('banana', 'a', 1, 3)
----
-- row: ["a", "b", "", "c"], ["a", "b"], [""], ["a", "b", "c"]
SELECT SPLIT('a,b,,c'), SPLIT('a b', ' '), SPLIT('', ','), SPLIT('abc', '')
----
-- row: TRUE, TRUE, TRUE
SELECT STARTS_WITH('apple', 'ap'), ENDS_WITH('apple', 'le'), CONTAINS_SUBSTR('Blue House', 'blue')
----
-- row: 97, 233, "é", [97, 233], "aé", b'A\xff'
SELECT ASCII('a'), UNICODE('é'), CHR(233), TO_CODE_POINTS('aé'), CODE_POINTS_TO_STRING([97, 233]), CODE_POINTS_TO_BYTES([65, 255])
----
-- row: "1     2|3    |00004|+5", "1,234,567", "ff FF 10"
SELECT FORMAT('%d %5d|%-5d|%05d|%+d', 1, 2, 3, 4, 5), FORMAT('%\'d', 1234567), FORMAT('%x %X %o', 255, 255, 8)
----
-- row: "1.500000 2.35    3.142|1.234568e+04 0.0001", "a          b|c   |de"
SELECT FORMAT('%f %.2f %8.3f|%e %g', 1.5, 2.345, 3.14159, 12345.678, 0.0001), FORMAT('%s %10s|%-4s|%.2s', 'a', 'b', 'c', 'def')
----
-- row: "(1, a, [1.0, 2.5])", "(1, 'a\"b', DATE \"2024-01-01\")", "NULL|NULL"
SELECT FORMAT('%t', STRUCT(1, 'a', [1.0, 2.5])), FORMAT('%T', STRUCT(1, 'a"b', DATE '2024-01-01')), FORMAT('%t|%T', NULL, NULL)
----
-- row: "   42|2.2", "100%", NULL
SELECT FORMAT('%*d|%.*f', 5, 42, 1, 2.25), FORMAT('100%%'), FORMAT('%s', CAST(NULL AS STRING))
----
-- error: Invalid type for argument 2 to FORMAT; Expected integer; Got STRING at [1:8]
SELECT FORMAT('%d', 'a')
----
-- row: TRUE, TRUE, "fi"
SELECT NORMALIZE('\u00c5') = NORMALIZE('A\u030a'), NORMALIZE_AND_CASEFOLD('ÅNGSTRÖM') = NORMALIZE_AND_CASEFOLD('ångström'), NORMALIZE('ﬁ', NFKC)
----
-- row: "A261", "", 3, 2
SELECT SOUNDEX('Ashcraft'), SOUNDEX(''), EDIT_DISTANCE('kitten', 'sitting'), EDIT_DISTANCE('abc', 'xyz', max_distance => 2)
----
-- row: TRUE, TRUE, FALSE, TRUE, TRUE
SELECT 'abc' LIKE 'a%', 'a_c' LIKE 'a\\_c', 'abc' LIKE 'A%', 'a\nb' LIKE 'a%b', 'abc' LIKE 'a_c'
----
-- row: FALSE, TRUE, TRUE
SELECT 'a' < 'B', 'é' > 'z', '10' < '9'
----
-- row: NULL, NULL
SELECT SAFE.SUBSTR('abc', 1, -1), SAFE.LPAD('abc', -1)
----
-- error: Second argument (output size) for LPAD/RPAD cannot be negative
SELECT LPAD('abc', -1)
