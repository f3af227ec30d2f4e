"""`evdiag vehicles new`: a beginning that is a profile, from DBC files of all kinds."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evdiag.cli import main
from evdiag.databases import load
from evdiag.databases.layout import MessageLayout, SignalLayout
from evdiag.packaged import shipped_folder
from evdiag.vehicles.checking import check_profile
from evdiag.vehicles.profile import Profile
from evdiag.vehicles.proposing import Beginning, profile_text, proposed_signals

DBC = sorted(shipped_folder("dbc").glob("*.dbc"))

CHARGE_PORT = """VERSION ""
BS_:
BU_: A
BO_ 1000 Charge_Port_Status: 8 A
 SG_ ChargePort_Lock : 0|2@1+ (1,0) [0|3] "" A
 SG_ ChargePort_Plug : 2|2@1+ (1,0) [0|3] "" A
 SG_ ChargeFlap : 4|2@1+ (1,0) [0|3] "" A
 SG_ ControlPilot : 8|4@1+ (1,0) [0|15] "" A
 SG_ Driver_Door_Lock : 12|1@1+ (1,0) [0|1] "" A
 SG_ ChargePort_Lock_Request : 13|1@1+ (1,0) [0|1] "" A
VAL_ 1000 ChargePort_Lock 0 "Not locked" 1 "Plug Locked" 2 "in transition" 3 "SNA" ;
VAL_ 1000 ChargePort_Plug 0 "not connected" 1 "Connected" ;
VAL_ 1000 ControlPilot 0 "State A" 1 "B2" 2 "C2" 7 "?" ;
"""


def begun(dbc: Path, messages: tuple[MessageLayout, ...], **more: object) -> str:
    return profile_text(Beginning("a-car", "A", "Car", (dbc.name,), messages, {}, **more))  # type: ignore[arg-type]


def checked(folder: Path, monkeypatch: pytest.MonkeyPatch, dbc: Path, text: str) -> Profile:
    """Check it as a user's own, which it is."""
    monkeypatch.setenv("EVDIAG_CONFIG", str(folder))
    for name in ("vehicles", "dbc"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "dbc" / dbc.name).write_bytes(dbc.read_bytes())
    path = folder / "vehicles" / "a-car.toml"
    path.write_text(text, encoding="utf-8")
    return check_profile(path)


@pytest.mark.parametrize("dbc", DBC, ids=lambda path: path.stem)
def test_what_is_written_is_a_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dbc: Path
) -> None:
    profile = checked(tmp_path, monkeypatch, dbc, begun(dbc, load(dbc).messages))
    levels = {entry.evidence for layout in profile.layouts for entry in layout.signals}
    assert levels <= {"unproven"}


def test_parts_and_words_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dbc = tmp_path / "port.dbc"
    dbc.write_text(CHARGE_PORT)
    messages = load(dbc).messages
    found = {term: listed[0] for term, listed in proposed_signals(messages).items()}
    assert {term: one.signal.name for term, one in found.items()} == {
        "port.lock": "ChargePort_Lock",
        "port.plug": "ChargePort_Plug",
        "port.flap": "ChargeFlap",
        "port.pilot": "ControlPilot",
    }
    lock = found["port.lock"]
    assert lock.values == {0: "unlocked", 1: "locked", 2: "moving", 3: "invalid"}
    assert found["port.plug"].values == {0: "disconnected", 1: "connected"}
    assert found["port.pilot"].values == {0: "A", 1: "B2", 2: "C2"}
    assert found["port.pilot"].untold == {7: "?"}
    assert not found["port.flap"].is_understood
    profile = checked(tmp_path, monkeypatch, dbc, begun(dbc, messages))
    offered = {entry.name for entry in profile.layouts[0].signals}
    assert offered == {"port.lock", "port.plug", "port.pilot"}


TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Charge_Lock", "PlugConnected", "ChargeFlap", "CP_Pilot"]),
            st.integers(1, 8),
            st.dictionaries(st.integers(0, 9), TEXTS, max_size=5),
            TEXTS,
        ),
        max_size=5,
    ),
    TEXTS,
)
def test_whatever_a_dbc_says_the_text_is_toml(
    signals: list[tuple[str, int, dict[int, str], str]], words: str
) -> None:
    import tomllib

    messages = tuple(
        MessageLayout(
            f"M{number}",
            number,
            number % 2 == 1,
            8,
            (SignalLayout(name, 0, length, True, False, choices=tuple(c.items()), comment=said),),
            period_ms=100,
        )
        for number, (name, length, c, said) in enumerate(signals)
    )
    text = profile_text(Beginning("a-car", words, words, (f"{words}.dbc",), messages, {}))
    read = tomllib.loads(text)
    assert read["identity"] == {"make": words, "model": words}
    assert len(read["buses"][0]["frames"]) == len(messages)


def said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["evdiag", "vehicles", "new", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


def test_with_a_recording_the_car_is_recognised_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dbc = shipped_folder("dbc") / "reference.dbc"
    out = tmp_path / "new.toml"
    words = ("--dbc", str(dbc), "--recording", "healthy-ac", "--make", "Volta", "--model", "One")
    code, _, err = said(monkeypatch, capsys, *words, "-o", str(out))
    assert code == 0
    assert "evdiag vehicles check" in err
    profile = checked(tmp_path, monkeypatch, dbc, out.read_text(encoding="utf-8"))
    assert profile.id == "volta-one"
    assert {frame.id for frame in profile.buses[0].frames} >= {0x4E0, 0x4E3}
    assert said(monkeypatch, capsys, *words, "-o", str(out))[0] == 2


def test_a_recording_of_another_car_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    doubt = "is it one of this car?"
    for dbc, doubted in (("reference.dbc", False), ("bmw-i3.dbc", True)):
        words = ("--dbc", str(shipped_folder("dbc") / dbc), "--recording", "healthy-ac")
        code, _, err = said(monkeypatch, capsys, *words)
        assert (code, doubt in err) == (0, doubted)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--dbc", "nothing.dbc"), "nothing.dbc cannot be read"),
        (("--dbc", str(DBC[0]), "--recording", "nothing.log"), "nothing.log"),
        ((), "--dbc"),
    ],
)
def test_what_cannot_be_read_is_said(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    says: str,
) -> None:
    code, _, err = said(monkeypatch, capsys, *words)
    assert code == 2
    assert says in err
