"""Decisions: a pure function of caller, provenance, footprint, standing and policy."""
