"""The one registry of what can be done: keys, footer, palette and help are all made from it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

Deck: TypeAlias = Literal["replay", "live", "hands", "car", "marks", "book"]
"""What a screen has: a recording to play, a live bus, a hand in what is recorded and sent there, a
virtual car that obeys, marks that are kept, the case book."""

Decks: TypeAlias = tuple[Deck, ...]

REPLAY_SEEN: Final[Decks] = ("replay",)
REPLAY: Final[Decks] = (*REPLAY_SEEN, "marks", "book")
LIVE_SEEN: Final[Decks] = ("live",)
LIVE: Final[Decks] = (*LIVE_SEEN, "hands", "marks", "book")
LIVE_WITH_CAR: Final[Decks] = (*LIVE_SEEN, "hands", "marks", "car")

SCREENS: Final = (REPLAY, LIVE, LIVE_WITH_CAR)
"""Those that have most; every other one has less of one of them."""

_FULL: Final = {REPLAY_SEEN: REPLAY, LIVE_SEEN: LIVE}
"""What a screen would have on which nobody may do more than look."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing the person can do.

    `keys` are Textual's key names, the first one is shown. `title` is short enough for the footer,
    `help` a sentence. `rank` orders the footer, smaller first; 0 keeps it out. `views` names the
    views in which it works; empty is all of them. `deck` is what the screen must have for it, None
    where it needs nothing.
    """

    id: str
    keys: tuple[str, ...]
    title: str
    help: str
    group: str
    rank: int = 0
    views: tuple[str, ...] = ()
    deck: Deck | None = None


_VIEWS, _GUIDE, _LIVE, _PLAY, _PLACES, _BOOK, _LISTS, _VIEW, _GENERAL = (
    "Views",
    "Guide",
    "Live bus",
    "Playback",
    "Marks and loop",
    "Case book",
    "Lists",
    "In this view",
    "General",
)


def _only(deck: Deck, actions: Iterable[Action]) -> tuple[Action, ...]:
    return tuple(replace(action, deck=deck) for action in actions)


_GUIDE_VIEW: Final = ("guide",)

GUIDE_LETTERS: Final = ("guide_first", "guide_second", "guide_third", "guide_fourth")
"""Give, of the answers that are neither yes nor no, the first, the second and so on."""

_IN_THE_GUIDE: Final = (
    Action("guide_yes", ("y",), "yes", "Yes: it came out, it is done, it is understood.", _GUIDE),
    Action("guide_no", ("n",), "no", "No: it is still stuck.", _GUIDE),
    Action("guide_first", ("a",), "first", "The first of the other answers.", _GUIDE),
    Action("guide_second", ("d",), "second", "The second of them.", _GUIDE),
    Action("guide_third", ("e",), "third", "The third of them.", _GUIDE),
    Action("guide_fourth", ("h",), "fourth", "The fourth of them.", _GUIDE),
    Action("guide_take", ("enter",), "answer", "Give the chosen answer; ↑ ↓ choose.", _GUIDE, 1),
    Action("guide_again", ("r",), "again", "Do the step once more.", _GUIDE),
    Action("guide_back", ("b",), "back", "Take the last answer back.", _GUIDE),
    Action("guide_skip", ("s",), "skip", "Pass over the step.", _GUIDE),
    Action(
        "guide_danger", ("x",), "danger!",
        "Heat, smell, smoke, water, damage: stop at once, and be told what to do.", _GUIDE,
    ),
    Action("guide_stop", ("escape",), "stop", "Stop the guide; again goes on with it.", _GUIDE),
)  # fmt: skip
"""What only the guide knows; there these keys mean this, whatever they mean elsewhere."""

_AT_A_LIVE_BUS: Final = (
    Action("guide_me", ("g",), "guide me", "The cable is stuck: be guided.", _GUIDE, 3),
    Action("hold", ("space",), "freeze", "Hold the screen still; recording goes on.", _LIVE, 1),
    Action("vehicle", ("v",), "vehicle", "Say which car it is.", _LIVE, 6),
)

_WITH_A_HAND_IN_IT: Final = (
    Action(
        "record", ("R",), "record", "Record, the last 60 s with it; again stops.", _LIVE, 2
    ),
    Action(
        "ask", ("A",), "ask",
        "Ask the car's diagnostics, which transmits; again stops.", _LIVE, 7,
    ),
    Action(
        "command", ("C",), "command",
        "Command the lock: every condition first, then a typed word.", _LIVE, 10,
    ),
    Action("abort", ("X",), "STOP", "Stop the command that is under way, from anywhere.", _LIVE),
)  # fmt: skip

_AT_A_VIRTUAL_CAR: Final = (
    Action("car", ("c",), "at the car", "What you do at the virtual car.", _LIVE, 2),
)

_WHILE_PLAYING: Final = (
    Action("play", ("space",), "play", "Play or pause; at the end, begin again.", _PLAY, 1),
    Action("next_change", ("n",), "change", "To the next change of a word; pauses.", _PLAY, 2),
    Action("previous_change", ("p",), "back", "To the change before; pauses.", _PLAY, 8),
    Action(
        "next_attempt", ("right_square_bracket", "N"), "attempt", "To the next attempt.", _PLAY, 3
    ),
    Action("previous_attempt", ("left_square_bracket", "P"), "before", "To the one before.", _PLAY),
    Action("step_forward", ("full_stop",), "frame", "One frame on; pauses.", _PLAY, 7),
    Action("step_back", ("comma",), "frame back", "One frame back; pauses.", _PLAY),
    Action("forward", ("right",), "+1 s", "One second on.", _PLAY),
    Action("back", ("left",), "-1 s", "One second back.", _PLAY),
    Action("forward_far", ("shift+right",), "+10 s", "Ten seconds on.", _PLAY),
    Action("back_far", ("shift+left",), "-10 s", "Ten seconds back.", _PLAY),
    Action("go_to", ("g",), "go to", "Type a time and go there.", _PLAY, 6),
    Action("beginning", ("home",), "beginning", "To the beginning.", _PLAY),
    Action("end", ("end",), "end", "To the end.", _PLAY),
    Action("faster", ("plus", "equals_sign"), "faster", "0.1× to 100×, then max.", _PLAY, 10),
    Action("slower", ("minus",), "slower", "One step slower.", _PLAY),
    Action("real_time", ("0",), "1×", "As fast as it happened.", _PLAY),
    Action("fastest", ("asterisk",), "max", "As fast as possible.", _PLAY),
    Action("no_command", ("C",), "no command", "Why a recording commands no car.", _PLAY),
)  # fmt: skip

_MARKS: Final = (
    Action("mark", ("m",), "mark", "Mark this moment.", _PLACES, 9),
    Action("mark_with_text", ("M",), "note", "Mark this moment with a note.", _PLACES),
)

_IN_THE_BOOK: Final = (
    Action("case", ("K",), "case", "Put the recording into a case of the case book.", _BOOK, 9),
)

_BETWEEN_MARKS: Final = (
    Action("next_mark", ("apostrophe",), "next mark", "To the next mark.", _PLACES),
    Action("previous_mark", ("quotation_mark",), "mark before", "To the mark before.", _PLACES),
    Action("loop", ("l",), "loop", "Loop from here; to here; no more.", _PLACES, 11),
)

ACTIONS: Final = (
    Action("view_port", ("1",), "Port", "The lock, and all that bears on it.", _VIEWS),
    Action("view_attempts", ("2",), "Attempts", "Each attempt to get the plug out.", _VIEWS),
    Action("view_trace", ("3",), "Trace", "Every frame, or the latest of each id.", _VIEWS),
    Action("view_signals", ("4",), "Signals", "Every signal with its value and age.", _VIEWS),
    Action("view_bus", ("5",), "Bus", "Rate, load, errors, and what is odd here.", _VIEWS),
    Action("view_guide", ("6",), "Guide", "What to do about a stuck cable, step by step.", _VIEWS),
    Action("view_findings", ("f",), "Findings", "What is wrong, and what to do next.", _VIEWS),
    *(replace(action, views=_GUIDE_VIEW) for action in _IN_THE_GUIDE),
    Action(
        "guide_begin", ("g",), "guide me", "Be guided from this place of the recording.", _GUIDE, 2,
        _GUIDE_VIEW, "replay",
    ),
    *_only("live", _AT_A_LIVE_BUS),
    *_only("hands", _WITH_A_HAND_IN_IT),
    *_only("car", _AT_A_VIRTUAL_CAR),
    *_only("replay", _WHILE_PLAYING),
    *_only("marks", _MARKS),
    *_only("replay", _BETWEEN_MARKS),
    *_only("book", _IN_THE_BOOK),
    Action("up", ("up", "k"), "up", "One line up.", _LISTS),
    Action("down", ("down", "j"), "down", "One line down.", _LISTS),
    Action("page_up", ("pageup",), "page up", "One page up.", _LISTS),
    Action("page_down", ("pagedown",), "page down", "One page down.", _LISTS),
    Action("top", ("ctrl+home",), "first", "To the first line.", _LISTS),
    Action("bottom", ("ctrl+end", "G"), "last", "To the last line.", _LISTS),
    Action("copy", ("y",), "copy", "Copy the chosen line, or what is shown.", _LISTS, 14),
    Action(
        "window", ("w",), "window", "How much the strip shows: ½ to 5 min.", _VIEW, 12, ("port",)
    ),
    Action(
        "choose", ("enter",), "go", "Play from the chosen line.", _VIEW, 3,
        ("attempts", "trace"), "replay",
    ),
    Action(
        "filter", ("slash",), "filter", "Show only what matches.", _VIEW, 2, ("trace", "signals")
    ),
    Action("freeze", ("z",), "list still", "Hold the list still.", _VIEW, 4, ("trace",)),
    Action("per_id", ("i",), "per id", "Every frame, or the latest per id.", _VIEW, 5, ("trace",)),
    Action("time_format", ("t",), "time", "Offset, distance, or clock.", _VIEW, 12, ("trace",)),
    Action("help", ("question_mark", "f1"), "help", "Help here, and all keys.", _GENERAL, 4),
    Action("palette", ("ctrl+p",), "palette", "Find an action by its name.", _GENERAL, 13),
    Action("theme", ("T",), "theme", "Dark, light, high contrast.", _GENERAL, 15),
    Action("quit", ("q",), "quit", "Leave evdiag.", _GENERAL, 5),
)  # fmt: skip
"""Every action, in the order of the help."""

BY_ID: Final = {action.id: action for action in ACTIONS}

_SHOWN = {
    "right_square_bracket": "]",
    "left_square_bracket": "[",
    "full_stop": ".",
    "comma": ",",
    "plus": "+",
    "equals_sign": "=",
    "minus": "-",
    "asterisk": "*",
    "apostrophe": "'",
    "quotation_mark": '"',
    "question_mark": "?",
    "slash": "/",
    "right": "→",
    "left": "←",
    "up": "↑",
    "down": "↓",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "enter": "Enter",
    "f1": "F1",
    "escape": "Esc",
}


def shown_key(key: str) -> str:
    """Write a key the way keyboards are labelled."""
    *held, last = key.split("+") if len(key) > 1 else (key,)
    return "+".join([*(part.capitalize() for part in held), _SHOWN.get(last, last)])


def meant(
    key: str, view: str, decks: Collection[Deck], keys: Mapping[str, tuple[str, ...]]
) -> Action | None:
    """Return what a key does in a view: what it means there, else what it means everywhere.

    One that means something in other views only gives that; None does nothing anywhere.
    """
    found = [action for action in actions_for(decks) if key in keys[action.id]]
    return min(found, default=None, key=lambda action: _nearness(action, view))


def _nearness(action: Action, view: str) -> int:
    if view in action.views:
        return 0
    return 2 if action.views else 1


def may_share_a_key(one: Action, other: Action) -> bool:
    """Say whether one key may do both: they are never on one screen, or one is the guide's."""
    meet = any({one.deck, other.deck} <= {None, *screen} for screen in SCREENS)
    return not meet or (one.views == _GUIDE_VIEW) != (other.views == _GUIDE_VIEW)


def works_in(action: Action, view: str) -> bool:
    """Say whether an action does anything in a view."""
    return not action.views or view in action.views


def actions_for(decks: Collection[Deck]) -> list[Action]:
    """Return the actions of a screen that has these decks."""
    return [action for action in ACTIONS if action.deck is None or action.deck in decks]


def withheld(decks: Collection[Deck]) -> list[Action]:
    """Return the actions that a screen has not because nobody may do more than look there."""
    full = _FULL.get(tuple(decks))
    if full is None:
        return []
    return [action for action in actions_for(full) if action not in actions_for(decks)]


def footer_actions(view: str, decks: Collection[Deck]) -> list[Action]:
    """Return the actions that the footer of a view offers, most wanted first.

    What belongs to this view alone comes before what works everywhere.
    """
    ranked = [action for action in actions_for(decks) if action.rank and works_in(action, view)]
    return sorted(ranked, key=lambda action: (action.rank, not action.views))
