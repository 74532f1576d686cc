"""What the executions of text masks share: the replacement, and what a valid address is."""

REPLACEMENT = "XXXXX"
SHOWN_CHARACTERS = 4
TOKEN_HEX_DIGITS = 32  # of the HMAC, in a token that is text: 128 bits
TOKEN_INTEGER_HEX_DIGITS = 15  # in a token that is a number: 60 bits, so that it is never negative
TOKEN_BYTES = 16

# Matched whole, by RE2 in BigQuery, DuckDB and Arrow, by `re` in Python: so only what they read alike. ASCII, one `@`,
# the characters of RFC 5321's dot-string before it, a domain of two names or more after it. What follows the `@` is
# shown, so what is no such address is hashed.
EMAIL = (
    r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$"
)
