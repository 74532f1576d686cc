"""Verified claims become a Caller and attested Provenance, by one table of claims for each kind of issuer."""
