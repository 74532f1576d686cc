-- unmapped: function NET.REG_DOMAIN
SELECT NET.REG_DOMAIN('http://example.co.uk')
----
-- unmapped: function ST_BUFFER
SELECT ST_BUFFER(ST_GEOGPOINT(0, 0), 10)
----
-- unmapped: REGEXP_EXTRACT of BYTES
SELECT REGEXP_EXTRACT(b'abc', b'b')
----
-- unmapped: SAFE.SUM
SELECT SAFE.SUM(x) FROM UNNEST([1]) AS x
----
-- unmapped: a subquery inside a lambda
SELECT ARRAY_TRANSFORM([1, 2], e -> (SELECT e + 1)) AS a
----
-- unmapped: function KEYS.NEW_KEYSET
SELECT KEYS.NEW_KEYSET('AEAD_AES_GCM_256')
----
-- unmapped: a BIGNUMERIC of more than 20 integer and 18 fractional digits
SELECT BIGNUMERIC '0.12345678901234567890123' AS b
----
-- unmapped: function SEARCH
SELECT SEARCH('a b', 'b')
----
-- unmapped: BIT_AND of BYTES
SELECT BIT_AND(x) FROM UNNEST([b'a']) AS x
----
-- unmapped: CAST of DATE to STRING with FORMAT
SELECT CAST(DATE '2024-03-09' AS STRING FORMAT 'DD Mon YYYY')
----
-- unmapped: CAST of STRING to DATE with FORMAT
SELECT CAST('Mar 9, 2024' AS DATE FORMAT 'MON DD, YYYY')
----
-- unmapped: CAST of NUMERIC to STRING with FORMAT
SELECT CAST(NUMERIC '1234.5' AS STRING FORMAT '$9,999.99')
