"""Which signals are there when."""

from __future__ import annotations

from evdiag.databases.multiplexing import Place, places
from evdiag.databases.signal_statement import SignalStatement, read_signal


def signals(*names: str) -> list[SignalStatement]:
    """`Page M`, `Value m1`: statements of these names and marks."""
    return [read_signal(f'SG_ {name} : 0|8@1+ (1,0) [0|0] "" X', 1) for name in names]


def shown(place: Place) -> list[tuple[str, tuple[tuple[int, int], ...]]]:
    return [(condition.switch, condition.ranges) for condition in place.conditions]


def test_one_switch() -> None:
    found = places(signals("Page M", "A m0", "B m12", "C"), {})
    assert [shown(place) for place in found] == [
        [], [("Page", ((0, 0),))], [("Page", ((12, 12),))], [],
    ]  # fmt: skip
    assert not any(place.doubt for place in found)


def test_ranges_add_to_the_mark_where_there_is_one_switch() -> None:
    found = places(signals("Page M", "A m0"), {"Page": {"A": ((3, 1_000_000),)}})
    assert shown(found[1]) == [("Page", ((0, 0), (3, 1_000_000)))]


def test_several_switches_need_ranges() -> None:
    found = places(
        signals("P M", "Q M", "A m0", "B m0"), {"P": {"A": ((0, 0),)}, "Q": {"B": ((4, 5),)}}
    )
    assert [shown(place) for place in found[2:]] == [[("P", ((0, 0),))], [("Q", ((4, 5),))]]


def test_pages_in_pages_name_the_outer_switch_first() -> None:
    pages = {"P": {"Q": ((1, 1),)}, "Q": {"A": ((2, 2),)}}
    found = places(signals("P M", "Q m1M", "A m2"), pages)
    assert shown(found[2]) == [("P", ((1, 1),)), ("Q", ((2, 2),))]


def test_what_marks_leave_open_is_told_and_decoded_in_every_frame() -> None:
    for stated, pages in [
        (("A m1",), {}),
        (("P M", "A m"), {}),
        (("P M", "Q M", "A m"), {}),
        (("P M", "Q M", "A m1"), {}),
        (("P M", "Q M", "A m1"), {"Gone": {"A": ((1, 1),)}}),
        (
            ("P m1M", "Q m1M", "A m1"),
            {"P": {"Q": ((1, 1),)}, "Q": {"P": ((1, 1),), "A": ((1, 1),)}},
        ),
    ]:
        place = places(signals(*stated), pages)[-1]
        assert place.conditions == ()
        assert place.doubt
