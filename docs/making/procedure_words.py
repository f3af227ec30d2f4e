"""What the keys of a procedure mean. A key that has no meaning here stops `make_pages.py`."""

from __future__ import annotations

TABLES = {
    "": "The file itself.",
    "steps": "What the person sees, one after the other. Their words stand under the step's id in "
    "the files of languages.",
    "steps.go": "Where the step leads. The ways are tried in their order, and the last one has no "
    "condition.",
    "steps.answers": "What the person can answer.",
    "steps.expects": "What the bus should show, each ticked off on the screen.",
    "steps.skip": "When the step is passed over. A condition that nothing can tell passes over "
    "nothing.",
    "steps.needs": "What must be so before the step may be shown; looked at again at every change.",
    "steps.warnings": "What must be acknowledged before the step begins.",
}

_WHEN = "a [condition](#conditions)"

KEYS: dict[str, dict[str, str | tuple[str, str]]] = {
    "": {
        "schema": "the version of this format",
        "id": "the procedure's name: lower-case letters, digits and hyphens",
        "refuge": "the step to go to where nothing is safe; it needs nothing itself",
        "steps": "at least one, see [steps](#steps)",
    },
    "steps": {
        "id": "its name, one of its kind in all procedures",
        "kind": "what is wanted of the person",
        "go": "see [steps.go](#stepsgo); every kind but `end` has it",
        "answers": "see [steps.answers](#stepsanswers)",
        "expects": "see [steps.expects](#stepsexpects)",
        "skip": "see [steps.skip](#stepsskip)",
        "skip_to": "where passing over leads; else where the last way leads",
        "needs": "see [steps.needs](#stepsneeds)",
        "warnings": "see [steps.warnings](#stepswarnings)",
        "takes_s": "how long a person is expected to take; 30 where it is left out, 1 for an `end`",
        "limit_s": "the step's time; `timed_out` holds then",
        "visits": "how often it may be come to",
        "countdown": "show the time until the car locks again",
        "force": "it uses force or a tool; then it must need `made_dead`",
        "command": "of kind `command`: what the control screen is opened for",
        "ending": "of kind `end`: how it ended",
    },
    "steps.go": {
        "to": "the step that follows",
        "when": _WHEN,
        "result": "what the history says of this step",
        "because": "why, a name of a reason in the texts",
    },
    "steps.answers": {
        "id": "its name; `yes`, `no` and the like have keys of their own",
        "claims": "a [condition](#conditions) that this answer claims; where the bus denies it, "
        "a second look is asked for",
    },
    "steps.expects": {
        "id": "its name, for `met` and `missed`",
        "of": _WHEN,
        "after": "only once that other expectation was met",
        "within": "in the time that is known of the car",
        "within_s": "or in so many seconds",
        "held_s": "it must stay so for so long",
    },
    "steps.skip": {"when": _WHEN, "because": "why, a name of a reason in the texts"},
    "steps.needs": {"what": "what must be so", "otherwise": "the step to go to where it is not"},
    "steps.warnings": {"id": "its name in the texts", "when": f"shown only then: {_WHEN}"},
}

NEEDED = {("", "steps"), ("steps.expects", "of"), ("steps.skip", "when")}
SAME_AS: dict[str, str] = {}
OPEN: tuple[str, ...] = ()
