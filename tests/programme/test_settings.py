"""Settings of a programme folder: read, checked, every problem at once with its line."""

import datetime as dt
import pickle
from pathlib import Path

import pytest

from jpreport.errors import ProjectError
from jpreport.programme.folder import find_programme
from jpreport.programme.settings import read_settings
from jpreport.programme.toml_lines import line_of

GOOD = """\
[programme]
title = "Wells"
start = 2020-01-01
end = 2021-12-31
contributions = "R.1"

[[objective]]
id = "SO1"
title = "Water"

[[indicator]]
id = "1.1"
objective = "SO1"
level = "output"
title = "Wells dug"
unit = "wells"
table = "wells"
measure = "count(*)"
target = 12

[[indicator]]
id = "R.1"
level = "input"
title = "Contributions"
unit = "USD"
table = "grants"
measure = "sum(amount)"
disaggregate = ["donor"]

[[report]]
id = "final"
notebook = "notebooks/final.ipynb"
"""


def programme(folder: Path, text: str = GOOD) -> Path:
    (folder / "notebooks").mkdir(exist_ok=True)
    (folder / "notebooks/final.ipynb").write_text("{}", encoding="utf-8")
    (folder / "programme.toml").write_text(text, encoding="utf-8")
    return folder


def problems(folder: Path, text: str) -> str:
    with pytest.raises(ProjectError) as caught:
        read_settings(programme(folder, text))
    return str(caught.value)


def test_good_settings_are_typed_and_frozen(tmp_path: Path) -> None:
    settings = read_settings(programme(tmp_path))
    assert settings.programme.end == dt.date(2021, 12, 31)
    assert settings.indicators["1.1"].target == 12
    assert settings.indicators["1.1"].baseline is None
    assert settings.indicators["R.1"].disaggregate == ("donor",)
    assert settings.report[0].formats == ("html", "pdf")
    with pytest.raises(ValueError, match="frozen"):
        settings.programme.title = "other"


def test_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="--project DIR"):
        read_settings(tmp_path)
    with pytest.raises(ProjectError, match=r"nor one above it holds programme\.toml"):
        find_programme(tmp_path)


def test_nearest_folder_upward_is_found(tmp_path: Path) -> None:
    inner = programme(tmp_path) / "a" / "b"
    inner.mkdir(parents=True)
    assert find_programme(inner) == tmp_path


def test_malformed_toml_names_the_line(tmp_path: Path) -> None:
    text = problems(tmp_path, GOOD.replace('title = "Wells"', 'title = "Wells'))
    assert text.startswith("programme.toml, line 2, column 15: is not valid TOML:")
    assert "line 2" in text


def test_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    programme(tmp_path)
    (tmp_path / "programme.toml").write_bytes(b'[programme]\ntitle = "\xe9t\xe9"\n')
    with pytest.raises(ProjectError, match=r"is not UTF-8 \(byte 21\)"):
        read_settings(tmp_path)


def test_all_problems_come_at_once_with_line_and_near_match(tmp_path: Path) -> None:
    text = GOOD.replace('table = "wells"', 'tabel = "wells"', 1)
    text = text.replace("end = 2021-12-31", 'end = "2021-12-31"')
    text = text.replace('level = "input"', 'level = "inputs"')
    found = problems(tmp_path, text)
    assert 'programme.toml, line 17, [[indicator]] "1.1", tabel: unknown key "tabel"' in found
    assert 'did you mean "table"?' in found
    assert "programme.toml, line 4, [programme], end: should be a valid date" in found
    assert "line 23, [[indicator]] \"R.1\", level: should be 'context', 'input'" in found


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('objective = "SO1"', 'objective = "SO2"', 'there is no objective "SO2"'),
        ('contributions = "R.1"', 'contributions = "R.2"', 'did you mean "R.1"?'),
        ('id = "R.1"\nlevel', 'id = "1.1"\nlevel', '"1.1" is declared twice'),
        (
            "notebooks/final.ipynb",
            "notebooks/finale.ipynb",
            'did you mean "notebooks/final.ipynb"?',
        ),
        ("end = 2021-12-31", "end = 2019-12-31", "before it starts on 2020-01-01"),
        ('measure = "count(*)"', "", "needs either `table` and `measure`, or"),
        ("[programme]", "[program]", 'unknown key "program"'),
        ('id = "final"', 'id = "Final Report"', "string should match pattern"),
        ("target = 12", 'target = "12"', "number"),
    ],
)
def test_faults_are_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert message in problems(tmp_path, GOOD.replace(old, new))


def test_ratio_made_from_itself_is_refused(tmp_path: Path) -> None:
    ratio = '[[indicator]]\nid = "{}"\nlevel = "output"\ntitle = "t"\nunit = "share"\n'
    ratio += 'numerator = "{}"\ndenominator = "1.1"\n'
    found = problems(tmp_path, GOOD + ratio.format("a", "b") + ratio.format("b", "a"))
    assert found.count("the ratio is made from itself") == 2


def test_errors_survive_pickling(tmp_path: Path) -> None:
    with pytest.raises(ProjectError) as caught:
        read_settings(tmp_path)
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own bytes
    assert type(copy) is ProjectError
    assert copy.problems == caught.value.problems


def test_line_of_falls_back_to_the_header() -> None:
    assert line_of(GOOD, ("indicator", 1, "unit")) == 25
    assert line_of(GOOD, ("indicator", 1, "where")) == 21
    assert line_of(GOOD, ("indicator", 7)) is None
    assert line_of(GOOD, ()) is None
