"""The guide in lines: one step in large plain words, what the bus shows, the answers. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evdiag.guide.page import AFFIRMATIVE, MARKS, NEGATIVE, HistoryLine, Page
from evdiag.guide.record import ExpectationState
from evdiag.guide.texts import Texts
from evdiag.guide.walk import DANGER_STEP, RESUME
from evdiag.plain import plain_text
from evdiag.tui.actions import GUIDE_LETTERS, shown_key
from evdiag.tui.big_word import Size, big_word
from evdiag.tui.lines import Line, Piece, cut, fit, length, wrap

Keys = Mapping[str, tuple[str, ...]]

BEGIN = ""
"""The answer that begins the guide; no step has it."""

CHOSEN = "▸"
"""Stands before the chosen answer."""

_STATE_TONES: Mapping[ExpectationState, str] = {
    "met": "free",
    "missed": "bad",
    "waiting": "busy",
    "before": "quiet",
    "cannot_tell": "odd",
}

_ORDERS = (
    ("guide_again", "repeat"),
    ("guide_back", "back"),
    ("guide_skip", "skip"),
    ("guide_danger", "danger"),
    ("guide_stop", "stop"),
)
"""What can be said at any step: the action, and its word."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What is to be drawn of a guide, in which words and with which keys.

    `page` is None while nobody is guided; `note` then says what else is to be known. `begins` is
    the action that begins the guide here.
    """

    page: Page | None
    texts: Texts
    keys: Keys
    note: str = ""
    begins: str = "guide_me"


@dataclass(frozen=True, slots=True)
class Choosable:
    """An answer that can be chosen: the action whose key gives it ("" for none), and its words."""

    answer: str
    action: str
    text: str


def choosable(sight: Sight) -> list[Choosable]:
    """Return the answers that can be given now, in the order of the screen."""
    page, word = sight.page, sight.texts.word
    if page is None:
        return [Choosable(BEGIN, sight.begins, word("begin"))]
    if page.phase == "stopped":
        return [Choosable(RESUME, "guide_stop", word("resume"))]
    if page.phase == "ended":
        return [Choosable(BEGIN, sight.begins, word("begin_anew"))]
    letters = iter(GUIDE_LETTERS)
    free = {"guide_yes", "guide_no"}
    found = []
    for option in page.options:
        action = _yes_or_no(option.answer)
        if action not in free:
            action = next(letters, "")
        free.discard(action)
        found.append(Choosable(option.answer, action, plain_text(option.text)))
    return found


def _yes_or_no(answer: str) -> str:
    if answer in AFFIRMATIVE:
        return "guide_yes"
    return "guide_no" if answer in NEGATIVE else ""


# -- above -----------------------------------------------------------------------------------


def head_line(sight: Sight, width: int) -> Line:
    """Return the border: the procedure, and how far it has come."""
    page = sight.page
    if page is None:
        return cut([("─" * width, "line")], width)
    progress = page.ending.upper() if page.phase == "ended" else page.progress
    line: list[Piece] = [("── ", "line"), (plain_text(page.procedure), "title"), (" ── ", "line")]
    line += [(plain_text(progress), "strong"), (" ", "")]
    return cut([*line, ("─" * max(0, width - length(line)), "line")], width)


def top_lines(sight: Sight, width: int, size: Size | None, *, airy: bool = False) -> list[Line]:
    """Return what must be seen: a notice, the countdown, the title, what to do.

    `size` is that of the countdown's letters; None puts it on one line. `airy` parts them.
    """
    blocks = [block for block in _top_blocks(sight, width, size) if block]
    if not airy:
        return [line for block in blocks for line in block]
    return [[], *(line for block in blocks for line in (*block, []))]


def _top_blocks(sight: Sight, width: int, size: Size | None) -> Iterator[list[Line]]:
    page, texts = sight.page, sight.texts
    if page is None:
        yield _rows(texts.word("idle"), width, "strong")
        yield _rows(sight.note, width, "quiet")
        return
    yield _rows(page.notice, width, "busy")
    yield _countdown(page, texts, width, size)
    yield _rows(page.title, width, "alarm" if page.step == DANGER_STEP else "title")
    for warning in page.warnings if page.phase == "warnings" else ():
        yield _rows(f"! {texts.word('warning')}: {warning}", width, "bad", hanging=2)
    yield _rows(page.do, width, "")


def _countdown(page: Page, texts: Texts, width: int, size: Size | None) -> list[Line]:
    left_s = page.relock_left_s
    if left_s is None:
        return []
    pull, again = plain_text(texts.word("pull_now")), plain_text(texts.word("locks_again_in"))
    word = [] if size is None else big_word("open", "OPEN", size)
    seconds: Line = [(f"{again} ", "busy"), (f"{left_s:.0f} s", "busy")]
    if not word or len(word[0]) + 12 > width:
        said: list[Piece] = [(f"□ {pull}  ", "free"), *seconds, ("  ", "")]
        return [[*said, *_bar(page, min(24, max(0, width - length(said))))]]
    beside = width - len(word[0]) - 3
    if beside < len(pull) or beside < length(seconds):
        blocks: list[Line] = [[(row, "free")] for row in word]
        return [*blocks, [(f"{pull}  ", "free"), *seconds]]
    aside: list[Line] = [[(pull, "free")], seconds, _bar(page, min(28, beside))]
    aside = [[] for _ in range((len(word) - 3) // 2)] + aside
    aside += [[] for _ in range(len(word) - len(aside))]
    return [[(row, "free"), ("   ", ""), *words] for row, words in zip(word, aside, strict=True)]


def _bar(page: Page, width: int) -> Line:
    full_s, left_s = page.relock_full_s, page.relock_left_s or 0.0
    filled = max(0, min(width, round(width * left_s / full_s))) if full_s else 0
    return [("━" * filled, "busy"), ("╌" * (width - filled), "quiet")]


# -- between ---------------------------------------------------------------------------------


def rest_lines(sight: Sight, width: int) -> list[Line]:
    """Return what can be scrolled: why, what the bus shows, the tries, what was done so far."""
    page, texts = sight.page, sight.texts
    if page is None:
        return []
    lines: list[Line] = []
    if page.why:
        lines += _rows(f"{texts.word('because')}: {page.why}", width, "quiet")
    if page.phase != "warnings":
        for warning in page.warnings:
            lines += _rows(f"! {texts.word('warning')}: {warning}", width, "odd", hanging=2)
    if page.evidence:
        lines.append(_section(texts.word("evidence"), width))
        for seen in page.evidence:
            detail = f"  {seen.detail}" if seen.detail else ""
            mark = f"{MARKS[seen.state]} "
            lines += _rows(f"{mark}{seen.text}{detail}", width, _STATE_TONES[seen.state], hanging=2)
    if page.tries:
        lines.append(_section(texts.word("tries"), width))
        lines += [row for told in page.tries for row in _rows(told, width, "", hanging=2)]
    if page.history:
        lines.append(_section(texts.word("history"), width))
        lines += [row for done in page.history for row in _history(done, width)]
    return lines


def _section(title: str, width: int) -> Line:
    head: list[Piece] = [("─ ", "line"), (plain_text(title), "title"), (" ", "")]
    return cut([*head, ("─" * max(0, width - length(head)), "line")], width)


def _history(done: HistoryLine, width: int) -> Iterator[Line]:
    tone = "quiet" if done.passed_over else ""
    yield from _rows(f"{done.mark} {done.text}: {done.result}", width, tone, hanging=2)
    for told in done.tries:
        yield from _rows(f"  {told}", width, "quiet", hanging=4)


# -- below -----------------------------------------------------------------------------------


def session_line(page: Page, width: int) -> Line:
    """Return how the charging session stands, in words; the colour repeats them."""
    mark, tone = ("○", "free") if page.session_is_safe else ("●", "bad")
    return cut([(fit(f"{mark} {plain_text(page.session)}", width), tone)], width)


def option_lines(sight: Sight, chosen: int, width: int, *, each_on_its_own: bool) -> list[Line]:
    """Return the answers that can be given, the chosen one told by a sign at its edge."""
    offered = [
        _option(each, sight.keys, here=at == chosen) for at, each in enumerate(choosable(sight))
    ]
    if each_on_its_own:
        return offered
    rows: list[list[Piece]] = [[]]
    for option in offered:
        if rows[-1] and length(rows[-1]) + length(option) + 1 > width:
            rows.append([])
        rows[-1] += [*option, (" ", "")]
    return list(rows)


def _option(each: Choosable, keys: Keys, *, here: bool) -> Line:
    bound = keys.get(each.action, ())
    key = shown_key(bound[0]) if bound else " "
    text: Piece = (f" {each.text} ", "here" if here else "strong")
    return [(CHOSEN if here else " ", "key"), (f" {key} ", "key"), text]


def order_lines(sight: Sight, width: int) -> list[Line]:
    """Return what can be said at any step, with the keys, in as few rows as hold it."""
    page = sight.page
    if page is None:
        return []
    wanted = [*_ORDERS]
    if page.command is not None:
        # A recording commands nothing: the key says so there.
        wanted.insert(0, ("command", "command"))
    if page.phase in ("stopped", "ended"):
        wanted = [("guide_back", "back")]
    rows: list[list[Piece]] = [[]]
    for action, word in wanted:
        if not sight.keys[action]:
            continue
        key, text = shown_key(sight.keys[action][0]), plain_text(sight.texts.word(word))
        tone = {"guide_danger": "bad", "command": "strong"}.get(action, "quiet")
        said: list[Piece] = [(f" {key}", "key"), (f" {text} ", tone)]
        if rows[-1] and length(rows[-1]) + length(said) > width:
            rows.append([])
        rows[-1] += said
    return list(rows)


def _rows(text: str, width: int, tone: str, *, hanging: int = 0) -> list[Line]:
    """Wrap a text of one or more paragraphs; whatever is in it is shown, never obeyed."""
    return [
        [(row, tone)]
        for paragraph in text.splitlines()
        for row in wrap(plain_text(paragraph), width, hanging)
    ]
