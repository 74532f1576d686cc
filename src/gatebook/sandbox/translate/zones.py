"""Time zones: between TIMESTAMP (an instant, TIMESTAMPTZ in DuckDB) and local time (TIMESTAMP in DuckDB)."""

from gatebook.sandbox.translate.names import string

UTC = string("UTC")


def local(instant: str, zone: str = UTC) -> str:
    """Wall-clock time of an instant in a zone, as TIMESTAMP."""
    if zone == UTC:
        return f"timezone('UTC', {instant})"
    return f"make_timestamp(bq_local_micros(epoch_us({instant}), {zone}))"


def instant(wall_clock: str, zone: str = UTC) -> str:
    """The instant of a wall-clock time; of two, BigQuery takes the earlier (DuckDB the later)."""
    if zone == UTC:
        return f"timezone('UTC', {wall_clock})"
    return f"make_timestamptz(bq_instant_micros(epoch_us({wall_clock}), {zone}))"
