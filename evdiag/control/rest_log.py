"""When each actuator was last driven, in a file: its pause must outlive a restart of evdiag."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from evdiag.control.rest import Movement
from evdiag.errors import BadInputError, RefusedError
from evdiag.plain import plain_text
from evdiag.user_files import state_folder, write_whole

if TYPE_CHECKING:
    from filelock import BaseFileLock

FILE_NAME: Final = "actuators.json"


class RestLog:
    """The last movement of each actuator, kept in one small file that is replaced whole.

    Where it cannot be written nothing moves; where it cannot be read, nobody knows when anything
    moved last, and that is said rather than guessed. Whoever moves something holds it: two evdiag
    that both found an actuator rested would drive it twice.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = state_folder() / FILE_NAME if path is None else path
        self._held: BaseFileLock | None = None

    def hold(self) -> None:
        """Keep every other evdiag that shares the file from moving anything, until `release`.

        The system lets go of it should evdiag die.

        Raises:
            BadInputError: it cannot be held.
            RefusedError: another evdiag moves something.
        """
        from filelock import FileLock, Timeout

        beside = self.path.with_name(f"{self.path.name}.lock")
        # Held and let go of by different threads.
        lock = FileLock(beside, timeout=0, thread_local=False)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout:
            raise RefusedError(
                "another evdiag on this computer is giving a command: wait for its end"
            ) from None
        except (OSError, NotImplementedError) as error:
            reason = getattr(error, "strerror", None) or error
            raise BadInputError(
                f"{plain_text(str(beside))} cannot be locked: {reason}; nothing is moved without "
                "it (EVDIAG_STATE names another folder)"
            ) from None
        self._held = lock

    def release(self) -> None:
        """Let others move something."""
        if self._held is not None:
            self._held.release()
            self._held = None

    def last(self, actuator: str) -> Movement | None:
        """Return the last movement of an actuator; None where there was none.

        Raises:
            BadInputError: the file cannot be read.
        """
        return self._read().get(actuator)

    def note(self, actuator: str, movement: Movement) -> None:
        """Write down a movement; it is in the file when this returns.

        Raises:
            BadInputError: it cannot be written.
        """
        known = self._read()
        known[actuator] = movement
        rows = {
            name: [each.what, each.began_ns, each.ended_ns, each.latest_ns]
            for name, each in known.items()
        }
        try:
            write_whole(self.path, json.dumps(rows))
        except OSError as error:
            raise BadInputError(
                f"{plain_text(str(self.path))} cannot be written: {error.strerror}; nothing is "
                "moved without it (EVDIAG_STATE names another folder)"
            ) from None

    def _read(self) -> dict[str, Movement]:
        try:
            rows = json.loads(self.path.read_text(encoding="utf-8"))
            return {
                str(name): Movement(str(what), int(began), int(ended), int(latest))
                for name, (what, began, ended, latest) in rows.items()
            }
        except FileNotFoundError:
            return {}
        except (
            OSError, ValueError, TypeError, AttributeError, OverflowError, RecursionError,
        ) as error:  # fmt: skip
            raise BadInputError(
                f"{plain_text(str(self.path))} cannot be read ({type(error).__name__}), so nobody "
                "knows when an actuator moved last: wait a minute, remove the file, try again"
            ) from None
