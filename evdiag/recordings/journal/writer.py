"""Writes a journal: nothing that enters is lost while there is a disk, or memory, to take it."""

from __future__ import annotations

import errno
import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from evdiag.errors import BadInputError
from evdiag.inputs import Frame, Identified, Input, Mark
from evdiag.recordings.journal import faults
from evdiag.recordings.journal.encoding import encode
from evdiag.recordings.journal.header import Header
from evdiag.recordings.journal.hold import Hold
from evdiag.recordings.journal.lines import line_writer
from evdiag.recordings.journal.packing import Packer
from evdiag.recordings.journal.part import Opener, Part, create
from evdiag.recordings.journal.parts import Parts
from evdiag.recordings.journal.state import JournalState
from evdiag.recordings.journal.syncing import Syncer
from evdiag.recordings.journal.words import Alarm, CarFiles, Entry, Own, Vin

FLUSH_S: Final = 0.25
"""So often everything is given to the operating system: about what `kill -9` can cost."""

SYNC_S: Final = 1.0
"""So often the disk is asked to really have it: about what a power failure can cost."""

RETRY_S: Final = 2.0

HOLD_LIMIT: Final = 500_000
"""Frames kept in memory for a disk that takes none: about 150 MB, 25 s of 20,000 frames/s."""

_AT_ONCE: Final = 2048
"""So many waiting entries are written without waiting for the next flush, and in one piece."""


class Journal:
    """One recording, in parts where it is rotated. Belongs to one thread; `state` to every one.

    `rotate_bytes` is how large the two files of a part may become together, `rotate_s` how long a
    part may last; `compress` packs finished parts with zstd. What a disk does is raised by the
    constructor only. Later an alarm in `state` says it, up to `hold_limit` frames are held in
    memory, and writing is tried again every two seconds: in the same part where its files are
    whole, else in a new one.
    """

    def __init__(
        self,
        folder: Path,
        header: Header,
        *,
        label: str = "",
        rotate_bytes: int | None = None,
        rotate_s: float | None = None,
        compress: bool = False,
        hold_limit: int = HOLD_LIMIT,
        clock: Callable[[], float] = time.monotonic,
        opener: Opener = create,
        fsync: Callable[[int], None] = os.fsync,
    ) -> None:
        """Make the folder, where it is not there yet, and the first part.

        Raises:
            BadInputError: nothing can be recorded there.
        """
        self._rotate_bytes = rotate_bytes
        self._rotate_s = rotate_s
        self._clock = clock
        self._packer = Packer() if compress else None
        self._parts = Parts(folder, header, label, opener, self._packer)
        self._syncer = Syncer(fsync)
        self._line = line_writer()
        self._hold = Hold(hold_limit)
        self._frames = self._notes = 0
        self._unsynced: deque[Entry] = deque()
        self._synced = self._wished = 0
        self._trouble: _Trouble | None = None
        self._said: list[str] = []
        self._at_once = _AT_ONCE
        self._flushed_s = self._looked_s = self._began_s = clock()
        self._started_ns = header.wall_ns
        self._closed = False
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._part: Part | None = self._parts.begin(0, 0)
        except OSError as error:
            raise BadInputError(faults.cannot_record(folder, error)) from None
        self._state = self._state_now()

    @property
    def state(self) -> JournalState:
        """How the recording stands; any thread may ask."""
        return self._state

    @property
    def path(self) -> Path:
        """The first part: what is opened to read all of the recording."""
        return self._parts.first

    def write(self, items: Sequence[Input]) -> None:
        """Take inputs in their order; with a mark all of them are written when this returns."""
        most = min(_AT_ONCE, self._hold.limit)
        for first in range(0, len(items), most):
            some = items[first : first + most]
            if len(self._hold) + len(some) > most:
                self._drain()
            self._hold.add(some)
        if any(type(item) is Mark for item in items):
            self.flush()
            self._wish_sync()
        self._state = self._state_now()

    def tell(self, word: Own) -> None:
        """Note a word of the recorder's own; what becomes known is in later headers, too."""
        if isinstance(word, (CarFiles, Vin)):
            self._parts.know(word)
        self._hold.say(word)

    def flush_if_due(self) -> None:
        """Call this at least four times a second: it writes, syncs, rotates and tries again."""
        now_s = self._clock()
        self._hear_of_sync()
        if now_s - self._flushed_s >= FLUSH_S:
            self.flush()
        if now_s - self._looked_s >= SYNC_S:
            self._looked_s = now_s
            self._look_for_the_files()
            self._wish_sync()
        self._state = self._state_now()

    def flush(self) -> None:
        """Give everything to the operating system."""
        self._flushed_s = self._clock()
        self._hold.let_tick_out()
        self._drain()
        self._state = self._state_now()

    def close(self) -> None:
        """Write what is left and say that this is the end; what cannot be written is lost."""
        if self._closed:
            return
        self._closed = True
        self._hold.let_tick_out()
        self._try(self._write_all)
        self._try(self._end)
        if self._part is not None:
            self._part.close()
        self._syncer.stop()
        if self._packer is not None:
            self._packer.finish()
        if len(self._hold):
            self._said.append(self._at_the_end())
            self._hold.lose_all()
        self._state = self._state_now()

    def discard(self) -> None:
        """Take the recording back: nothing was to be written, it was only tried."""
        self._closed = True
        if self._part is not None:
            self._part.close()
            self._part.remove()
            self._part = None

    # -- writing ---------------------------------------------------------------------------------

    def _drain(self) -> None:
        """Write all that is held, unless it is too early to try again."""
        if self._trouble is None or self._clock() >= self._trouble.retry_at_s:
            self._try(self._write_all)

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except OSError as error:
            self._fail(error)

    def _write_all(self) -> None:
        while self._hold.has_entries:
            if self._part is None:
                self._part = self._begin()
            if self._is_old(self._part) or not self._write_some(self._part):
                self._rotate(self._part)

    def _write_some(self, part: Part) -> bool:
        """Write as much as the part takes; False where it is full."""
        entries = islice(self._hold.entries(), self._at_once if part.is_begun else 1)
        room = None
        if self._rotate_bytes is not None and part.is_begun:
            room = self._rotate_bytes - part.size
        some = encode(entries, part.frames, room, self._line)
        notes = some.entries - some.frames
        if not some.entries:
            return False
        try:
            part.append(some.log, some.rows, frames=some.frames, notes=notes)
        except OSError as error:
            if error.errno != faults.TOO_LARGE or not part.is_begun or part.is_torn:
                raise
            # No file may grow that large here: fill this one up, then begin another.
            self._at_once //= 8
            return self._at_once > 0
        self._written(self._hold.take(some.entries), some.frames)
        return True

    def _written(self, entries: list[Entry], frames: int) -> None:
        self._frames += frames
        self._notes += len(entries) - frames
        self._unsynced.extend(entries)
        while len(self._unsynced) > self._hold.limit:
            # A disk that answers no sync: memory is bounded all the same.
            self._unsynced.popleft()
            self._synced += 1
        for entry in entries:
            if type(entry) is Identified:
                self._parts.identified = entry
        if self._trouble is not None:
            self._recovered(self._trouble)

    # -- parts -----------------------------------------------------------------------------------

    def _begin(self) -> Part:
        self._began_s = self._clock()
        self._at_once = _AT_ONCE
        return self._parts.begin(self._frames, self._notes)

    def _is_old(self, part: Part) -> bool:
        if self._rotate_s is None or not part.frames:
            return False
        return self._clock() - self._began_s >= self._rotate_s

    def _rotate(self, part: Part) -> None:
        self._parts.end(part, self._syncer.sync_now, continues=True)
        self._all_synced()
        self._part = self._begin()

    def _end(self) -> None:
        if self._part is not None and not self._hold.has_entries:
            self._parts.end(self._part, self._syncer.sync_now, continues=False)
            self._all_synced()

    # -- syncing ---------------------------------------------------------------------------------

    def _wish_sync(self) -> None:
        upto = self._frames + self._notes
        if self._part is None or upto == self._wished:
            return
        if self._syncer.wish(self._part, upto):
            self._wished = upto

    def _hear_of_sync(self) -> None:
        while (answer := self._syncer.answer()) is not None:
            if answer.part is not self._part:
                continue
            if answer.error is not None:
                # Whatever was given since the last sync may be gone: it is written again.
                self._part.is_torn = True
                self._fail(answer.error)
                return
            while self._synced < answer.upto:
                self._unsynced.popleft()
                self._synced += 1

    def _all_synced(self) -> None:
        self._part = None
        self._synced = self._frames + self._notes
        self._unsynced.clear()

    # -- trouble ---------------------------------------------------------------------------------

    def _look_for_the_files(self) -> None:
        part = self._part
        if part is not None and not part.is_there():
            self._fail(FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)), gone=True)

    def _fail(self, error: OSError, *, gone: bool = False) -> None:
        part, before = self._part, self._trouble
        lost_before = self._hold.lost if before is None else before.lost_before
        failed_again = before is not None and error.errno not in faults.FULL
        if part is not None and (gone or part.is_torn or failed_again):
            self._give_up(part, gone=gone)
        now_s = self._clock()
        self._trouble = _Trouble(
            error,
            since_s=now_s if before is None else before.since_s,
            retry_at_s=now_s + RETRY_S,
            lost_before=lost_before,
        )

    def _give_up(self, part: Part, *, gone: bool) -> None:
        """Write to this part no more; what the disk is not known to have is written again."""
        back = list(self._unsynced)
        frames = sum(type(entry) is Frame for entry in back)
        notes = len(back) - frames
        self._unsynced.clear()
        self._hold.put_back(back)
        if gone:
            self._hold.lost += part.frames - frames
            frames, notes = part.frames, part.notes
            self._parts.files.remove(part.log)
        self._frames -= frames
        self._notes -= notes
        self._synced = self._wished = self._frames + self._notes
        part.close()
        self._part = None

    def _recovered(self, trouble: _Trouble) -> None:
        self._trouble = None
        lasted_s = self._clock() - trouble.since_s
        lost = self._hold.lost - trouble.lost_before
        text = (
            f"{faults.reason(trouble.error)}: nothing could be written for {lasted_s:.1f} s; "
            + (f"{lost:,} frames are lost" if lost else "no frame is lost")
        )
        self._said.append(text)
        self._hold.say(Alarm(time.time_ns() // 1000 * 1000, text))

    def _state_now(self) -> JournalState:
        held = self._hold.frames
        trouble = self._trouble
        return JournalState(
            started_ns=self._started_ns,
            files=tuple(self._parts.files),
            frames=self._frames,
            held=held,
            lost=self._hold.lost,
            alarm=None if trouble is None else self._alarm(trouble.error, held),
            notes=(*self._said, *(self._packer.problems if self._packer else ())),
            closed=self._closed,
            writing_since_ns=None if self._closed else self._started_ns,
        )

    def _at_the_end(self) -> str:
        frames = self._hold.frames
        what = f"the last {frames:,} frames" if frames else "what was noted last"
        why = "the disk" if self._trouble is None else faults.reason(self._trouble.error)
        return f"{why}: {what} could not be written"

    def _alarm(self, error: OSError, held: int) -> str:
        limit = self._hold.limit
        kept = f"{held:,} of at most {limit:,} frames are held in memory"
        if held >= limit:
            kept += ", the oldest are being lost"
        return f"not recording: {faults.cannot_write(self._parts.folder, error)} ({kept})"


@dataclass(frozen=True, slots=True)
class _Trouble:
    """What the disk does, since when, when to try again, and what was lost before it began."""

    error: OSError
    since_s: float
    retry_at_s: float
    lost_before: int
