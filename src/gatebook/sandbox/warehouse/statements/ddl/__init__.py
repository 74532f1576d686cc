"""Data definition: what each CREATE, ALTER and DROP does to the catalog and its rows."""
