"""Plain figures of matplotlib in a further language: all their words, those of ticks too."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import matplotlib as mpl
import pytest

from jpreport.language import Wording, speaking
from jpreport.notebook.drawn import spoken_picture

mpl.use("agg")


@pytest.fixture(autouse=True)
def words_as_text() -> Iterator[None]:
    """Let pictures hold their words as text, so that they can be looked for."""
    with mpl.rc_context({"svg.fonttype": "none"}):
        yield


def _texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_ticks_are_said_in_the_language() -> None:
    from matplotlib import dates
    from matplotlib.figure import Figure

    figure = Figure()
    left, right = figure.subplots(1, 2)
    left.bar(["North", "South", "Niš"], [0.5, 1.5, 2.5])
    left.set_title("Growth")
    right.plot([dt.date(2011, 1, 1), dt.date(2011, 3, 1)], [2010, 2012])
    right.xaxis.set_major_locator(dates.MonthLocator())
    right.xaxis.set_major_formatter(dates.DateFormatter("%b %Y"))
    terms = {"North": "Nord", "South": "Sud", "Growth": "Croissance"}
    with speaking(Wording("fr", terms)):
        said = _texts(spoken_picture(figure))
    assert {"Nord", "Sud", "Niš", "Croissance", "2,5", "2010,00", "janv. 2011", "mars 2011"} <= {
        *said
    }
    assert not {"North", "Growth", "2.5", "Jan 2011"} & {*said}
    # What is shown in its own language stays as it was.
    with speaking("en"):
        assert spoken_picture(figure) == ""
    figure.draw_without_rendering()
    assert left.get_title() == "Growth"
    assert [one.get_text() for one in left.get_xticklabels()][:2] == ["North", "South"]
