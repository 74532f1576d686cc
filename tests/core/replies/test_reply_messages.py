"""The book keeps error messages only when they cannot quote a row."""

import pytest

from gatebook.core.replies.messages import WITHHELD, recordable_message


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("notFound", "Not found: Job acme:j1"),
        ("accessDenied", "Access Denied: Table acme:shop.orders: User does not have permission"),
        ("quotaExceeded", "Exceeded rate limits"),
        ("resourcesExceeded", "Resources exceeded during query execution"),
        ("invalidQuery", 'Syntax error: Expected end of input but got "FORM" at [1:10]'),
        ("invalidQuery", "Unrecognized name: emial; Did you mean email? at [1:8]"),
        ("invalidQuery", "No matching signature for operator = for argument types: INT64, STRING at [1:30]"),
    ],
)
def test_messages_about_sql_and_resources_are_kept(reason, message):
    assert recordable_message(reason, message) == message


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("invalidQuery", "Bad int64 value: alice@example.com"),
        ("invalidQuery", "Query error: Bad int64 value: alice@example.com at [3:1]"),
        ("invalidQuery", "Could not parse 'alice@example.com' as a timestamp"),
        ("invalidQuery", "alice@example.com"),  # ERROR(email)
        ("invalid", "Error while reading data, error message: Could not parse 'alice' as INT64 for field age"),
        ("outOfRange", "Division by zero: 37 / 0"),
        (None, "alice"),
        ("neverHeardOf", "alice"),
    ],
)
def test_messages_that_may_quote_values_are_not(reason, message):
    assert recordable_message(reason, message) == WITHHELD


def test_no_message_is_none_and_a_long_one_is_cut():
    assert recordable_message("notFound", "") is None
    assert recordable_message("notFound", None) is None
    assert len(recordable_message("notFound", "x" * 10_000)) == 2048
