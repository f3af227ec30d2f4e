"""The DBCs that strangers made: nothing is lost, and cantools agrees wherever it decodes."""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

import cantools
import pytest

from evdiag.databases import load
from evdiag.databases.database import LOST, NO_MESSAGE
from evdiag.signals.compiled import compile_message
from tests.databases.test_equal_to_cantools import ours, theirs

CORPUS = os.environ.get("EVDIAG_CORPUS")
FILES = sorted(Path(CORPUS, "dbc").glob("*.dbc")) if CORPUS else []

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILES, reason="EVDIAG_CORPUS names no recordings"),
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_statement_is_loaded_or_listed(path: Path) -> None:
    database = load(path)
    stated = re.findall(r"^\s*SG_ ", path.read_text(encoding="latin-1"), re.MULTILINE)
    listed = [p for p in database.problems if p.signal and p.kind in (LOST, NO_MESSAGE)]
    assert database.signal_statements == len(stated)
    assert database.usable_signals + len(listed) == len(stated)
    assert not [problem for problem in listed if problem.kind == LOST]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_cantools_decodes_the_same(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if "BU_:" not in text:
        text = "BS_:\nBU_:\n" + text.replace("NS_ :\n  NS_DESC_\n", "")
    oracle = cantools.database.load_string(text, "dbc", strict=False)
    by_key = load(path).by_key
    chance = random.Random(1)
    compared = 0
    for message in oracle.messages:
        key = message.frame_id | (message.is_extended_frame << 31)
        (layout,) = by_key[key]
        compiled = compile_message(layout)
        for length in (message.length, message.length, 8, 3):
            frame = chance.randbytes(length)
            # Small first bytes are pages that exist.
            for data in (frame, bytes([chance.randrange(8)]) + frame[1:]):
                expected = theirs(message, data)
                if expected is not None:
                    # More than theirs where a switch has a long name: cantools then loses
                    # the signals of its pages.
                    assert expected.items() <= ours(compiled, data).items()
                    compared += len(expected)
    assert compared > 300
