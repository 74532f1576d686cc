"""The adapters behind the ports: issuers, analyzer, upstream, stores, clock."""
