-- row: "00ff", b'\x00\xff', "3q0=", b'\xde\xad', "0abc"
SELECT TO_HEX(b'\x00\xff'), FROM_HEX('00fF'), TO_BASE64(b'\xde\xad'), FROM_BASE64('3q0='), TO_HEX(FROM_HEX('abc'))
----
-- row: "0cc175b9c0f1b6a831c399e269772661", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb", "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
SELECT TO_HEX(MD5('a')), TO_HEX(SHA1('a')), TO_HEX(SHA256(b'a')), TO_HEX(SHA512(''))
----
-- row: 6150913649986995171, -98778129085727977, -7286425919675154353, -156836316922455755
SELECT FARM_FINGERPRINT('foo'), FARM_FINGERPRINT(b'bar'), FARM_FINGERPRINT(''), FARM_FINGERPRINT('The quick brown fox jumps over the lazy dog, and then some more to pass sixty-four bytes')
----
-- row: b'\x0c', b'?', b'\xf0', b'\xff', b'\x08', b'\x01', 9
SELECT b'\x0f' & b'\x3c', b'\x0f' | b'\x30', b'\x0f' ^ b'\xff', ~b'\x00', b'\x01' << 3, b'\x80' >> 7, BIT_COUNT(b'\xff\x01')
----
-- row: "a�b", b'ba', b'b', [b'a', b'b'], TRUE
SELECT SAFE_CONVERT_BYTES_TO_STRING(b'a\xffb'), REVERSE(b'ab'), SUBSTR(b'abc', 2, 1), SPLIT(b'a,b', b','), STARTS_WITH(b'abc', b'ab')
----
-- error: Failed to decode invalid hexadecimal string: zz
SELECT FROM_HEX('zz')
----
-- row: TRUE, b'xxb', b'a', 3
SELECT b'abc' LIKE b'a%', REPLACE(b'aab', b'a', b'x'), TRIM(b'xax', b'x'), STRPOS(b'abc', b'c')
