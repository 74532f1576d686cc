"""One function for every kind of scan, by topic; `SCANS` of each module joins in dispatch.py."""
