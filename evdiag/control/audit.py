"""The log of everything that evdiag sent, or wanted to send: a line each, only ever appended."""

from __future__ import annotations

import errno
import getpass
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from evdiag.errors import BadInputError
from evdiag.inputs import Frame, id_text
from evdiag.plain import plain_text
from evdiag.user_files import state_folder

FILE_NAME = "audit.jsonl"


class AuditLog:
    """Lines of JSON: when, who, at which level, why, what frame, what was decided, what came of it.

    A line that cannot be written, or not whole, raises BadInputError: what cannot be logged is not
    sent.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = state_folder() / FILE_NAME if path is None else path
        self._who = _who()

    def note(
        self,
        time_ns: int,
        level: str,
        why: str,
        decision: str,
        result: str,
        frame: Frame | None,
        facts: Sequence[str] = (),
    ) -> None:
        """Append one line; it is in the file when this returns.

        Raises:
            BadInputError: it cannot be written.
        """
        entry: dict[str, object] = {
            "time": _date(time_ns),
            "time_ns": time_ns,
            "who": self._who,
            "level": level,
            "why": why,
            "decision": decision,
            "result": result,
        }
        if frame is not None:
            entry["channel"] = frame.channel
            entry["id"] = id_text(frame.id, frame.extended)
            entry["data"] = frame.data.hex(" ").upper()
        if facts:
            entry["facts"] = list(facts)
        self._append(json.dumps(entry, ensure_ascii=False) + "\n")

    def _append(self, line: str) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                self._write(handle, line.encode("utf-8", "replace"))
            finally:
                os.close(handle)
        except OSError as error:
            raise BadInputError(
                f"{plain_text(str(self.path))} cannot be written: {error.strerror}; nothing is "
                "sent without this log (EVDIAG_STATE names another folder)"
            ) from None

    def _write(self, handle: int, line: bytes) -> None:
        """Write a line in one go, as two evdiag may share the log; a full disk takes half of it."""
        size = os.fstat(handle).st_size
        if size:
            os.lseek(handle, size - 1, os.SEEK_SET)
            # Half a line of before stays one: it must not swallow this one.
            line = line if os.read(handle, 1) == b"\n" else b"\n" + line
        if os.write(handle, line) < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _date(time_ns: int) -> str | None:
    """Return when that is; None where an adapter's stamp is no date: it is logged all the same."""
    try:
        return datetime.fromtimestamp(time_ns // 1_000_000_000, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return None


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A user without a name, as in a container.
        return str(os.getuid()) if hasattr(os, "getuid") else "unknown"
