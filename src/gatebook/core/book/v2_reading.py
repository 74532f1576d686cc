"""The documents of version 2 back to Promise and Refusal."""

from dataclasses import replace

from gatebook.core.book import records, v2
from gatebook.core.book.v1_reading import promise_with, refusal_with
from gatebook.core.book.v2_decision import read_decision
from gatebook.core.book.v2_evidence import read_evidence
from gatebook.core.book.v2_footprint import read_footprint


def read_promise(document: v2.Promise) -> records.Promise:
    """Give the promise that a document holds. Raises ValueError."""
    promise = promise_with(document, read_footprint(document.footprint), read_decision(document.decision))
    return replace(promise, evidence=read_evidence(document.evidence))


def read_refusal(document: v2.Refusal) -> records.Refusal:
    """Give the refusal that a document holds. Raises ValueError."""
    footprint = None if document.footprint is None else read_footprint(document.footprint)
    decision = None if document.decision is None else read_decision(document.decision)
    refusal = refusal_with(document, footprint, decision)
    return replace(refusal, evidence=read_evidence(document.evidence))
