"""Procedural language: DECLARE, SET, IF, loops, exceptions, EXECUTE IMMEDIATE, CALL."""
