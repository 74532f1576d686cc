"""The upstream hop: a small HTTP/1.1 client to one BigQuery endpoint, and the credentials Gatebook uses there."""

from gatebook.outbound.upstream.client import HttpUpstream
from gatebook.outbound.upstream.credentials import load_credentials
from gatebook.outbound.upstream.endpoint import Endpoint, Timeouts

__all__ = ["HttpUpstream", "load_credentials", "Endpoint", "Timeouts"]
