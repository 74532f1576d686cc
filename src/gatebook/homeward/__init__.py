"""The way home of a promised call: way.py tells it; passage.py and whole.py are its two kinds of reply."""

from gatebook.homeward.way import Homeward

__all__ = ["Homeward"]
