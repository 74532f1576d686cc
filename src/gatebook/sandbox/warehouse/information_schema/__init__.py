"""INFORMATION_SCHEMA: the catalog as tables, made when a statement reads them."""

from gatebook.sandbox.warehouse.information_schema.lookup import relation

__all__ = ["relation"]
