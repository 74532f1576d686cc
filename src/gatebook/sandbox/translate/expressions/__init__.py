"""One function for every kind of expression node; `EXPRESSIONS` of each module joins in dispatch.py."""
