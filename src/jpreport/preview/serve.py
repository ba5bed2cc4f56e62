"""Serve a preview until it is interrupted; leave nothing behind."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable
from contextlib import ExitStack
from html import escape
from pathlib import Path
from threading import Event, Thread

import jpreport.export
from jpreport.errors import JpreportError
from jpreport.execute.kernels import stop_all
from jpreport.files.private import private_folder
from jpreport.preview.messages import Saved
from jpreport.preview.server import PreviewServer
from jpreport.preview.session import Session
from jpreport.preview.watch import Watch
from jpreport.release.request import Request

TEMPLATES = Path(jpreport.export.__file__).parent / "templates"


def preview(request: Request, say: Callable[[str], None], *, browser: bool = True) -> None:
    """Serve the page of the first edition asked for, and keep it up to date, until interrupted.

    `say` is told where it is; a `browser` is opened there.
    """
    release = request.output.name.removesuffix("-restricted")
    built = tuple(request.output.with_name(name) for name in (release, f"{release}-restricted"))
    watch = Watch(request.root, TEMPLATES, built)
    session, ready, stop = Session(request, TEMPLATES), Event(), Event()

    def follow() -> None:
        try:
            watch.follow(lambda files: session.tell(Saved(files)), ready, stop)
        except JpreportError as error:
            session.tell(error)
        finally:
            ready.set()

    with ExitStack() as end:
        end.callback(stop_all)
        end.callback(session.close)
        server = end.enter_context(PreviewServer(session.board, session.tell))
        threads = [
            Thread(target=server.serve_forever, args=(0.05,), name="jpreport-server"),
            Thread(target=follow, name="jpreport-watch"),
        ]
        for thread in threads:
            thread.start()
            end.callback(thread.join)
        end.callback(server.shutdown)
        end.callback(stop.set)
        say(server.address)
        if browser:
            _open(server.address, end)
        # What is saved before that would be missed.
        ready.wait()
        session.run()


def _open(address: str, end: ExitStack) -> None:
    """Open a browser without the token in its command, which others on this machine can read."""
    page = end.enter_context(private_folder()) / "open.html"
    page.touch(0o600)
    target = escape(address, quote=True)
    page.write_text(f'<!DOCTYPE html><meta http-equiv="refresh" content="0;url={target}">')
    webbrowser.open(page.as_uri())
