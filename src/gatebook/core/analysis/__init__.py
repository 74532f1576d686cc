"""Calls become Footprints: what they touch, statement by statement, and what could not be understood."""
