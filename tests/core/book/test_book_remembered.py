"""The memory of what was made of an object."""

from gatebook.core.book.remembered import Remembered


def test_each_object_is_worked_on_once_and_equal_ones_are_told_apart() -> None:
    worked_on: list[list[int]] = []

    def double(numbers: list[int]) -> list[int]:
        worked_on.append(numbers)
        return [2 * number for number in numbers]

    doubled = Remembered(double, at_most=2)
    one, other = [1], [1]
    assert doubled(one) is doubled(one)
    assert doubled(one) == doubled(other) == [2]
    assert doubled(one) is not doubled(other)
    assert len(worked_on) == 2


def test_it_stays_bounded_and_never_takes_one_object_for_another() -> None:
    same = Remembered(list, at_most=3)
    for number in range(1000):
        assert same([number]) == [number]  # each list is gone at once, and its id free to come again
        assert len(same._made) <= 3
