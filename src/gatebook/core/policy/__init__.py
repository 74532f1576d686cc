"""Decisions: a pure function of caller, provenance, footprint and policy."""
