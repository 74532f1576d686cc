"""FarmHash Fingerprint64 (farmhashna::Hash64 of google/farmhash, MIT licence): a fixed function, made to be stored."""

from __future__ import annotations

from struct import unpack_from

_MASK = (1 << 64) - 1
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F


def _fetch64(data: bytes, at: int) -> int:
    return int(unpack_from("<Q", data, at)[0])


def _fetch32(data: bytes, at: int) -> int:
    return int(unpack_from("<I", data, at)[0])


def _rotate(value: int, count: int) -> int:
    return (value >> count | value << (64 - count)) & _MASK


def _shift_mix(value: int) -> int:
    return value ^ value >> 47


def _hash_16(u: int, v: int, mul: int) -> int:
    a = (u ^ v) * mul & _MASK
    a ^= a >> 47
    b = (v ^ a) * mul & _MASK
    b ^= b >> 47
    return b * mul & _MASK


def _up_to_16(data: bytes) -> int:
    size = len(data)
    if size >= 8:
        mul = _K2 + size * 2
        a, b = _fetch64(data, 0) + _K2 & _MASK, _fetch64(data, size - 8)
        c = _rotate(b, 37) * mul + a & _MASK
        d = (_rotate(a, 25) + b) * mul & _MASK
        return _hash_16(c, d, mul)
    if size >= 4:
        return _hash_16(size + (_fetch32(data, 0) << 3), _fetch32(data, size - 4), _K2 + size * 2)
    if size > 0:
        y = data[0] + (data[size >> 1] << 8)
        z = size + (data[size - 1] << 2)
        return _shift_mix((y * _K2 ^ z * _K0) & _MASK) * _K2 & _MASK
    return _K2


def _up_to_32(data: bytes) -> int:
    size = len(data)
    mul = _K2 + size * 2
    a, b = _fetch64(data, 0) * _K1 & _MASK, _fetch64(data, 8)
    c, d = _fetch64(data, size - 8) * mul & _MASK, _fetch64(data, size - 16) * _K2 & _MASK
    u = _rotate(a + b & _MASK, 43) + _rotate(c, 30) + d & _MASK
    v = a + _rotate(b + _K2 & _MASK, 18) + c & _MASK
    return _hash_16(u, v, mul)


def _up_to_64(data: bytes) -> int:
    size = len(data)
    mul = _K2 + size * 2
    a, b = _fetch64(data, 0) * _K2 & _MASK, _fetch64(data, 8)
    c, d = _fetch64(data, size - 8) * mul & _MASK, _fetch64(data, size - 16) * _K2 & _MASK
    y = _rotate(a + b & _MASK, 43) + _rotate(c, 30) + d & _MASK
    z = _hash_16(y, a + _rotate(b + _K2 & _MASK, 18) + c & _MASK, mul)
    e, f = _fetch64(data, 16) * mul & _MASK, _fetch64(data, 24)
    g, h = (y + _fetch64(data, size - 32)) * mul & _MASK, (z + _fetch64(data, size - 24)) * mul & _MASK
    u = _rotate(e + f & _MASK, 43) + _rotate(g, 30) + h & _MASK
    return _hash_16(u, e + _rotate(f + a & _MASK, 18) + g & _MASK, mul)


def _weak_32(data: bytes, at: int, a: int, b: int) -> tuple[int, int]:
    w, x, y, z = unpack_from("<4Q", data, at)
    a = a + w & _MASK
    b = _rotate(b + a + z & _MASK, 21)
    c = a
    a = a + x + y & _MASK
    b = b + _rotate(a, 44) & _MASK
    return a + z & _MASK, b + c & _MASK


def fingerprint64(data: bytes) -> int:
    """The 64-bit fingerprint, unsigned."""
    size = len(data)
    if size <= 16:
        return _up_to_16(data)
    if size <= 32:
        return _up_to_32(data)
    if size <= 64:
        return _up_to_64(data)
    seed = 81
    x, y = seed, (seed * _K1 + 113) & _MASK
    z = _shift_mix((y * _K2 + 113) & _MASK) * _K2 & _MASK
    v, w = (0, 0), (0, 0)
    x = (x * _K2 + _fetch64(data, 0)) & _MASK
    end = (size - 1) // 64 * 64
    last = end + (size - 1 & 63) - 63
    for at in range(0, end, 64):
        x = _rotate(x + y + v[0] + _fetch64(data, at + 8) & _MASK, 37) * _K1 & _MASK
        y = _rotate(y + v[1] + _fetch64(data, at + 48) & _MASK, 42) * _K1 & _MASK
        x ^= w[1]
        y = y + v[0] + _fetch64(data, at + 40) & _MASK
        z = _rotate(z + w[0] & _MASK, 33) * _K1 & _MASK
        v = _weak_32(data, at, v[1] * _K1 & _MASK, x + w[0] & _MASK)
        w = _weak_32(data, at + 32, z + w[1] & _MASK, y + _fetch64(data, at + 16) & _MASK)
        z, x = x, z
    return _last_block(data, last, (x, y, z), v, w)


def _last_block(data: bytes, at: int, state: tuple[int, int, int], v: tuple[int, int], w: tuple[int, int]) -> int:
    x, y, z = state
    mul = _K1 + ((z & 0xFF) << 1) & _MASK
    w = (w[0] + (len(data) - 1 & 63) & _MASK, w[1])
    v = (v[0] + w[0] & _MASK, v[1])
    w = (w[0] + v[0] & _MASK, w[1])
    x = _rotate(x + y + v[0] + _fetch64(data, at + 8) & _MASK, 37) * mul & _MASK
    y = _rotate(y + v[1] + _fetch64(data, at + 48) & _MASK, 42) * mul & _MASK
    x ^= w[1] * 9 & _MASK
    y = y + v[0] * 9 + _fetch64(data, at + 40) & _MASK
    z = _rotate(z + w[0] & _MASK, 33) * mul & _MASK
    v = _weak_32(data, at, v[1] * mul & _MASK, x + w[0] & _MASK)
    w = _weak_32(data, at + 32, z + w[1] & _MASK, y + _fetch64(data, at + 16) & _MASK)
    z, x = x, z
    first = _hash_16(v[0], w[0], mul) + _shift_mix(y) * _K0 + z & _MASK
    return _hash_16(first, _hash_16(v[1], w[1], mul) + x & _MASK, mul)
