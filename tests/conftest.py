"""What several tests share because it is slow to make: a browser, and finished releases."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TESTS = Path(__file__).parent
# How long something takes depends on what else the machine does: it is no fault of the code.
settings.register_profile(
    "any load", deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any load")
# A shell lets what it starts in the background ignore Ctrl-C, and so would the tests' processes.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Which cells are suppressed depends on the secret: tests publish the same ones each time.
os.environ["JPREPORT_SECRET"] = "ab" * 32


# Kernels are forks of one process as long as their environment is its own: with the name of each
# test in it, every kernel of the suite would start cold.
@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup() -> Iterator[None]:
    """Take the name of the test out of the environment."""
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call() -> Iterator[None]:
    """Do the same again: it is put in for each stage of a test."""
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    return (yield)


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


# Not longer than a module: its event loop is in the way of those that run notebooks.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium without a window; in CI its absence fails."""
    if CHROMIUM is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield started
        started.close()


def _release(root: Path, name: str, factory: pytest.TempPathFactory) -> Path:
    """Build a programme's release once, however many processes run tests."""
    from jpreport.release.request import Request
    from jpreport.release.spine import build

    base = factory.getbasetemp()
    output = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with output.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (output / "manifest.json").is_file():
            outcomes = build(Request(root, output))
            assert [one for one in outcomes if one.state != "built"] == []
    return output


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with all reports of the programme that ships with the repository."""
    return _release(TESTS.parent, "shipped", tmp_path_factory)


@pytest.fixture(scope="session")
def stress(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the report of the programme that is hard to set."""
    return _release(TESTS / "programmes" / "stress", "stress", tmp_path_factory)
