from hypothesis import given
from hypothesis import strategies as st

from gatebook.googlesql.bounded_cache import BoundedCache


def test_the_least_recently_used_goes_first() -> None:
    cache: BoundedCache[str, int] = BoundedCache(16)
    for name in "abcdefgh":
        cache.put(name, ord(name), 2)
    assert cache.get("a") == ord("a")
    assert cache.put("i", 1, 2) == [ord("b")]
    assert (cache.get("a"), cache.get("b")) == (ord("a"), None)


def test_what_is_too_heavy_is_not_kept() -> None:
    cache: BoundedCache[str, int] = BoundedCache(16)
    cache.put("a", 1, 3)
    assert cache.get("a") is None


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 5)), max_size=40))
def test_the_weight_is_never_exceeded(puts: list[tuple[str, int]]) -> None:
    cache: BoundedCache[str, int] = BoundedCache(40)
    weights: dict[str, int] = {}
    for name, weight in puts:
        gone = cache.put(name, weight, weight)
        weights[name] = weight
        assert cache.get(name) == weight
        assert sum(weights[key] for key in "abcdef" if cache.get(key) is not None) <= 40
        assert all(isinstance(value, int) for value in gone)
    cache.clear()
    assert len(cache) == 0
