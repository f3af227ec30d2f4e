"""What the fields of JSON lines mean. A field that has no meaning here stops `make_pages.py`.

Lists of fields that a run shows are compared with that run, the others with the CSV columns.
"""

from __future__ import annotations

_RECORDING = {"recording": "the recording as it was named"}
_TIME = {
    "time_ns": "the time of the frame; integer nanoseconds, since 1970 where the logger knew the "
    "date",
}
_OFFSET = {"offset_s": "the same in seconds from the recording's first frame"}
_CHANNEL_ID = {
    "channel": "the channel as the recording names it: a number or a text",
    "id": "`0x` and 3 hex digits for standard ids, 8 for extended ones",
}

FORMS: dict[str, dict[str, str]] = {
    "timeline": {
        **_RECORDING,
        **_TIME,
        **_OFFSET,
        "signal": "the [signal](signals.md)",
        "old": "its value before; null at first sight",
        "new": "its value now; `stale` where it stopped coming",
        **_CHANNEL_ID,
        "dbc_signal": "the DBC signal that it was read from",
        "raw": "the raw value; null in a stale row",
    },
    "attempts": {
        **_RECORDING,
        "opened_ns": "when the attempt began; integer nanoseconds",
        **_OFFSET,
        "request": "who asked first: a word of [`vehicle.lock_source`](signals.md), "
        "`unlock_request`, `vehicle_unlock`, `latch_button`, `session_end`, `command`, `evdiag`; "
        "null where nobody did",
        "outcome": "an [outcome](../concepts.md#attempt)",
        "released_after_s": "from the request to the open lock; null where it did not open",
        "pulled_after_s": "from the open lock to the plug's leaving; null where it stayed",
        "relocked_after_s": "from the open lock to the closed one; null where it stayed open",
        "evidence": "what happened: list of `time_ns`, `offset_s`, `text`",
        "requests": "everybody who asked: list of `time_ns`, `source`",
        "bounces": "how often a contact chattered",
        "relock_cause": "`timer` or `person` where the lock closed again, else null",
    },
    "diagnose": {
        **_RECORDING,
        "fault": "the [fault](../faults.md); null where nothing was found, and in an ending",
        "confidence": "`certain`, `likely`, `possible`",
        "summary": "the finding in a sentence",
        "evidence": "what speaks for it: list of `time_ns`, `text`",
        "next": "ids of the guide's steps that come next",
        "missing": "signals that would tell more",
        "number": "the fault's number",
        "title": "the fault in words",
        "names": "what others call it: list of `name`, `source`",
        "against": "what contradicts it",
        "ending": "`held_on_purpose` or `mains_lost` where the lock is shut and nothing is wrong; "
        "else null",
    },
    "diagnose --card": {
        **_RECORDING,
        "card": "the [card](../concepts.md#card): `attempt`, `opened_ns`, `request`, `outcome`, "
        "`basis` (`recording`, `profile`, `same_recording`, `none`), `basis_words`, `rows` "
        "(`what`, `this`, `good`, `verdict`: `alike`, `different`, `cannot_tell`, `words`), "
        "`parts` (`part`, `verdict`: `suspected`, `cleared`, `cannot_tell`, `for`, `against`, "
        "`would_tell`, `step`)",
    },
    "identify": {
        **_RECORDING,
        "vehicle": "the profile; null where no car fits",
        "confidence": "0 to 1",
        "matched_ids": "how many of its frames were seen",
        "expected_ids": "how many it is known by",
    },
    "info": {
        **_RECORDING,
        "format": "as in [recordings](../recordings.md)",
        "frames": "their number",
        "duration_s": "from the first stamp to the last; null where stamps tell no time",
        "channels": "list of channels",
        "ids": "number of different ids",
        "error_frames": "their number",
        "remote_frames": "their number",
        "lost_frames": "frames that the logger says it lost",
        "time_anomalies": "stamps that are odd, see `anomalies`",
        "skipped_lines": "lines that could not be read",
        "first_ns": "the first stamp",
        "last_ns": "the last stamp",
        "rate_hz": "frames a second",
        "gaps": "silences of more than a second",
        "longest_gap_s": "the longest of them",
        "time_unit": "the unit of the stamps, where it had to be found out",
        "compression": "`gzip`, `zstd`, `xz` or null",
        "encoding": "of a text, else null",
        "anomalies": "every oddity: list of `kind`, `count`, `first`, `message`",
        "journal": "what a [journal](journal.md) holds beside its frames; null elsewhere",
    },
    "decode": {
        **_RECORDING,
        **_TIME,
        **_CHANNEL_ID,
        "message": "the message of the DBC",
        "signal": "the signal of the DBC",
        "raw": "the raw value",
        "value": "the scaled value, or the text of the value table",
    },
    "dbc": {
        "file": "the DBC",
        "messages": "number of messages",
        "signals": "number of signals",
        "problems": "number of problems; each has a line of its own after this one",
        "usable_signals": "how many of the signals can be decoded",
    },
    "dbc, a problem": {
        "kind": "what kind of problem",
        "file": "the DBC",
        "line": "its line",
        "message": "the message it is in, or null",
        "signal": "the signal, or null",
        "problem": "what is wrong",
        "consequence": "what evdiag makes of it",
    },
    "vehicles list": {
        "vehicle": "the profile",
        "name": "make, model, years",
        "signals": "how many signals of the vocabulary it offers",
        "lock": "how well its lock is known; null where it is not broadcast",
        "polls": "how many diagnostic reads it has",
        "at_obd": "whether one of its buses is at the OBD port",
        "from_user": "whether it is one of yours",
        "file_sha256": "of the profile",
    },
    "unlock": {
        "command": "`unlock`, `relock`, `cycle`, `open-flap`; `dtc-clear`",
        "way": "how",
        "evidence": "how well that way is known",
        "vehicle": "the profile",
        "outcome": "`done`, `commanded_not_confirmed`, `said_no`, `makers_tool`, `no_answer`, "
        "`not_sent`, `bus_lost`, `refused`, `dropped`, `aborted`, `failed`; `dry_run`",
        "text": "the same in words",
        "moved": "whether anything that moves was sent",
        "returned": "true where the car confirmed that it has its authority back, or never gave it "
        "away",
        "returning": "else what is known of it",
        "took_s": "how long it took",
        "next": "what to do next",
        "conditions": "as `interlocks` of `status`; null without a bus",
        "steps": "list of `text`, `state` (`done`, `failed`, `passed over`, `to come`), `note`; in "
        "a dry run `frames`, too",
        "recording": "where it was recorded",
        "before": "only in a dry run: what is asked before; list of steps",
        "meanwhile": "only in a dry run: what is sent beside the steps",
        "hand_back": "only in a dry run: how authority is given back",
    },
    "status": {
        "vehicle": "the profile",
        "name": "make, model, years",
        "confidence": "0 to 1",
        "time_ns": "of the last frame",
        "lock_fitted": "whether the inlet has a lock",
        "live_because": "why a session is taken to be alive; empty where none is",
        "fault": "the first fault that is certain or likely, else null",
        "findings": "list of `fault`, `confidence`, `summary`, `next`",
        "command": "with `--interlocks`: the command",
        "interlocks": "with it: list of `id`, `what`, `verdict` (`green`, `red`, `by_eye`), "
        "`reading`, `age_s`, `needs`",
    },
    "status, a signal": {
        "vehicle": "the profile",
        "signal": "the [signal](signals.md)",
        "value": "its value, or `unknown`, `stale`, `invalid`",
        "unit": "of a number",
        "age_s": "for how long it has had this value",
        "evidence": "how well the signal is known",
    },
    "dtc read": {
        "vehicle": "the profile",
        "unit": "the control unit's id",
        "code": "the code; null for a unit without codes",
        "sae": "the same in SAE's letters",
        "status": "the status byte",
        "says": "what its bits say",
        "meaning": "what the profile knows of it",
        "evidence": "how well that is known",
        "source": "from where",
        "snapshot": "snapshot records, raw bytes",
        "extended": "extended data records, raw bytes",
        "problem": "why the unit told nothing, else null",
        "change": "with `--before`, and in `dtc clear`: `new`, `still set`, `gone`; null where one "
        "of the readings does not tell",
    },
    "adapters": {
        "interface": "what `-i` takes",
        "channel": "what `-c` takes",
        "description": "what it is",
        "listen_only": "how silent it can be, and why",
        "fd": "CAN FD",
        "bitrates": "which bit rates it knows",
        "timestamps": "who stamps the frames",
        "ready": "whether it can be used now",
        "state": "what must be done first",
        "command": "what opens it",
    },
    "doctor": {
        "about": "what was looked at",
        "status": "`ok`, `hint`, `fault`",
        "finding": "what was found",
        "fix": "what to do about it",
    },
    "archive make": {
        **_RECORDING,
        "archive": "the file",
        "vehicle": "the profile, or `unknown`",
        "day": "of the first frame in UTC, or `undated`",
        "frames": "their number",
        "source_bytes": "the recording's size, decompressed",
        "archive_bytes": "the archive's size",
        "ratio": "of the two",
        "gives_back": "`bytes` or `frames`",
        "sha256": "of the recording, decompressed",
    },
    "archive restore": {
        "archive": "the file",
        "files": "what was written",
        "frames": "their number",
        "gives_back": "`bytes` or `frames`",
        "sha256": "of the recording, decompressed",
        "not_held": "what candump text cannot hold of it",
    },
    "archive check": {
        "archive": "the file",
        "frames": "their number",
        "gives_back": "`bytes` or `frames`",
        "sha256": "of the recording, decompressed",
    },
    "scan": {
        "vehicle": "the profile; null for unknown cars",
        "recordings": "their number",
        "frames": "their number",
        "duration_s": "together",
        "attempts": "their number",
        "findings": "with a fault",
        "faults": "those that are certain or likely",
        "first_ns": "of dated recordings",
        "last_ns": "of dated recordings",
    },
}
