"""Seeded synthetic data for demo and tests: dataset `shop` with customers, orders and events.

The same rows on every machine and in every run, from the standard library alone. No person is real: names
are drawn from lists, mail domains are those reserved by RFC 2606, phone numbers lie in ranges reserved for
fiction where a country has one, addresses in documentation networks (RFC 5737).
"""

import datetime as dt
import decimal
import json
import random
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from gatebook.sandbox.demo_words import LOCALES, MAIL_DOMAINS, NOTES, PAGES, PRODUCTS, USER_AGENTS, Locale
from gatebook.sandbox.errors import ApiError
from gatebook.sandbox.warehouse import DatasetName, Resource, TableName, Warehouse, arrow_schema

DATASET = "shop"
CUSTOMERS, ORDERS, EVENTS = 2_000, 6_000, 8_000

_SEED = 20_260_101
_LAST_DAY = dt.datetime(2026, 6, 30, tzinfo=dt.UTC)
_TAXONOMY = "projects/{project}/locations/us/taxonomies/7301"

_Row = dict[str, Any]


def load_demo_data(warehouse: Warehouse) -> None:
    """Create the dataset `shop` in the warehouse's project; nothing happens when it is there already."""
    dataset = DatasetName(warehouse.project, DATASET)
    try:
        warehouse.insert_dataset(
            {"datasetReference": dataset.rest(), "description": "A coffee shop's customers and what they do."}
        )
    except ApiError as error:
        if error.reason == "duplicate":
            return
        raise
    taxonomy = _TAXONOMY.format(project=warehouse.project)
    draw = random.Random(_SEED)  # noqa: S311 - the same rows every time is the point
    customers = [_customer(draw, number) for number in range(1, CUSTOMERS + 1)]
    for name, fields, options, rows in (
        ("customers", _customer_fields(taxonomy), {}, customers),
        ("orders", _ORDER_FIELDS, {"clustering": {"fields": ["customer_id"]}}, _many(_order, draw, ORDERS)),
        ("events", _event_fields(taxonomy), _BY_DAY, _many(_event, draw, EVENTS)),
    ):
        table = TableName(dataset.project, dataset.dataset, name)
        warehouse.insert_table({"tableReference": table.rest(), "schema": {"fields": fields}, **options})
        warehouse.append(table, pa.Table.from_pylist(rows, schema=arrow_schema(fields)))


def _many(make: Callable[[random.Random, int], _Row], draw: random.Random, count: int) -> list[_Row]:
    return [make(draw, number) for number in range(1, count + 1)]


def _customer(draw: random.Random, number: int) -> _Row:
    language = draw.choice(list(LOCALES))
    locale = LOCALES[language]
    (first, first_latin), (last, last_latin) = (
        _spellings(draw.choice(names)) for names in (locale.first_names, locale.last_names)
    )
    email = f"{_ascii(first_latin)}.{_ascii(last_latin)}{number}@{draw.choice(MAIL_DOMAINS)}"
    phone, address = _phone(draw, locale), _address(draw, locale)
    facts = {"name": f"{first} {last}", "email": email, "phone": phone, "street": address["street"]}
    note = draw.choice(NOTES).format(**facts) if draw.random() < 0.6 else None
    return {
        "customer_id": number,
        "first_name": first,
        "last_name": last,
        "email": email,
        "phone": phone if draw.random() < 0.9 else None,
        "date_of_birth": dt.date(1945, 1, 1) + dt.timedelta(days=draw.randrange(22_000)),
        "locale": language,
        "address": address,
        "contacts": _contacts(draw, locale, email, phone),
        "notes": note,
        "vip": draw.random() < 0.05,
        "credit_limit": decimal.Decimal(draw.randrange(0, 20) * 250).quantize(decimal.Decimal("1.000000000")),
        "preferences": _json({"newsletter": draw.random() < 0.4, "roast": draw.choice(["light", "dark"])}),
        "created_at": _LAST_DAY - dt.timedelta(minutes=draw.randrange(2_000_000)),
    }


def _spellings(name: str) -> tuple[str, str]:
    native, _, latin = name.partition("|")
    return native, latin or native


def _ascii(name: str) -> str:
    """A name as people put it into their mail address."""
    plain = name.lower().replace("ß", "ss").replace("ł", "l")
    return "".join(letter for letter in unicodedata.normalize("NFKD", plain) if letter in _LETTERS)


_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")


def _phone(draw: random.Random, locale: Locale) -> str:
    return "".join(str(draw.randrange(10)) if mark == "#" else mark for mark in locale.phone)


def _address(draw: random.Random, locale: Locale) -> _Row:
    postal_code, city = draw.choice(locale.places)
    return {
        "street": f"{draw.choice(locale.streets)} {draw.randrange(1, 180)}",
        "postal_code": postal_code,
        "city": city,
        "country": locale.country,
    }


def _contacts(draw: random.Random, locale: Locale, email: str, phone: str) -> list[_Row]:
    known = [
        {"kind": "email", "value": email},
        {"kind": "phone", "value": phone},
        {"kind": "work_email", "value": f"{email.partition('@')[0]}@office.example.org"},
        {"kind": "mobile", "value": _phone(draw, locale)},
    ]
    return known[: draw.randrange(len(known) + 1)]


def _order(draw: random.Random, number: int) -> _Row:
    items = [_item(draw) for _ in range(draw.choice((1, 1, 1, 2, 2, 3, 4)))]
    return {
        "order_id": number,
        "customer_id": draw.randrange(1, CUSTOMERS + 1),
        "ordered_at": _LAST_DAY - dt.timedelta(seconds=draw.randrange(60 * 60 * 24 * 540)),
        "status": draw.choices(("delivered", "shipped", "paid", "cancelled"), (80, 8, 7, 5))[0],
        "currency": draw.choice(("EUR", "EUR", "USD", "PLN", "JPY")),
        "items": items,
        "total": sum(item["unit_price"] * item["quantity"] for item in items),
        "coupon": draw.choice(("SPRING10", "WELCOME")) if draw.random() < 0.12 else None,
    }


def _item(draw: random.Random) -> _Row:
    sku, name, price = draw.choice(PRODUCTS)
    return {"sku": sku, "name": name, "quantity": draw.randrange(1, 4), "unit_price": decimal.Decimal(price)}


def _event(draw: random.Random, number: int) -> _Row:
    kind = draw.choices(("page_view", "search", "add_to_cart", "login", "purchase"), (70, 10, 10, 6, 4))[0]
    payload = {"query": draw.choice(("espresso", "grinder", "filter"))} if kind == "search" else {"ms": number % 900}
    return {
        "event_id": f"{draw.getrandbits(64):016x}",
        "occurred_at": _LAST_DAY - dt.timedelta(milliseconds=draw.randrange(1000 * 60 * 60 * 24 * 30)),
        "kind": kind,
        "customer_id": draw.randrange(1, CUSTOMERS + 1) if draw.random() < 0.7 else None,
        "session_id": f"s{draw.randrange(2_500):05d}",
        "ip_address": f"203.0.113.{draw.randrange(1, 255)}",
        "user_agent": draw.choice(USER_AGENTS),
        "page": draw.choice(PAGES),
        "payload": _json(payload),
    }


def _json(value: _Row) -> str:
    return json.dumps(value, separators=(",", ":"))


def _field(name: str, kind: str, description: str, **more: Any) -> Resource:
    return {"name": name, "type": kind, "mode": "NULLABLE", "description": description, **more}


def _tagged(taxonomy: str, tag: int) -> Resource:
    return {"policyTags": {"names": [f"{taxonomy}/policyTags/{tag}"]}}


def _customer_fields(taxonomy: str) -> Sequence[Resource]:
    email, phone, birth, text = (_tagged(taxonomy, tag) for tag in (101, 102, 103, 104))
    return [
        _field("customer_id", "INTEGER", "Number of the customer.", mode="REQUIRED"),
        _field("first_name", "STRING", "Given name, in its own script."),
        _field("last_name", "STRING", "Family name, in its own script."),
        _field("email", "STRING", "Address for receipts.", **email),
        _field("phone", "STRING", "Number in international form.", **phone),
        _field("date_of_birth", "DATE", "Day of birth.", **birth),
        _field("locale", "STRING", "Language and country, as in de_DE."),
        _field("address", "RECORD", "Where parcels go.", fields=_ADDRESS_FIELDS),
        _field("contacts", "RECORD", "Ways to reach the customer.", mode="REPEATED", fields=_CONTACT_FIELDS),
        _field("notes", "STRING", "What the support desk wrote; may hold anything.", **text),
        _field("vip", "BOOLEAN", "Whether complaints go first."),
        _field("credit_limit", "NUMERIC", "Highest open amount, in EUR."),
        _field("preferences", "JSON", "Settings of the account."),
        _field("created_at", "TIMESTAMP", "When the account was opened."),
    ]


_ADDRESS_FIELDS = [
    _field("street", "STRING", "Street and house number."),
    _field("postal_code", "STRING", "Postal code."),
    _field("city", "STRING", "Town."),
    _field("country", "STRING", "ISO 3166-1 code."),
]
_CONTACT_FIELDS = [
    _field("kind", "STRING", "email, work_email, phone or mobile."),
    _field("value", "STRING", "The address or number."),
]
_ITEM_FIELDS = [
    _field("sku", "STRING", "Article number."),
    _field("name", "STRING", "Article."),
    _field("quantity", "INTEGER", "Pieces."),
    _field("unit_price", "NUMERIC", "Price of one piece."),
]
_ORDER_FIELDS: Sequence[Resource] = [
    _field("order_id", "INTEGER", "Number of the order.", mode="REQUIRED"),
    _field("customer_id", "INTEGER", "Who ordered.", mode="REQUIRED"),
    _field("ordered_at", "TIMESTAMP", "When the order came in."),
    _field("status", "STRING", "paid, shipped, delivered or cancelled."),
    _field("currency", "STRING", "ISO 4217 code."),
    _field("items", "RECORD", "What was ordered.", mode="REPEATED", fields=_ITEM_FIELDS),
    _field("total", "NUMERIC", "Sum over the items."),
    _field("coupon", "STRING", "Coupon used, if any."),
]
_BY_DAY = {"timePartitioning": {"type": "DAY", "field": "occurred_at"}}


def _event_fields(taxonomy: str) -> Sequence[Resource]:
    return [
        _field("event_id", "STRING", "Random id of the event.", mode="REQUIRED"),
        _field("occurred_at", "TIMESTAMP", "When it happened; the table is partitioned by its day."),
        _field("kind", "STRING", "page_view, search, add_to_cart, login or purchase."),
        _field("customer_id", "INTEGER", "Who, when logged in."),
        _field("session_id", "STRING", "Browser session."),
        _field("ip_address", "STRING", "Client address.", **_tagged(taxonomy, 105)),
        _field("user_agent", "STRING", "Client program."),
        _field("page", "STRING", "Path of the page."),
        _field("payload", "JSON", "What else the client sent."),
    ]
