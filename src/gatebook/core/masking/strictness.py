"""Which of several masks protects most: a column may be in more than one class, and so may the record around it."""

from collections.abc import Iterable

from gatebook.core.masking.masks import (
    DEFAULT_MASKING_VALUE,
    AlwaysNull,
    Constant,
    DateBucket,
    DateYearMask,
    DefaultMaskingValue,
    EmailMask,
    FirstFourCharacters,
    LastFourCharacters,
    Mask,
    NumberBucket,
    Partial,
    Sha256,
    Token,
)

_STRICTEST_FIRST: tuple[type[Mask], ...] = (
    AlwaysNull,
    DefaultMaskingValue,
    Constant,
    Token,  # only who has the key can try values out
    Sha256,
    DateYearMask,
    DateBucket,
    NumberBucket,
    EmailMask,
    Partial,
    LastFourCharacters,
    FirstFourCharacters,
)
_RANK = {mask: rank for rank, mask in enumerate(_STRICTEST_FIRST)}


def strictest(masks: Iterable[Mask]) -> Mask:
    """Give the mask that stands for all of them; ValueError when there are none.

    BigQuery takes the most open of several rules, since they come with roles that were granted; Gatebook's come with
    classes that each must be protected. Two of a kind with other parameters become the type's default value, for
    neither need be the stricter.
    """
    found = sorted(set(masks), key=lambda mask: _RANK[type(mask)])
    if not found:
        raise ValueError("no masks")
    if len(found) > 1 and type(found[0]) is type(found[1]):
        return DEFAULT_MASKING_VALUE
    return found[0]


def stricter(first: Mask | None, second: Mask | None) -> Mask | None:
    """Give the stricter of two, either of which may be missing."""
    given = [mask for mask in (first, second) if mask is not None]
    return strictest(given) if given else None
