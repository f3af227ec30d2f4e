"""What the rows of a journal mean. A kind or key without a meaning here stops `make_pages.py`."""

from __future__ import annotations

HEADER = {
    "kind": "always `journal`",
    "after_frame": "always 0",
    "journal_version": "the version of this format",
    "versions": "of evdiag, Python and python-can",
    "mode": "`record` or `black box`",
    "part": "the number of this part, from 1",
    "first_frame": "how many frames the parts before it hold",
    "first_row": "how many rows they hold",
    "wall_ns": "the wall clock at the start of the recording",
    "monotonic_ns": "the monotonic clock at that moment",
    "adapter": "its settings as texts, by name",
    "listen_only": "how silent the adapter is, by channel",
    "vehicle": "the profile, once it is known, else null",
    "profile_sha256": "of the profile's file",
    "dbc": "SHA-256 of each DBC by its name",
    "vin": "the identification number, where it is known",
}

_TIME = {"time_ns": "when; integer nanoseconds, wall clock"}

KINDS: dict[str, tuple[str, dict[str, str]]] = {
    "identified": (
        "The car, decided once.",
        {
            **_TIME,
            "vehicle": "the profile",
            "layout": "the frame layout, null where there is only one",
            "channels": "which channel each bus of the profile is on: list of pairs",
            "confidence": "0 to 1",
            "from_frame": "the first frame that the live session was fed",
        },
    ),
    "bus": (
        "What the bus or its adapter said.",
        {
            **_TIME,
            "event": "what happened",
            "channel": "on which channel",
            "count": "how many (frames lost, errors)",
            "detail": "in words",
        },
    ),
    "tick": ("Time went on without a frame.", _TIME),
    "mark": ("A person's note.", {**_TIME, "text": "the note, which may be empty"}),
    "answer": (
        "A person's answer to a step of the guide.",
        {**_TIME, "step": "the step's id", "answer": "the answer's id"},
    ),
    "decision": (
        "What the transmit gate decided.",
        {
            **_TIME,
            "intent": "what was to be sent, and for what",
            "permitted": "whether it might",
            "reasons": "why not",
        },
    ),
    "car": (
        "Which files say what the frames mean, where that became known on the way.",
        {
            "vehicle": "the profile",
            "profile_sha256": "of its file",
            "dbc": "list of pairs: name, SHA-256",
        },
    ),
    "vin": ("The identification number became known.", {"vin": "the number"}),
    "alarm": ("What went wrong with recording.", {**_TIME, "text": "in words"}),
    "trigger": ("Why a black box wrote this.", {**_TIME, "reason": "in words"}),
    "end": (
        "The part was closed; a part without it was killed or lost its disk.",
        {
            **_TIME,
            "frames": "how many frames it holds",
            "continues": "whether another part follows",
        },
    ),
}
