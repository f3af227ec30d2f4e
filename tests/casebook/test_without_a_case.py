"""Nothing is stored without a case being open or asked for; and what is asked for is stored."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from evdiag.cli import COMMANDS
from evdiag.packaged import shipped_folder
from tests.cli.in_process import CommandLine

RECORDING = "relock-before-pull"
HARMLESS = {
    "adapters": [],
    "archive": ["make", "{recording}", "--to", "{folder}/archive"],
    "attempts": [RECORDING],
    "cases": ["--help"],
    "connect": [],
    "convert": [RECORDING, "{folder}/x.asc"],
    "cycle": ["--help"],
    "dbc": ["{dbc}"],
    "decode": [RECORDING, "--vehicle", "reference"],
    "demo": [],
    "diagnose": [RECORDING],
    "doctor": [],
    "dtc": ["read", "--vehicle", "reference", "-i", "virtual", "-c", "none-there"],
    "guide": ["--help"],
    "identify": [RECORDING],
    "info": [RECORDING],
    "open-flap": ["--help"],
    "record": ["-i", "virtual", "-c", "nobody", "--duration", "0.2", "-o", "{folder}"],
    "relock": ["--help"],
    "replay": [RECORDING],
    "report": [RECORDING, "-o", "{folder}/x.html"],
    "scan": ["{recording}", "--to", "{folder}/scan", "--processes", "1"],
    "serve": ["--help"],
    "simulate": ["--help"],
    "status": ["--vehicle", "reference", "-i", "virtual", "-c", "nobody", "--within", "0.2"],
    "timeline": [RECORDING],
    "unlock": ["--help"],
    "vehicles": ["list"],
}


def test_every_command_is_tried() -> None:
    assert set(HARMLESS) == set(COMMANDS)


@pytest.mark.parametrize("command", sorted(set(HARMLESS) & set(COMMANDS)))
def test_no_command_leaves_anything_in_the_data_folder(command: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    places = {
        "folder": tmp_path,
        "recording": shipped_folder("recordings") / f"{RECORDING}.log",
        "dbc": next(shipped_folder("dbc").glob("*.dbc")),
    }
    words = [word.format(**places) for word in HARMLESS[command]]

    subprocess.run(
        [sys.executable, "-m", "evdiag", command, *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=300,
        check=False,
        cwd=tmp_path,
        env={
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(Path(__file__).parent.parent.parent),
            "EVDIAG_DATA": str(data),
            "EVDIAG_STATE": str(tmp_path / "state"),
            "EVDIAG_CACHE": str(tmp_path / "cache"),
            "HOME": str(tmp_path / "home"),
        },
    )

    assert list(data.iterdir()) == []
    assert not list(tmp_path.rglob("casebook*"))


@pytest.mark.usefixtures("url")
def test_a_replay_goes_into_a_case_that_is_named(evdiag: CommandLine) -> None:
    evdiag("cases", "new")

    said = evdiag("replay", RECORDING, "--case", "1").out
    assert "relock-before-pull.log: 2 attempts, 1 fault" in said

    [row] = evdiag("cases", "show", "1", "--format", "jsonl").rows
    assert [session["kind"] for session in row["sessions"]] == ["replay"]
    refused = evdiag("replay", RECORDING, "--case", "7")
    assert (refused.code, refused.out) == (2, "")


@pytest.mark.usefixtures("url")
def test_what_is_recorded_goes_into_a_case_that_is_named(
    evdiag: CommandLine, tmp_path: Path
) -> None:
    evdiag("cases", "new", "--plate", "A 1")

    words = ["record", "-i", "virtual", "-c", "quiet", "--duration", "0.3", "--case", "1"]
    said = subprocess.run(
        [sys.executable, "-m", "evdiag", *words, "-o", str(tmp_path)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=300,
        check=False,
    )

    assert said.returncode == 0, said.stderr
    [row] = evdiag("cases", "show", "1", "--format", "jsonl").rows
    [session] = row["sessions"]
    assert session["kind"] == "live"
    assert Path(session["recording"]["path"]).parent == tmp_path
    assert session["profile"] is None


@pytest.mark.usefixtures("url")
def test_a_scan_goes_into_the_book_where_that_is_asked_for(evdiag: CommandLine) -> None:
    folder = str(shipped_folder("recordings"))

    said = evdiag("scan", folder, "--into-book", "--processes", "1", "--format", "jsonl")
    again = evdiag("scan", folder, "--into-book", "--processes", "1", "--format", "jsonl")

    assert (said.code, again.code) == (0, 0)
    assert said.rows[0]["recordings"] == 10
    assert again.rows == []
    assert "10 known" in again.err
    assert evdiag("cases", "list", "--all").out == ""
    assert evdiag("scan", folder).code == 2
    assert evdiag("scan", folder, "--into-book", "--to", "x").code == 2


@pytest.mark.usefixtures("url")
def test_a_case_has_a_report(evdiag: CommandLine, tmp_path: Path) -> None:
    evdiag("cases", "new", "--plate", "A <b>1</b>", "--complaint", "stuck\x1b")
    evdiag("cases", "add", "1", RECORDING, "--part", "actuator", "--code-after", "P0D55")
    for language, words in (("en", "Parts fitted"), ("de", "Eingebaute Teile")):
        page = tmp_path / f"{language}.html"

        assert evdiag("report", "1", "-o", str(page), "--lang", language).code == 0

        text = page.read_text(encoding="utf-8")
        assert words in text
        assert "A &lt;b&gt;1&lt;/b&gt;" in text
        assert "stuck␛" in text
        for said in ("actuator", "P0D55", "relock-before-pull.log", "a58a654bea6074cb"):
            assert said in text
    assert evdiag("report", "1", "-o", str(tmp_path / "a.pdf")).code == 0
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-")
    assert evdiag("report", "2", "-o", str(tmp_path / "b.html")).code == 2


@pytest.mark.usefixtures("url")
def test_a_file_with_a_number_for_a_name_is_a_recording(
    evdiag: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "1").write_bytes((shipped_folder("recordings") / "healthy-ac.log").read_bytes())

    assert evdiag("report", "1", "-o", "page.html").code == 0

    assert "<h1>evdiag reference car</h1>" in (tmp_path / "page.html").read_text(encoding="utf-8")
