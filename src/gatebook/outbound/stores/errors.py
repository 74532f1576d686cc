"""What can be wrong with a store before any call is made."""


class StoreError(Exception):
    """The store cannot be opened. The text names the place and says what to do."""


class NoBook(StoreError):
    """There is no book in the directory: no gateway has run with it yet."""
