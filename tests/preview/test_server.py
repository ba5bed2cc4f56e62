"""The server of a preview: who gets in, and what they get."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from threading import Thread

import pytest

from jpreport.preview.board import Board
from jpreport.preview.messages import Chosen, Message, PrintAsked
from jpreport.preview.server import PreviewServer


class Visitor:
    """A preview's server with nothing to show yet, and what it was told."""

    def __init__(self) -> None:
        self.told: list[Message] = []
        self.server = PreviewServer(Board(), self.told.append)
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.cookie = {"Cookie": f"{self.server.cookie}={self.server.token}"}

    def ask(
        self, path: str, *, method: str = "GET", body: str | None = None, **headers: str
    ) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=10)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer


@pytest.fixture(scope="module")
def visitor() -> Iterator[Visitor]:
    visitor = Visitor()
    thread = Thread(target=visitor.server.serve_forever, args=(0.01,))
    thread.start()
    yield visitor
    visitor.server.board.close()
    visitor.server.shutdown()
    visitor.server.server_close()
    thread.join()


def test_it_listens_on_this_machine_alone(visitor: Visitor) -> None:
    assert visitor.server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize("path", ["/", "/frame", "/preview.js", "/events", "/page", "/draft.pdf"])
def test_nothing_is_served_without_the_token(visitor: Visitor, path: str) -> None:
    assert visitor.ask(path).status == 403
    assert visitor.ask(path, Cookie=f"{visitor.server.cookie}=guess").status == 403
    assert visitor.ask(f"{path}?token=guess").status == 403


def test_the_token_is_changed_for_a_cookie_that_scripts_cannot_read(visitor: Visitor) -> None:
    answer = visitor.ask(f"/?token={visitor.server.token}")
    assert answer.status == 303
    assert answer.headers["Location"] == "/"
    name, _, rest = answer.headers["Set-Cookie"].partition("=")
    assert name == visitor.server.cookie
    assert "HttpOnly" in rest
    assert "SameSite=Lax" in rest
    assert visitor.ask("/", **visitor.cookie).status == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1"])
def test_it_answers_under_its_own_name_alone(visitor: Visitor, host: str) -> None:
    assert visitor.ask("/", Host=host, **visitor.cookie).status == 403
    assert visitor.ask(f"/?token={visitor.server.token}", Host=host).status == 403


def test_the_report_runs_no_script_and_asks_for_nothing(visitor: Visitor) -> None:
    policy = visitor.ask("/frame", **visitor.cookie).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    shell = visitor.ask("/", **visitor.cookie).headers["Content-Security-Policy"]
    assert "script-src 'self';" in shell
    assert "frame-ancestors 'none'" in shell


def test_what_is_chosen_is_taken_from_our_own_page_alone(visitor: Visitor) -> None:
    own = {"Origin": f"http://{visitor.host}", **visitor.cookie}
    assert visitor.ask("/edition", method="POST", body="donor", **own).status == 200
    assert visitor.ask("/pdf", method="POST", body="on", **own).status == 200
    assert visitor.told == [Chosen("donor"), PrintAsked(wanted=True)]
    other = {**own, "Origin": "http://127.0.0.1:1"}
    for headers in (other, visitor.cookie, {"Origin": own["Origin"]}):
        assert visitor.ask("/edition", method="POST", body="donor", **headers).status == 403
    assert visitor.ask("/edition", method="POST", body="x" * 2000, **own).status == 413
    assert visitor.ask("/else", method="POST", body="x", **own).status == 404
    assert len(visitor.told) == 2


@pytest.mark.parametrize("path", ["/page", "/draft.pdf", "/pdf/1/1.png", "/../server.py", "/x"])
def test_what_is_not_there_is_not_found(visitor: Visitor, path: str) -> None:
    assert visitor.ask(path, **visitor.cookie).status == 404
