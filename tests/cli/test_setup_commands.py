"""`evdiag adapters` and `evdiag doctor`, as a person or a script calls them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


def evdiag(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "evdiag", *words],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )


def test_adapters_lists_what_needs_no_hardware_with_the_command_to_use_it() -> None:
    said = evdiag("adapters", "--format", "jsonl")
    assert said.returncode == 0
    rows = {row["interface"]: row for row in map(json.loads, said.stdout.splitlines())}
    assert rows["udp_multicast"]["command"] == "evdiag connect -i udp_multicast -c 239.74.163.2"
    assert rows["virtual"]["listen_only"].startswith("verified")
    assert "Traceback" not in said.stderr


def test_adapters_is_a_table_for_people() -> None:
    said = evdiag("adapters")
    assert "listen-only  verified" in said.stdout
    assert "use it       evdiag connect" in said.stdout


def test_doctor_looks_at_the_machine_and_the_named_bus() -> None:
    said = evdiag("doctor", "-i", "virtual", "-c", "x", "--listen", "0.2", "--format", "jsonl")
    checks = [json.loads(line) for line in said.stdout.splitlines()]
    assert {check["status"] for check in checks} <= {"ok", "hint", "fault"}
    assert any("nothing heard" in check["finding"] for check in checks)
    assert "evdiag.log" in said.stderr


def test_doctor_finds_a_missing_port_and_says_so_with_its_exit_code() -> None:
    said = evdiag("doctor", "-i", "slcan", "-c", "/dev/ttyNOPE9", "-b", "500000")
    assert said.returncode == 1
    assert "there is no serial port /dev/ttyNOPE9" in said.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="ptys")
def test_an_elm327_is_told_apart_by_doctor_and_by_record(tmp_path: Path) -> None:
    from tests.bus.lawicel import Adapter

    with Adapter("elm327") as adapter:
        options = ("-i", "slcan", "-c", adapter.port, "-b", "500000")
        doctor = evdiag("doctor", *options)
        assert doctor.returncode == 1
        assert "ELM327 v1.5" in doctor.stdout
        record = evdiag("record", *options, "-o", str(tmp_path))
        assert record.returncode == 4
        assert "cannot pass on raw CAN traffic" in record.stderr
        assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="ptys")
def test_an_slcan_adapter_is_recorded_and_never_written_to(tmp_path: Path) -> None:
    from tests.bus.lawicel import Adapter

    with Adapter() as adapter:
        options = ("-i", "slcan", "-c", adapter.port, "-b", "500000", "-o", str(tmp_path))
        process = subprocess.Popen(
            [sys.executable, "-m", "evdiag", "record", *options, "--duration", "3"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        # Once to try it, and twice by python-can, which sets the bit rate in between.
        adapter.wait_until(lambda: adapter.log.count(b"L") == 3, 60)
        for number in range(200):
            adapter.hears(b"t3B41%02X" % number)
        out, said = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "listen-only requested (the adapter acknowledged L)" in said
    lines = Path(out.split()[0]).read_text().splitlines()
    assert [line.split("#")[1][:2] for line in lines] == [f"{number:02X}" for number in range(200)]
    assert not adapter.sent


def test_the_options_are_python_cans() -> None:
    said = evdiag("record", "--help")
    for option in ("-i, --interface", "-c, --channel", "-b, --bitrate", "--fd", "--data-bitrate"):
        assert option in said.stdout
