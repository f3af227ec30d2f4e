"""The web server: one process with a screen for each browser that may come in.

textual-serve carries a screen's terminal to the browser. Ours are the door (token, origin, names
that this server goes by), the page, and that a browser can neither ask for a picture of any size
nor for any number of screens.
"""

from __future__ import annotations

import asyncio
import shlex
import subprocess
import sys
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import jinja2
from aiohttp import WSCloseCode, WSMsgType, web
from textual_serve.app_service import AppService
from textual_serve.server import Server

from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.serving.token import is_this_machine, same

if TYPE_CHECKING:
    from evdiag.serving.order import Order

COOKIE: Final = "evdiag"
SCREENS: Final = 8
"""At most, at a time: each is a process."""

_WIDTHS: Final = (20, 500)
_HEIGHTS: Final = (5, 200)
_FONT_SIZES: Final = (6, 64)
_ENDS_WITHIN_S: Final = 10.0

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ScreenServer(Server):
    """Serves what an order names; with a `token` only to browsers that have it.

    Without one it answers to the names of this machine only: a page of somebody else's could
    otherwise reach it by a name of its own (DNS rebinding). `say` tells the person at the server.
    """

    def __init__(
        self, order: Order, host: str, port: int, token: str | None, *, say: Callable[[str], None]
    ) -> None:
        super().__init__(
            _for_a_shell(order.command()), host=host, port=port, title=f"evdiag: {order.title}"
        )
        self._token = token
        self._say = say
        self._screens = 0
        self._page = jinja2.Environment(autoescape=True).from_string(_text("page.html"))
        self._parts = {
            "/page.css": (_text("page.css"), "text/css"),
            "/page.js": (_text("page.js"), "text/javascript"),
        }

    async def application(self) -> web.Application:
        """Return the web application."""
        made = web.Application(middlewares=[self._door])
        made.add_routes(
            [
                web.get("/", self.handle_index),
                *(web.get(path, self._handle_part) for path in self._parts),
                web.get("/ws", self.handle_websocket),
                web.static("/static", self.statics_path),
            ]
        )
        return made

    # -- the door ----------------------------------------------------------------------------

    @web.middleware
    async def _door(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        refusal = self._against(request)
        if refusal is not None:
            return web.Response(status=403, text=f"{refusal}\n", headers=_HEADERS)
        given = request.query.get("token")
        if self._token is not None and given is not None:
            # Off the address line at once: it would be in the history, and on every photo of it.
            return self._let_in(self._token)
        answer = await handler(request)
        if not answer.prepared:
            answer.headers.update(_HEADERS)
        return answer

    def _against(self, request: web.Request) -> str | None:
        """Say why a request is refused; None where it is not."""
        try:
            host = urlsplit(f"//{request.host}").hostname or ""
            origin = request.headers.get("Origin")
            belongs = origin is None or urlsplit(origin).netloc == request.host
        except ValueError:
            return "no browser asks like this"
        if self._token is None and not is_this_machine(host):
            return "evdiag is served to this machine alone, under its own name"
        if not belongs:
            return "this page belongs to somebody else"
        if self._token is None:
            return None
        given = request.query.get("token", request.cookies.get(COOKIE, ""))
        if not same(self._token, given):
            return "a token is needed: evdiag serve prints the whole address when it starts"
        return None

    def _let_in(self, token: str) -> web.Response:
        answer = web.Response(status=303, headers={"Location": "/", **_HEADERS})
        answer.set_cookie(COOKIE, token, httponly=True, samesite="Strict", path="/")
        return answer

    # -- the page ----------------------------------------------------------------------------

    async def handle_index(self, request: web.Request) -> web.Response:
        """Return the page; ``fontsize`` in its address makes the letters larger."""
        font_size = _within(request.query.get("fontsize"), _FONT_SIZES, 16)
        text = self._page.render(title=self.title, font_size=font_size)
        return web.Response(text=text, content_type="text/html")

    async def _handle_part(self, request: web.Request) -> web.Response:
        text, content_type = self._parts[request.path]
        return web.Response(text=text, content_type=content_type)

    # -- the screens -------------------------------------------------------------------------

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Start a screen for a browser, and end it when that goes."""
        websocket = web.WebSocketResponse(heartbeat=15)
        await websocket.prepare(request)
        if self._screens >= SCREENS:
            self._say(f"a browser was turned away: {SCREENS} screens are open")
            await websocket.close(code=WSCloseCode.TRY_AGAIN_LATER)
            return websocket

        async def close() -> None:
            await websocket.close()

        screen = AppService(
            self.command,
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=close,
            download_manager=self.download_manager,
        )
        self._screens += 1
        try:
            width = _within(request.query.get("width"), _WIDTHS, 80)
            await screen.start(width, _within(request.query.get("height"), _HEIGHTS, 24))
            await self._process_messages(websocket, screen)
        finally:
            self._screens -= 1
            await _ended(screen)
        return websocket

    async def _process_messages(
        self, websocket: web.WebSocketResponse, app_service: AppService
    ) -> None:
        async for message in websocket:
            said = _said(message)
            match said:
                case ["stdin", str(keys)]:
                    await app_service.send_bytes(keys.encode("utf-8", "replace"))
                case ["resize", {"width": width, "height": height}]:
                    await app_service.set_terminal_size(
                        _within(width, _WIDTHS, 80), _within(height, _HEIGHTS, 24)
                    )
                case ["ping", data]:
                    await websocket.send_json(["pong", data])
                case ["blur", *_]:
                    await app_service.blur()
                case ["focus", *_]:
                    await app_service.focus()


def _for_a_shell(words: list[str]) -> str:
    """Return a command as textual-serve wants it, for a shell, of which nothing is to be left.

    Whoever ends the process would otherwise end the shell, and not what it waits for.
    """
    return (
        subprocess.list2cmdline(words) if sys.platform == "win32" else f"exec {shlex.join(words)}"
    )


def _text(name: str) -> str:
    return files("evdiag.serving").joinpath(name).read_text(encoding="utf-8")


def _said(message: Any) -> list[Any]:
    """Return what a browser said; what is not understood is nothing."""
    if message.type is not WSMsgType.TEXT:
        return []
    try:
        said = message.json()
    except (ValueError, RecursionError):
        return []
    return said if isinstance(said, list) else []


def _within(value: object, bounds: tuple[int, int], otherwise: int) -> int:
    try:
        number = int(str(value))
    except ValueError:
        return otherwise
    return min(max(number, bounds[0]), bounds[1])


async def serve(server: ScreenServer, began: Callable[[], None]) -> None:
    """Serve until cancelled; `began` is called once browsers can come.

    Raises:
        BadInputError: the address cannot be used.
    """
    runner = web.AppRunner(await server.application(), access_log=None, shutdown_timeout=2)
    await runner.setup()
    try:
        await _site(runner, server)
        began()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


async def _site(runner: web.AppRunner, server: ScreenServer) -> None:
    try:
        await web.TCPSite(runner, server.host, server.port).start()
    except (OSError, UnicodeError) as error:
        # No name at all is told by how names are written, not by who looks them up.
        reason = (error.strerror if isinstance(error, OSError) else None) or "no such name"
        raise BadInputError(
            f"{server.host}, port {server.port}: nothing can be served there "
            f"({plain_text(reason)}); --host and --port name another place"
        ) from None


async def _ended(screen: AppService) -> None:
    """End a screen and wait for its process; one that does not end by itself is ended here."""
    process = screen._process
    if process is None:
        return
    try:
        await asyncio.wait_for(screen.stop(), _ENDS_WITHIN_S)
        await asyncio.wait_for(process.wait(), _ENDS_WITHIN_S)
    except TimeoutError:
        if process.returncode is None:
            process.kill()
            await process.wait()
