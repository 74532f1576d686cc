-- row: TRUE, FALSE, TRUE
SELECT REGEXP_CONTAINS('foo@example.com', r'@[a-z]+\.com$'), REGEXP_CONTAINS('ABC', 'b'), REGEXP_CONTAINS('ABC', '(?i)b')
----
-- row: "foo", "example", NULL, NULL
SELECT REGEXP_EXTRACT('foo@example.com', r'^[a-z]+'), REGEXP_EXTRACT('foo@example.com', r'@([a-z]+)\.'), REGEXP_EXTRACT('foo', 'x'), REGEXP_EXTRACT('ab', 'a(c)?b')
----
-- row: "22", "22", "ll"
SELECT REGEXP_EXTRACT('a1b22c333', r'\d+', 1, 2), REGEXP_EXTRACT('a1b22c333', r'[a-z](\d+)', 3), REGEXP_SUBSTR('Hello', 'l+')
----
-- row: ["1", "22", "333"], ["k", "q"], []
SELECT REGEXP_EXTRACT_ALL('a1b22c333', r'\d+'), REGEXP_EXTRACT_ALL('k=v;q=w', r'(\w)='), REGEXP_EXTRACT_ALL('abc', 'z')
----
-- row: "a#b#", "Smith, John", "-a-b-c-"
SELECT REGEXP_REPLACE('a1b22', r'\d+', '#'), REGEXP_REPLACE('John Smith', r'(\w+) (\w+)', r'\2, \1'), REGEXP_REPLACE('abc', 'x*', '-')
----
-- row: 3, 4, 0, 8, 6
SELECT REGEXP_INSTR('ab@cd-ef', '@[^-]*'), REGEXP_INSTR('ab@cd-ef', '@([^-]*)'), REGEXP_INSTR('abc', 'z'), REGEXP_INSTR('a@cd-ef@gh', '@[^-]*', 4), REGEXP_INSTR('ab@cd-ef', '@[^-]*', 1, 1, 1)
----
-- error: Regular expressions passed into extraction functions must not have more than 1 capturing group
SELECT REGEXP_EXTRACT('ab', '(a)(b)')
----
-- error: Cannot parse regular expression: missing ): (
SELECT REGEXP_CONTAINS('a', '(')
----
-- row: TRUE, "2"
SELECT REGEXP_CONTAINS('日本語', r'^\p{Han}{3}$'), REGEXP_EXTRACT('x=1\ny=2', r'(?m)^y=(.)$')
