"""The server of a preview: this machine only, a token, and nothing that is not asked for by us."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jpreport.preview.board import Board
from jpreport.preview.messages import Chosen, Message, PrintAsked, Spoken

ADDRESS = "127.0.0.1"
_PATIENCE = 15.0  # seconds after which a quiet stream says that it is alive
_MOST = 1000  # bytes of what a browser may send
_TYPES = {"html": "text/html", "js": "text/javascript", "css": "text/css"}
# The shell runs our script; the report's frame runs none, whatever stands in the report.
_SHELL = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_FRAME = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_STATIC = {
    "/": ("preview.html", _SHELL),
    "/frame": ("frame.html", _FRAME),
    "/preview.js": ("preview.js", _SHELL),
    "/preview.css": ("preview.css", _SHELL),
}


class PreviewServer(ThreadingHTTPServer):
    """Serves what is on a board at a free port; `tell` takes what is asked for in the browser."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, board: Board, tell: Callable[[Message], None]) -> None:
        self.board, self.tell = board, tell
        self.token = secrets.token_urlsafe(32)
        super().__init__((ADDRESS, 0), _Handler)
        self.hosts = {f"{name}:{self.server_port}" for name in (ADDRESS, "localhost")}

    @property
    def address(self) -> str:
        """Where the preview is, with the token that opens it."""
        return f"http://{ADDRESS}:{self.server_port}/?token={self.token}"

    @property
    def cookie(self) -> str:
        """The name of the cookie; cookies do not tell ports apart."""
        return f"jpreport-{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a browser that went away."""


class _Handler(BaseHTTPRequestHandler):
    server: PreviewServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "jpreport", ""

    def log_message(self, *_: object) -> None:
        """Keep the terminal for what the author has to know."""

    def do_GET(self) -> None:
        """Answer with a page of ours, or with what is on the board."""
        address = urlsplit(self.path)
        if not self._is_ours():
            return
        [given] = parse_qs(address.query).get("token", [""])[:1]
        if given:
            self._let_in(given)
        elif self._has_cookie():
            self._answer(address.path)

    def do_POST(self) -> None:
        """Take what was chosen in the browser."""
        if not self._is_ours() or not self._has_cookie():
            return
        # A page of another server on this machine has our cookie too, and cannot hide its origin.
        if self.headers.get("Origin") not in {f"http://{host}" for host in self.server.hosts}:
            self._refuse(HTTPStatus.FORBIDDEN, "asked by another page")
            return
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= _MOST:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too long")
            return
        said = self.rfile.read(length).decode("utf-8", "replace")
        choices: dict[str, Callable[[], Message]] = {
            "/edition": partial(Chosen, said),
            "/language": partial(Spoken, said),
            "/pdf": lambda: PrintAsked(said == "on"),
        }
        if self.path not in choices:
            self._refuse(HTTPStatus.NOT_FOUND, "there is no such page")
            return
        self.server.tell(choices[self.path]())
        self._send(b"", "text/plain", _FRAME)

    def _is_ours(self) -> bool:
        """Refuse whoever came under another name: a page may have had it lead to this machine."""
        if self.headers.get("Host", "") in self.server.hosts:
            return True
        self._refuse(HTTPStatus.FORBIDDEN, "not served under this name")
        return False

    def _let_in(self, given: str) -> None:
        if not hmac.compare_digest(given.encode(), self.server.token.encode()):
            self._refuse(HTTPStatus.FORBIDDEN, "this token is of another preview")
            return
        # Out of the address: it would stand in the browser's history.
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", "/")
        cookie = f"{self.server.cookie}={self.server.token}; HttpOnly; SameSite=Lax; Path=/"
        self.send_header("Set-Cookie", cookie)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _has_cookie(self) -> bool:
        try:
            found = SimpleCookie(self.headers.get("Cookie", "")).get(self.server.cookie)
        except CookieError:
            found = None
        if found and hmac.compare_digest(found.value.encode(), self.server.token.encode()):
            return True
        self._refuse(HTTPStatus.FORBIDDEN, "open the address that `jpreport preview` printed")
        return False

    def _answer(self, path: str) -> None:
        view = self.server.board.view
        if path in _STATIC:
            name, policy = _STATIC[path]
            content = files("jpreport.preview").joinpath("static", name).read_bytes()
            self._send(content, _TYPES[name.rpartition(".")[2]], policy)
        elif path == "/events":
            self._stream()
        elif path == "/page" and view.page:
            said = {
                "revision": view.revision,
                "edition": view.edition,
                "html": view.page.html,
                "blocks": view.page.blocks,
            }
            self._send(json.dumps(said).encode(), "application/json", _FRAME)
        elif path == "/draft.pdf" and view.printed:
            self._send(view.printed.content, "application/pdf", _FRAME)
        elif path.startswith("/pdf/") and view.printed:
            number = path.rpartition("/")[2].removesuffix(".png")
            try:
                picture = view.printed.picture(int(number) - 1)
            except (ValueError, IndexError):
                self._refuse(HTTPStatus.NOT_FOUND, "there is no such page")
            else:
                self._send(picture, "image/png", _FRAME)
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "there is no such page")

    def _stream(self) -> None:
        """Send each new view as a server-sent event, until either side goes."""
        self.close_connection = True
        self._head("text/event-stream", _FRAME)
        self.end_headers()
        version = -1
        while not self.server.board.closed:
            now, view = self.server.board.after(version, _PATIENCE)
            said = f"data: {json.dumps(view.to_json())}\n\n" if now != version else ": alive\n\n"
            version = now
            try:
                self.wfile.write(said.encode())
                self.wfile.flush()
            except OSError:
                return

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        self.close_connection = True
        self._send(f"jpreport preview: {why}\n".encode(), "text/plain", _FRAME, status)

    def _send(
        self, content: bytes, kind: str, policy: str, status: HTTPStatus = HTTPStatus.OK
    ) -> None:
        self._head(kind, policy, status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _head(self, kind: str, policy: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        text = "; charset=utf-8" if kind.startswith("text/") else ""
        headers: dict[str, Any] = {
            "Content-Type": f"{kind}{text}",
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
        for name, value in headers.items():
            self.send_header(name, value)
