"""An Exchange as JSON text for a terminal or a pipe."""

import json

from gatebook.core.book.exchange import Exchange
from gatebook.inbound.cli.plain_text import plain_json
from gatebook.inbound.exchange_json import exchange_json


def exchange_line(exchange: Exchange) -> str:
    """Give an Exchange as one line."""
    return plain_json(json.dumps(exchange_json(exchange), ensure_ascii=False, separators=(",", ":")))


def exchange_page(exchange: Exchange) -> str:
    """Give an Exchange as indented JSON."""
    return plain_json(json.dumps(exchange_json(exchange), ensure_ascii=False, indent=2), keep="\n")
