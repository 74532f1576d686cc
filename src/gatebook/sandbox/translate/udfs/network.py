"""NET functions, points on the globe, and ERROR."""

from __future__ import annotations

import ipaddress
import json
import math
import re

from gatebook.sandbox.translate.udfs.numbers import float_text
from gatebook.sandbox.translate.udfs.registry import BLOB, FLOAT, INT, TEXT, EvaluationError, Udf

_EARTH_RADIUS_METERS = 6_371_010.0
_HOST = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.\-]*:)?//(?:[^@/?#]*@)?(\[[^\]]*\]|[^:/?#]*)|([^/:?#@\s]+)(?=[:/?#]|$)")
_POINT = re.compile(r"\s*POINT\s*\(\s*(\S+)\s+(\S+)\s*\)\s*", re.IGNORECASE)


def _error(message: str | None) -> str:
    raise EvaluationError(message or "")


def _host(url: str) -> str | None:
    match = _HOST.match(url.strip())
    host = (match[1] if match and match[1] is not None else match[2] if match else "") or ""
    if not match or (match[1] is None and ":" in url and "//" not in url):
        return None
    return host or None


def _ip_from_string(text: str) -> bytes:
    try:
        return ipaddress.ip_address(text).packed
    except ValueError:
        raise EvaluationError(f'Invalid IP address string "{text}"') from None


def _safe_ip_from_string(text: str) -> bytes | None:
    try:
        return ipaddress.ip_address(text).packed
    except ValueError:
        return None


def _ip_to_string(data: bytes) -> str:
    if len(data) not in (4, 16):
        raise EvaluationError(f"Invalid argument to NET.IP_TO_STRING: address length {len(data)}, expected 4 or 16")
    address = ipaddress.ip_address(data)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(address) if mapped is None else f"::ffff:{mapped}"


def _net_mask(size: int, prefix: int) -> bytes:
    if size not in (4, 16) or not 0 <= prefix <= size * 8:
        raise EvaluationError(f"Invalid arguments to NET.IP_NET_MASK: {size}, {prefix}")
    return (((1 << size * 8) - 1) ^ ((1 << size * 8 - prefix) - 1)).to_bytes(size)


def _ip_trunc(data: bytes, prefix: int) -> bytes:
    if len(data) not in (4, 16) or not 0 <= prefix <= len(data) * 8:
        raise EvaluationError(f"Invalid arguments to NET.IP_TRUNC: length {len(data)}, prefix {prefix}")
    return (int.from_bytes(data) & int.from_bytes(_net_mask(len(data), prefix))).to_bytes(len(data))


def _ipv4_from_int64(value: int) -> bytes:
    if not -0x80000000 <= value <= 0xFFFFFFFF:
        raise EvaluationError(f"Invalid argument to NET.IPV4_FROM_INT64: {value}")
    return (value & 0xFFFFFFFF).to_bytes(4)


def _ipv4_to_int64(data: bytes) -> int:
    if len(data) != 4:
        raise EvaluationError(f"Invalid argument to NET.IPV4_TO_INT64: address length {len(data)}, expected 4")
    return int.from_bytes(data)


def _point(longitude: float, latitude: float) -> str:
    if not -90 <= latitude <= 90:
        raise EvaluationError(f"Latitude must be between -90 and 90 degrees: {float_text(latitude)}")
    longitude = (longitude + 180) % 360 - 180 if not -180 <= longitude <= 180 else longitude
    return f"POINT({float_text(longitude)} {float_text(latitude)})"


def _geography(text: str) -> str:
    match = _POINT.fullmatch(text)
    if match is None:
        raise EvaluationError("Geographies other than points are not implemented here")
    return _point(float(match[1]), float(match[2]))


def _geojson(point: str) -> str:
    longitude, latitude = _coordinates(point)
    return f'{{ "type": "Point", "coordinates": [{float_text(longitude)}, {float_text(latitude)}] }} '


def _from_geojson(text: str) -> str:
    try:
        value = json.loads(text)
        if value["type"] == "Point":
            return _point(*map(float, value["coordinates"]))
    except (ValueError, KeyError, TypeError):
        raise EvaluationError("Invalid GeoJSON") from None
    raise EvaluationError("Geographies other than points are not implemented here")


def _coordinates(point: str) -> tuple[float, float]:
    match = _POINT.fullmatch(point)
    if match is None:
        raise EvaluationError("Geographies other than points are not implemented here")
    return float(match[1]), float(match[2])


def _distance(left: str, right: str) -> float:
    """Along the great circle of a sphere, in meters."""
    (x1, y1), (x2, y2) = (map(math.radians, _coordinates(point)) for point in (left, right))
    half = math.sin((y2 - y1) / 2) ** 2 + math.cos(y1) * math.cos(y2) * math.sin((x2 - x1) / 2) ** 2
    return 2 * _EARTH_RADIUS_METERS * math.asin(min(1.0, math.sqrt(half)))


UDFS: tuple[Udf, ...] = (
    Udf("bq_error", _error, (TEXT,), TEXT, sees_null=True),
    Udf("bq_net_host", _host, (TEXT,), TEXT),
    Udf("bq_ip_from_string", _ip_from_string, (TEXT,), BLOB),
    Udf("bq_safe_ip_from_string", _safe_ip_from_string, (TEXT,), BLOB),
    Udf("bq_ip_to_string", _ip_to_string, (BLOB,), TEXT),
    Udf("bq_ip_net_mask", _net_mask, (INT, INT), BLOB),
    Udf("bq_ip_trunc", _ip_trunc, (BLOB, INT), BLOB),
    Udf("bq_ipv4_from_int64", _ipv4_from_int64, (INT,), BLOB),
    Udf("bq_ipv4_to_int64", _ipv4_to_int64, (BLOB,), INT),
    Udf("bq_point", _point, (FLOAT, FLOAT), TEXT),
    Udf("bq_geography", _geography, (TEXT,), TEXT),
    Udf("bq_point_x", lambda point: _coordinates(point)[0], (TEXT,), FLOAT),
    Udf("bq_point_y", lambda point: _coordinates(point)[1], (TEXT,), FLOAT),
    Udf("bq_geojson", _geojson, (TEXT,), TEXT),
    Udf("bq_from_geojson", _from_geojson, (TEXT,), TEXT),
    Udf("bq_distance", _distance, (TEXT, TEXT), FLOAT),
)
