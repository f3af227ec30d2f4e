"""The trace: every frame up to here, or the latest of each id; filter and freeze."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from textual.app import ComposeResult
from textual.widgets import Input

from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.tui.filter_box import FilterBox
from evdiag.tui.frame_index import SeenKind
from evdiag.tui.lines import Line, LineList, LinePane, fit
from evdiag.tui.moment import Moment, Played
from evdiag.tui.trace_filter import TraceFilter, read_filter
from evdiag.tui.trace_lines import (
    TIME_FORMATS,
    Columns,
    detail_lines,
    frame_line,
    head_line,
    kind_line,
)
from evdiag.tui.view import HelpText, View

_LINES_KEPT = 2000


class TraceList(LineList):
    """The frames, or the ids: `rows` (of frames) or `kinds`, whichever is shown."""

    def __init__(self) -> None:
        super().__init__(id="trace-list")
        self.following = True
        self.played: Played | None = None
        self.rows: NDArray[np.intp] = np.empty(0, np.intp)
        self.kinds: list[int] = []
        self.per_id = False
        self.time_format = TIME_FORMATS[0]
        self._written: dict[tuple[int, int, str], Line] = {}
        self.position = 0

    def line(self, index: int, width: int) -> Line:
        """Write one frame or one id."""
        assert self.played is not None
        if self.per_id:
            columns = Columns.of(self.played, width, per_id=True)
            return kind_line(self.played, self.kinds[index], self.position, columns)
        # A frame never changes: what was written of it once can be shown again.
        key = (int(self.rows[index]), width, self.time_format)
        if key not in self._written:
            if len(self._written) > _LINES_KEPT:
                self._written.clear()
            columns = Columns.of(self.played, width, per_id=False)
            self._written[key] = frame_line(self.played, key[0], self.time_format, columns)
        return self._written[key]

    def chosen_row(self) -> int | None:
        """Return the frame that the cursor is on."""
        if not self.count or self.played is None:
            return None
        if not self.per_id:
            return int(self.rows[self.cursor])
        kind = self.kinds[self.cursor]
        index = self.played.frames
        return int(index.rows(kind)[index.seen(kind, self.position) - 1])


class TraceView(View):
    """Head, list, the chosen frame in full, and what the filter does."""

    NAME = "trace"
    ABOUT = HelpText(
        "The trace",
        (
            "Every frame up to here, newest last. Bytes that differ from the id's frame before are "
            "underlined and bold. i shows the latest frame of each id instead, with its count and "
            "period; t changes the time column.",
            "/ filters: 3B4 is any id with these digits, 3B0-3BF a range, 3B0/7F0 an id under a "
            "mask, any other word (or signal:NAME) a part of a message's or signal's name. "
            "channel:can0, changed, error and remote narrow that further.",
            "z freezes the list: playback goes on, nothing is lost, and the frames that passed "
            "since are counted. Moving the cursor freezes too; z goes on with the newest.",
            "Enter plays from the chosen frame.",
        ),
    )

    # Not scoped: the breakpoint classes stand on the screen.
    SCOPED_CSS = False
    DEFAULT_CSS = """
    TraceView #trace-head, TraceView #trace-state { height: 1; background: $panel; }
    TraceView #trace-detail { height: 3; background: $surface; }
    .-tall TraceView #trace-detail { height: 6; }
    .-short TraceView #trace-detail { height: 2; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.filter = TraceFilter()
        self.problem = ""
        self.frozen_at: int | None = None
        self._matching: NDArray[np.intp] | None = None

    def compose(self) -> ComposeResult:
        """Lay the parts out."""
        yield LinePane(id="trace-head")
        yield TraceList()
        yield LinePane(id="trace-detail")
        yield LinePane(id="trace-state")
        yield FilterBox("3B4   3B0-3BF   3B0/7F0   signal:lock   changed")

    @property
    def main_list(self) -> TraceList:
        """The list."""
        return self.query_one(TraceList)

    @property
    def frozen(self) -> bool:
        """Whether the list is held still."""
        return self.frozen_at is not None

    def draw(self, moment: Moment) -> None:
        """Draw a moment, or go on showing the frozen one."""
        listed = self.main_list
        listed.played = moment.played
        position = moment.playback.position if self.frozen_at is None else self.frozen_at
        listed.position = position
        index = moment.played.frames
        seen = index.kinds_seen(position)
        listed.kinds = [kind for kind in seen if self.filter.lets_through(index.kinds[kind])]
        rows = self._rows(moment.played)
        listed.rows = rows[: int(np.searchsorted(rows, position))]
        listed.resize_to(len(listed.kinds) if listed.per_id else len(listed.rows))
        head, detail, state = (
            self.query_one(f"#trace-{part}", LinePane) for part in ("head", "detail", "state")
        )
        columns = Columns.of(moment.played, head.size.width - 2, per_id=listed.per_id)
        head.put([head_line(columns, listed.time_format)])
        row = listed.chosen_row()
        if row is None:
            detail.put([[(fit(f" {self._empty(moment)}", detail.size.width), "empty")]])
        else:
            detail.put(detail_lines(moment.played, row, detail.size.width, detail.size.height))
        state.put([self._state(moment, len(seen), len(listed.kinds))])

    def on_line_list_moved(self) -> None:
        """Freeze: a person who chooses a frame wants to read it; ids stay where they are."""
        if self.frozen_at is None and not self.main_list.per_id:
            self.frozen_at = self.moment.playback.position

    def act_freeze(self) -> None:
        """Hold the list still, or go on with the newest."""
        if self.frozen_at is None:
            self.main_list.following = False
            self.frozen_at = self.moment.playback.position
        else:
            self.frozen_at = None
            self.main_list.following = True

    def act_per_id(self) -> None:
        """Show every frame, or the latest per id."""
        listed = self.main_list
        listed.per_id = not listed.per_id
        listed.following = not listed.per_id and not self.frozen
        listed.cursor = 0 if listed.per_id else len(listed.rows) - 1

    def act_time_format(self) -> None:
        """Show the time in another way."""
        listed = self.main_list
        place = TIME_FORMATS.index(listed.time_format)
        listed.time_format = TIME_FORMATS[(place + 1) % len(TIME_FORMATS)]

    def act_filter(self) -> None:
        """Type a filter."""
        self.query_one(FilterBox).open()

    def act_choose(self) -> None:
        """Play from the chosen frame."""
        row = self.main_list.chosen_row()
        if row is not None:
            playback = self.moment.playback
            playback.step_frames(row + 1 - playback.position)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while typing; a filter that is not understood is said, and the old one stays."""
        try:
            self.filter = read_filter(event.value, self._names)
            self.problem = ""
        except BadInputError as error:
            self.problem = str(error)
        self._matching = None

    def text_to_copy(self) -> str:
        """Copy the chosen line."""
        listed = self.main_list
        if not listed.count:
            return ""
        return "".join(text for text, _ in listed.line(listed.cursor, 200)).rstrip()

    def _rows(self, played: Played) -> NDArray[np.intp]:
        """Return the frames of the whole recording that the filter lets through."""
        if self._matching is None:
            index = played.frames
            wanted = [at for at, kind in enumerate(index.kinds) if self.filter.lets_through(kind)]
            mask = index.of_kinds(wanted)
            if self.filter.only_changed:
                mask = mask & index.changed
            self._matching = np.flatnonzero(mask)
        return self._matching

    def _names(self, kind: SeenKind) -> tuple[str, ...]:
        played = self.moment.played
        watched = played.analysis.watch.by_frame().get((kind.channel, kind.key), ())
        vocabulary = [played.analysis.watch.signals[at].name for at in watched]
        messages = played.messages.of(kind.channel, kind.key)
        signals = [signal.name for message in messages for signal in message.signals]
        return (*(message.layout.name for message in messages), *signals, *vocabulary)

    def _state(self, moment: Moment, seen: int, shown: int) -> Line:
        if self.problem:
            return [(f" {self.problem}", "bad")]
        pieces = [(f" {shown} of {seen} ids shown", "strong")]
        if self.filter.text:
            pieces.append((f"  filter: {plain_text(self.filter.text)}", "key"))
        if self.frozen_at is not None:
            since = moment.playback.position - self.frozen_at
            pieces.append((f"  FROZEN {since:+,} since freeze", "busy"))
        return pieces

    def _empty(self, moment: Moment) -> str:
        if not moment.playback.frames:
            return "No frame: the recording is empty. 5 Bus says what reading it brought."
        if not moment.playback.position:
            return "No frame yet: space plays, . steps one frame."
        return "No frame passes the filter: / changes it, and nothing typed shows all."
