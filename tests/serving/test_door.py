"""Who may look: this machine without a word, everybody else with the token, no other page."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import aiohttp
import pytest

from evdiag.errors import BadInputError
from evdiag.packaged import shipped_recording
from evdiag.serving.order import Order
from evdiag.serving.server import SCREENS, ScreenServer
from evdiag.serving.token import VARIABLE, is_this_machine, same, token_for
from tests.cli.in_process import CommandLine
from tests.serving.served import address, free_port, served

ORDER = Order(str(shipped_recording("relock-before-pull")), vehicle="reference")
TOKEN = "a-token-that-nobody-guesses"


@pytest.fixture(scope="module")
def open_server() -> Iterator[ScreenServer]:
    with served(ORDER) as server:
        yield server


@pytest.fixture(scope="module")
def guarded() -> Iterator[ScreenServer]:
    with served(ORDER, TOKEN) as server:
        yield server


def asked(server: ScreenServer, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request("GET", path, headers={"Host": f"127.0.0.1:{server.port}", **headers})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("::1", True),
        ("127.1.2.3", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.20", False),
        ("workshop", False),
        ("127.0.0.1.evil.example", False),
    ],
)
def test_which_addresses_only_this_machine_has(
    host: str, alone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert is_this_machine(host) == alone
    assert (token_for(host) is None) == alone


def test_tokens_made_are_long_and_never_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    made = [token_for("0.0.0.0") for _ in range(50)]
    assert len(set(made)) == 50
    assert all(token is not None and len(token) >= 32 for token in made)


def test_a_token_that_is_named_counts_and_does_not_stay_where_all_see_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, TOKEN)
    assert token_for("127.0.0.1") == TOKEN
    assert VARIABLE not in os.environ
    monkeypatch.setenv(VARIABLE, "short")
    with pytest.raises(BadInputError, match="fewer than 16"):
        token_for("0.0.0.0")


def test_tokens_are_compared_whole() -> None:
    assert same(TOKEN, TOKEN)
    assert not same(TOKEN, TOKEN[:-1])
    assert not same(TOKEN, "")
    assert not same(TOKEN, "ä\udc80")


def test_this_machine_may_look(open_server: ScreenServer) -> None:
    status, headers, text = asked(open_server, "/")
    assert status == 200
    assert "relock-before-pull" in text
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "://" not in text, "the page needs nothing from elsewhere"
    for part in ("/page.js", "/page.css", "/static/js/textual.js"):
        assert asked(open_server, part)[0] == 200


def test_another_name_for_this_machine_is_a_trick(open_server: ScreenServer) -> None:
    for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example", ""):
        assert asked(open_server, "/", Host=host)[0] in (400, 403)


@pytest.mark.parametrize("name", ["[", "[::1", "x]y["])
def test_names_that_are_none_are_refused_without_a_stir(
    open_server: ScreenServer, name: str
) -> None:
    assert asked(open_server, "/", Host=name)[0] == 403
    assert asked(open_server, "/", Origin=f"http://{name}")[0] == 403


@pytest.mark.parametrize("path", ["/", "/ws", "/page.js", "/static/js/textual.js", "/nothing"])
def test_without_the_token_nothing_is_shown(guarded: ScreenServer, path: str) -> None:
    for given in (path, f"{path}?token=", f"{path}?token=wrong", f"{path}?token={TOKEN}x"):
        status, _, text = asked(guarded, given)
        assert status == 403
        assert "a token is needed" in text
        assert TOKEN not in text


def test_the_token_opens_the_door_once_and_leaves_the_address_line(guarded: ScreenServer) -> None:
    status, headers, _ = asked(guarded, f"/?token={TOKEN}")
    assert (status, headers["Location"]) == (303, "/")
    cookie = headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    status, _, text = asked(guarded, "/", Cookie=cookie.partition(";")[0])
    assert status == 200
    assert TOKEN not in text


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_a_page_of_somebody_else_opens_no_screen(guarded: ScreenServer, origin: str) -> None:
    status, _, text = asked(guarded, "/ws", Origin=origin, Cookie=f"evdiag={TOKEN}")
    assert status == 403
    assert "somebody else" in text


def test_what_a_browser_should_not_say_harms_nothing(open_server: ScreenServer) -> None:
    async def talk() -> None:
        url = address(open_server, "/ws?width=999999999&height=-4")
        drawn = b""
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as screen:
            for said in ("no json", "{}", "[]", '["stdin"]', '["stdin", 5]', '["resize", {}]'):
                await screen.send_str(said)
            await screen.send_str('["resize", {"width": 1e99, "height": "x"}]')
            await screen.send_str("[" * 100_000)
            await screen.send_bytes(b"\xff\xfe")
            while b"REPLAY" not in drawn:
                message = await screen.receive(timeout=60)
                assert message.type is aiohttp.WSMsgType.BINARY, message
                drawn += message.data

    asyncio.run(talk())


def test_there_are_only_so_many_screens(open_server: ScreenServer) -> None:
    async def open_all() -> int | None:
        async with aiohttp.ClientSession() as session:
            url = address(open_server, "/ws")
            opened = [await session.ws_connect(url) for _ in range(SCREENS)]
            # Each is counted when its screen is started, which is after it was accepted.
            for each in opened:
                await each.receive(timeout=60)
            one_more = await session.ws_connect(url)
            message = await one_more.receive(timeout=60)
            for each in opened:
                await each.close()
            assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING)
            return one_more.close_code

    assert asyncio.run(open_all()) == 1013


# -- the command -------------------------------------------------------------------------------


@pytest.fixture
def evdiag(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(monkeypatch, capsys)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--vehicle", "reference"], "name what to serve"),
        (["x.log", "-i", "virtual"], "name one thing to serve"),
        (["-"], "served from a file"),
        (["no-such-recording.log"], "no-such-recording.log"),
        (["relock-before-pull", "--vehicle", "trabant"], "trabant"),
        (["-i", "virtual", "-c", "x", "--vehicle", "trabant"], "trabant"),
        (["healthy-ac", "--vehicle", "reference", "--host", "a..b"], "nothing can be served there"),
    ],
)
def test_what_cannot_be_served_is_said_in_one_sentence(
    evdiag: CommandLine, arguments: list[str], says: str
) -> None:
    result = evdiag("serve", *arguments)
    assert result.code == 2
    assert says in result.err


def test_a_port_that_is_taken_is_said_in_one_sentence(
    evdiag: CommandLine, open_server: ScreenServer
) -> None:
    result = evdiag("serve", "relock-before-pull", "--port", str(open_server.port))
    assert result.code == 2
    assert f"port {open_server.port}: nothing can be served there" in result.err


@pytest.mark.skipif(sys.platform == "win32", reason="another shell")
def test_a_screen_that_hangs_is_ended_and_nothing_is_left_of_it() -> None:
    words = shlex.split(ScreenServer(ORDER, "127.0.0.1", 1, None, say=print).command)
    # A shell in between would be ended in its place.
    assert words == ["exec", *ORDER.command()]


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_for_every_address_but_this_machines_a_token_is_made_and_said_once() -> None:
    port = free_port()
    command = [sys.executable, "-m", "evdiag", "serve", "relock-before-pull"]
    process = subprocess.Popen(
        [*command, "--host", "0.0.0.0", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    where = process.stdout.readline()
    assert where.startswith(f"http://THIS-MACHINE:{port}/?token=")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode in (0, 130)
    assert "not encrypted" in said
    assert "Traceback" not in said


def test_a_token_of_any_letters_is_in_the_address_as_a_browser_reads_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from evdiag.cli.serve import _tell_where

    token = "a+b&c#d e%20f/ü;g,h"
    with served(ORDER, token) as server:
        _tell_where(server, token, ORDER)
        where = capsys.readouterr().out.strip()
        status, headers, _ = asked(server, "/?" + where.partition("/?")[2])
        assert status == 303
        cookie = headers["Set-Cookie"].rpartition("; HttpOnly")[0]
        assert asked(server, "/", Cookie=cookie)[0] == 200


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_no_screen_outlives_a_server_that_was_killed() -> None:
    asks = "from evdiag.serving.parent import end_with_the_server as end; end(); "
    screen = f"{asks}print(os.getpid(), flush=True); time.sleep(600)"
    server = (
        "import subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-c', 'import os, time; {screen}'])\n"
        "time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", server], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) > 0
        process.kill()
        # The screen has the other end of the pipe, and lets go of it only when it ends.
        assert process.stdout.read() == b""
