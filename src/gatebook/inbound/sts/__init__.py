"""The token endpoint's door: RFC 8693 exchange and RFC 7662 introspection, as translation between HTTP and values."""

from gatebook.inbound.sts.endpoint import TokenEndpoint

__all__ = ["TokenEndpoint"]
