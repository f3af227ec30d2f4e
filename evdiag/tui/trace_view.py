"""The trace: every frame up to here, or the latest of each id; filter and freeze."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from textual.app import ComposeResult
from textual.widgets import Input

from evdiag.errors import BadInputError
from evdiag.inputs import Frame
from evdiag.plain import plain_text
from evdiag.session.track import SeenKind
from evdiag.tui.empty import no_frame
from evdiag.tui.filter_box import FilterBox
from evdiag.tui.lines import Line, LineList, LinePane, wrap
from evdiag.tui.moment import Moment
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
_NO_ROWS = np.empty(0, np.intp)


class Chosen(NamedTuple):
    """The frame that the cursor is on."""

    row: int
    kind: SeenKind
    frame: Frame


class TraceList(LineList):
    """The frames, or the ids: `rows` (of frames) or `numbers` of kinds, whichever is shown."""

    def __init__(self) -> None:
        super().__init__(id="trace-list")
        self.following = True
        self.moment: Moment | None = None
        self.rows: NDArray[np.intp] = np.empty(0, np.intp)
        self.numbers: list[int] = []
        self.per_id = False
        self.time_format = TIME_FORMATS[0]
        self._written: dict[tuple[int, int, str], Line] = {}
        self._written_for: tuple[object, ...] = ()
        self._kind: SeenKind | None = None

    def show(self, moment: Moment, rows: NDArray[np.intp], numbers: list[int]) -> None:
        """Show these frames or these ids of a moment from now on."""
        if (moment.car, moment.played) != self._written_for:
            self._written_for = (moment.car, moment.played)
            self._written.clear()
        self.moment, self.rows = moment, rows
        if self.per_id and not self.following and numbers != self.numbers:
            self._stay_on_kind(moment, numbers)
        self.numbers = numbers
        self.resize_to(len(numbers) if self.per_id else len(rows))

    def line(self, index: int, width: int) -> Line:
        """Write one frame or one id."""
        assert self.moment is not None
        if self.per_id:
            columns = Columns.of(self.moment, width, per_id=True)
            kind = self.numbers[index]
            latest = self.moment.track.kinds.latest(kind, self.moment.position)
            return kind_line(self.moment, kind, latest, columns)
        # A frame never changes: what was written of it once can be shown again.
        key = (int(self.rows[index]), width, self.time_format)
        if key not in self._written:
            if len(self._written) > _LINES_KEPT:
                self._written.clear()
            columns = Columns.of(self.moment, width, per_id=False)
            self._written[key] = frame_line(self.moment, key[0], self.time_format, columns)
        return self._written[key]

    def chosen(self) -> Chosen | None:
        """Return the frame that the cursor is on."""
        if not self.count or self.moment is None:
            return None
        track = self.moment.track
        if not self.per_id:
            row = int(self.rows[self.cursor])
            return Chosen(row, track.kinds.kind_of(row), track.frame(row))
        number = self.numbers[self.cursor]
        latest = track.kinds.latest(number, self.moment.position)
        self._kind = track.kinds.kinds[number]
        return Chosen(latest.row, self._kind, latest.frame)

    def _stay_on_kind(self, moment: Moment, numbers: list[int]) -> None:
        """Keep the cursor on its id where others have come in between."""
        kinds = moment.track.kinds.kinds
        places = [place for place, number in enumerate(numbers) if kinds[number] == self._kind]
        self.cursor = places[0] if places else self.cursor


class TraceView(View):
    """Head, list, the chosen frame in full, and what the filter does."""

    NAME = "trace"
    ABOUT = HelpText(
        "The trace",
        (
            "Every frame up to here, newest last; of a live bus the last 50,000. Bytes that differ "
            "from the id's frame before are underlined and bold. i shows the latest frame of each "
            "id instead, with its count and period; t changes the time column.",
            "/ filters: 3B4 is any id with these digits, 3B0-3BF a range, 3B0/7F0 an id under a "
            "mask, any other word (or signal:NAME) a part of a message's or signal's name. "
            "channel:can0, changed, error and remote narrow that further.",
            "z freezes the list: everything else goes on, nothing is lost, and the frames that "
            "passed since are counted. Moving the cursor freezes too; z goes on with the newest.",
            "In a recording, Enter plays from the chosen frame.",
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
        self.held: Moment | None = None

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
        return self.held is not None

    def draw(self, moment: Moment) -> None:
        """Draw a moment, or go on showing the frozen one."""
        listed = self.main_list
        shown = self.held or moment
        kinds = shown.track.kinds
        seen = kinds.kinds_seen(shown.position)
        numbers = [each for each in seen if self.filter.lets_through(kinds.kinds[each])]
        rows = _NO_ROWS
        if not listed.per_id:
            rows = kinds.rows(numbers, self.filter.only_changed, shown.position)
        listed.show(shown, rows, numbers)
        head, detail, state = (
            self.query_one(f"#trace-{part}", LinePane) for part in ("head", "detail", "state")
        )
        columns = Columns.of(shown, head.size.width - 2, per_id=listed.per_id)
        head.put([head_line(columns, listed.time_format)])
        chosen = listed.chosen()
        size = detail.size
        if chosen is None:
            detail.put([(f" {row}", "empty")] for row in wrap(no_frame(moment), size.width - 1))
        else:
            detail.put(detail_lines(shown, *chosen, size.width, size.height))
        state.put([self._state(moment, len(seen), len(numbers))])

    def on_line_list_moved(self) -> None:
        """Freeze: a person who chooses a frame wants to read it; ids stay where they are."""
        if self.held is None and not self.main_list.per_id:
            self.held = self.moment

    def act_freeze(self) -> None:
        """Hold the list still, or go on with the newest."""
        if self.held is None:
            self.main_list.following = False
            self.held = self.moment
        else:
            self.held = None
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
        chosen = self.main_list.chosen()
        if chosen is not None and self.moment.played is not None:
            playback = self.moment.played.playback
            playback.step_frames(chosen.row + 1 - playback.position)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while typing; a filter that is not understood is said, and the old one stays."""
        try:
            self.filter = read_filter(event.value, self._names)
            self.problem = ""
        except BadInputError as error:
            self.problem = str(error)

    def text_to_copy(self) -> str:
        """Copy the chosen line."""
        listed = self.main_list
        if not listed.count:
            return ""
        return "".join(text for text, _ in listed.line(listed.cursor, 200)).rstrip()

    def _names(self, kind: SeenKind) -> tuple[str, ...]:
        messages = self.moment.messages.of(kind.channel, kind.key)
        signals = [signal.name for message in messages for signal in message.signals]
        vocabulary = self.moment.car.carried(kind) if self.moment.car else ()
        return (*(message.layout.name for message in messages), *signals, *vocabulary)

    def _state(self, moment: Moment, seen: int, shown: int) -> Line:
        if self.problem:
            return [(f" {self.problem}", "bad")]
        pieces = [(f" {shown} of {seen} ids shown", "strong")]
        if self.filter.text:
            pieces.append((f"  filter: {plain_text(self.filter.text)}", "key"))
        if self.held is not None:
            since = moment.track.position - self.held.position
            pieces.append((f"  FROZEN {since:+,} since freeze", "busy"))
        return pieces
