"""Nothing that is shown is left out, no translation is lost, no byte moves by itself."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jpreport.cli.main import main
from jpreport.data import programme_package
from jpreport.errors import NotebookError, Place, TranslationError
from jpreport.language import Catalogue, catalogue_path, read_catalogue
from jpreport.programme.settings import read_settings
from jpreport.release.languages import gaps
from jpreport.release.survey import survey_programme
from jpreport.translate.catalogues import Wanted, _content, extract, wanted
from jpreport.translate.standing import standing
from jpreport.translate.texts import Text
from programme_samples import edit_notebook, notebook, write_programme

SENTENCE = 'There were {eval}`rp[\\"1.1\\"]` visits; see [](#tbl-r).'


@pytest.fixture
def programme(tmp_path: Path) -> Path:
    write_programme(tmp_path)
    settings = tmp_path / "programme.toml"
    text = settings.read_text(encoding="utf-8")
    text = text.replace(
        'id = "summary"', 'id = "summary"\nlanguages = ["en", "sr-Cyrl", "sr-Latn"]'
    )
    text = text.replace('id = "donor"', 'id = "donor"\nlanguages = ["en", "fr"]')
    settings.write_text(text, encoding="utf-8")
    return tmp_path


def _wanted(root: Path) -> list[Wanted]:
    settings = read_settings(root)
    return wanted(settings, programme_package(settings))


def _translate(path: Path, texts: dict[str, str]) -> None:
    content = path.read_text(encoding="utf-8")
    for text, other in texts.items():
        entry = f'msgid "{text}"\nmsgstr "'
        assert entry in content
        content = content.replace(entry, entry + other)
    path.write_text(content, encoding="utf-8")


def test_each_language_has_a_catalogue_a_notebook_and_its_terms(programme: Path) -> None:
    written = [path.relative_to(programme).as_posix() for path, _ in extract(_wanted(programme))]
    assert written == [
        "notebooks/locale/fr/programme.po",
        "notebooks/locale/fr/donor.po",
        "notebooks/locale/sr_Cyrl/programme.po",
        "notebooks/locale/sr_Cyrl/summary.po",
    ]
    prose = catalogue_path(programme / "notebooks", "sr-Cyrl", "summary").read_text(
        encoding="utf-8"
    )
    for text in ("Visits", "Results", SENTENCE, "Computed and published", "Visits by sex"):
        assert f'msgid "{text}"' in prose
    assert "#: notebooks/summary.ipynb#c4\n" in prose
    terms = catalogue_path(programme / "notebooks", "sr-Cyrl").read_text(encoding="utf-8")
    for text in ("Visits made", "visits", "Annual letter", "Sex", "female", "male", "Donor", "Ada"):
        assert f'msgid "{text}"' in terms
    assert '#: programme.toml#indicator.1.1\nmsgid "Visits made"' in terms
    free = "#. A value of the records; may stay as it is.\n#: data/datapackage.json#grants.donor\n"
    assert f'{free}msgid "B and C"' in terms
    assert "EUR" not in terms
    if shutil.which("msgfmt"):
        for path in written:
            subprocess.run(["msgfmt", "-o", "/dev/null", programme / path], check=True)


def test_a_second_time_gives_the_same_bytes(programme: Path) -> None:
    extract(_wanted(programme))
    assert {changed for _, changed in extract(_wanted(programme))} == {False}


def test_what_code_marks_is_a_term(programme: Path) -> None:
    code = (
        'names = {_("Seen"): 1}\nnote = _(\n    "A note."\n)\n'
        'bar_chart(x, title="Chart title", labels={"sex": "By sex"}, notes=["Apart."], sort="no")\n'
        'frame_table(rp.table("visits"))\n%time 1'
    )
    prose = '# T\n\n{eval}`_("said in prose")`'
    notebook(programme / "notebooks" / "summary.ipynb", [("code", code), ("markdown", prose)])
    found = {
        text.text for one in _wanted(programme) if "sr_Cyrl" in str(one.path) for text in one.texts
    }
    expected = {
        "Seen",
        "A note.",
        "Chart title",
        "By sex",
        "Apart.",
        "said in prose",
        "Day",
        "Person",
    }
    assert expected <= found
    assert not {"sex", "no", "visit", "Visit"} & found


def test_the_texts_of_plain_figures_are_terms(programme: Path) -> None:
    code = (
        'import matplotlib.pyplot as plt\nplt.bar(["North", "South"], [1, 2], label="Visits seen")'
        "\n"
        'plt.title("Growth of all")\naxes.set(xlabel="Months")\naxes.text(1, 2, "Here")\n'
        'plt.xticks([0, 1], ["First", "2011"])\nplt.plot([1], "o-")'
    )
    notebook(programme / "notebooks" / "summary.ipynb", [("code", code)])
    found = {text.text for one in _wanted(programme) for text in one.texts}
    told = {"North", "South", "Visits seen", "Growth of all", "Months", "Here", "First"}
    assert told <= found
    assert not {"o-", "2011"} & found
    made = "plt.title(f'Seen: {n}')\nplt.text(1, 2, f'{n:.1f}%')"
    notebook(programme / "notebooks" / "summary.ipynb", [("code", made)])
    with pytest.raises(NotebookError) as caught:
        _wanted(programme)
    (told_of,) = caught.value.problems
    assert "title(f'Seen: {n}') is not translated" in str(told_of)


def test_what_code_puts_together_is_refused(programme: Path) -> None:
    code = ("code", 'n = 1\n_(f"{n} seen")\n_("said" + "so")\n_("well")')
    notebook(programme / "notebooks" / "summary.ipynb", [code])
    with pytest.raises(NotebookError) as caught:
        _wanted(programme)
    told = [str(one).partition("\n")[0] for one in caught.value.problems]
    where = "notebooks/summary.ipynb, cell 1: "
    assert told == [
        f"{where}_(f'{{n}} seen') marks no text in quotes",
        f"{where}_('said' + 'so') marks no text in quotes",
    ]


def test_translations_stay_and_what_changed_is_stale(programme: Path) -> None:
    extract(_wanted(programme))
    path = catalogue_path(programme / "notebooks", "sr-Cyrl", "summary")
    other = 'Било је {eval}`rp[\\"1.1\\"]` посета; видети [](#tbl-r).'
    _translate(path, {SENTENCE: other, "Results": "Резултати", "Visits by sex": "Посете по полу"})
    before = path.read_bytes()
    assert {changed for _, changed in extract(_wanted(programme))} == {False}

    file = programme / "notebooks" / "summary.ipynb"
    edit_notebook(file, "There were {eval}", "In all, there were {eval}")
    edit_notebook(file, "#| caption: Visits by sex\\n", "")
    extract(_wanted(programme))
    content = path.read_text(encoding="utf-8")
    now = SENTENCE.replace("There were", "In all, there were")
    assert f'#, fuzzy\n#| msgid "{SENTENCE}"\nmsgid "{now}"\nmsgstr "{other}"' in content
    assert content.endswith('\n#~ msgid "Visits by sex"\n#~ msgstr "Посете по полу"\n')
    assert Catalogue.read(path).get("Results") == "Резултати"
    assert {changed for _, changed in extract(_wanted(programme))} == {False}

    edit_notebook(file, "In all, there were {eval}", "There were {eval}")
    edit_notebook(file, "#| label: cht-sex\\n", "#| label: cht-sex\\n#| caption: Visits by sex\\n")
    extract(_wanted(programme))
    assert path.read_bytes() == before


def test_what_translators_add_stays(programme: Path) -> None:
    extract(_wanted(programme))
    path = catalogue_path(programme / "notebooks", "fr", "donor")
    content = path.read_text(encoding="utf-8")
    content = "# By the ministry.\n" + content.replace(
        'msgid ""\nmsgstr ""\n"', 'msgid ""\nmsgstr ""\n"Last-Translator: A B <a@b.org>\\n"\n"', 1
    ).replace("#: ", "# Formal.\n#: ", 1)
    path.write_text(content, encoding="utf-8")
    extract(_wanted(programme))
    assert path.read_text(encoding="utf-8") == content


def test_latin_serbian_needs_no_file_and_may_have_one(programme: Path) -> None:
    extract(_wanted(programme))
    path = catalogue_path(programme / "notebooks", "sr-Cyrl", "summary")
    _translate(path, {"Results": "Резултати"})
    latin = next(
        one
        for one in _wanted(programme)
        if one.language == "sr-Latn" and one.path.stem == "summary"
    )
    told = standing(latin)
    assert [text.text for text in told.texts["translated"]] == ["Results"]
    assert not latin.path.exists()
    settings = read_settings(programme)
    own = wanted(settings, programme_package(settings), language="sr-Latn")
    assert latin.path in {file for file, _ in extract(own)}
    _translate(latin.path, {"Results": "Rezultati rada"})
    assert Catalogue.read(latin.path).get("Results") == "Rezultati rada"


def test_status_tells_by_notebook_and_cell(
    programme: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["translate", "extract", "--project", str(programme)]) == 0
    path = catalogue_path(programme / "notebooks", "sr-Cyrl", "summary")
    texts = {"Visits": "Посете", "Results": "Резултати", SENTENCE: "Било је"}
    _translate(path, texts)
    edit_notebook(programme / "notebooks" / "summary.ipynb", "There were {", "There were in all {")
    main(["translate", "extract", "--project", str(programme)])
    capsys.readouterr()
    assert main(["translate", "status", "summary", "--project", str(programme)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert "sr-Cyrl  notebooks/locale/sr_Cyrl/summary.po: 2 translated, 1 stale, 2 missing" in said
    assert "  notebooks/summary.ipynb, cell 4: 1 stale" in said
    assert "  notebooks/summary.ipynb, cell 5 (tbl-r): 1 missing" in said
    main(["translate", "status", "summary", "--project", str(programme), "--json"])
    first = json.loads(capsys.readouterr().out)
    one = next(one for one in first if one["file"].endswith("sr_Cyrl/summary.po"))
    assert [one["translated"], one["stale"], one["missing"]] == [2, 1, 2]
    assert one["open"][0]["place"] == {"file": "notebooks/summary.ipynb", "cell": 4, "line": 5}


def test_nothing_is_written_where_a_catalogue_cannot_be_read(programme: Path) -> None:
    extract(_wanted(programme))
    broken = catalogue_path(programme / "notebooks", "fr", "donor")
    broken.write_text("<<<<<<< HEAD\n", encoding="utf-8")
    gone = catalogue_path(programme / "notebooks", "sr-Cyrl")
    gone.unlink()
    with pytest.raises(TranslationError, match="line 1: cannot be read"):
        extract(_wanted(programme))
    assert not gone.exists()


def test_a_notebook_is_not_called_as_the_terms_are(programme: Path) -> None:
    (programme / "notebooks" / "donor.ipynb").rename(programme / "notebooks" / "programme.ipynb")
    settings = programme / "programme.toml"
    text = settings.read_text(encoding="utf-8").replace("donor.ipynb", "programme.ipynb")
    settings.write_text(text, encoding="utf-8")
    with pytest.raises(NotebookError, match="its catalogue would have a name in use"):
        _wanted(programme)


def test_no_report_has_a_further_language(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_programme(tmp_path)
    assert main(["translate", "status", "--project", str(tmp_path)]) == 0
    assert "No report has a further language" in capsys.readouterr().out


def test_check_tells_what_a_translation_does_not_keep(
    programme: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    extract(_wanted(programme))
    path = catalogue_path(programme / "notebooks", "sr-Cyrl", "summary")
    _translate(path, {SENTENCE: "Било је 5 посета."})
    assert main(["check", "--project", str(programme)]) == 1
    said = capsys.readouterr()
    told = said.out + said.err
    line = path.read_text(encoding="utf-8").splitlines().index(f'msgid "{SENTENCE}"') + 1
    where = f"notebooks/locale/sr_Cyrl/summary.po, line {line}: the translation of "
    for what in ('lacks {eval}`rp["1.1"]`', "lacks (#tbl-r)", "holds the number 5"):
        assert f"{where}notebooks/summary.ipynb, cell 4, line 5 {what}" in told
    assert 'summary.po: 4 missing in "sr-Cyrl", first notebooks/summary.ipynb, cell 4' in told


def test_a_language_with_a_fault_is_not_released(programme: Path) -> None:
    extract(_wanted(programme))
    path = catalogue_path(programme / "notebooks", "sr-Cyrl", "summary")
    _translate(path, {SENTENCE: "Било је посета."})
    survey = survey_programme(programme)
    found = gaps(survey, survey.settings.report[0])
    for tag in ("sr-Cyrl", "sr-Latn"):
        assert any('lacks {eval}`rp["1.1"]`' in str(one) for one in found[tag])


def test_a_notebook_in_cyrillic_needs_no_catalogue_in_latin(programme: Path) -> None:
    settings = programme / "programme.toml"
    text = settings.read_text(encoding="utf-8").replace('["en", "sr-Cyrl",', '["sr-Cyrl",')
    settings.write_text(text, encoding="utf-8")
    cells = [("markdown", "# Извештај\n\nПосете 2020. године"), ("markdown", "Latin")]
    notebook(programme / "notebooks" / "summary.ipynb", cells)
    one = next(one for one in _wanted(programme) if one.path.stem == "summary")
    told = standing(one)
    assert [text.text for text in told.texts["translated"]] == ["Извештај", "Посете 2020. године"]
    assert [text.text for text in told.texts["missing"]] == ["Latin"]
    assert Catalogue.read(one.path).get("Извештај") == "Izveštaj"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["extract", "sumary"], 'there is no report "sumary"\n  did you mean "summary"?'),
        (["extract", "--language", "klingon"], 'nothing is known of the language "klingon"'),
        (["status", "--language", "sr_Latn"], 'nothing is known of the language "sr_Latn"'),
    ],
)
def test_what_is_not_there_is_told(
    programme: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert main(["translate", *arguments, "--project", str(programme)]) == 1
    assert told in "".join(capsys.readouterr())
    assert not (programme / "notebooks" / "locale").exists()


_SENTENCES = st.lists(
    st.lists(st.sampled_from(("one", "two", "é", '"', "\\", "{eval}`a`", "\n", "50%")), min_size=1)
    .map(" ".join)
    .filter(str.strip),
    max_size=6,
    unique=True,
)


@settings(deadline=None, max_examples=25)
@given(_SENTENCES, _SENTENCES, _SENTENCES)
@example(["{eval}`a` \n \n \n"], ["{eval}`a`"], [])
def test_no_translation_is_lost(first: list[str], second: list[str], third: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        path = catalogue_path(root, "fr", "x")
        for number, texts in enumerate((first, second, third, first)):
            said = tuple(Text(text, Place("x y.ipynb"), "x y.ipynb#c1") for text in texts)
            one = Wanted("fr", "en", path, said, root)
            before = read_catalogue(path) if number else Catalog("fr")
            extract([one])
            assert extract([one]) == [(path, False)]
            after = read_catalogue(path)
            assert [message.id for message in after if message.id] == texts
            kept = {m.string for m in (*after, *after.obsolete.values()) if m.id and m.string}
            held = (*before, *before.obsolete.values())
            assert kept >= {m.string for m in held if m.id and m.string}
            for text in texts:
                old, new = before.get(text) or before.obsolete.get(text), after[text]
                assert (
                    not old or not old.string or (new.string, new.fuzzy) == (old.string, old.fuzzy)
                )
            with path.open("wb") as out:
                for message in after:
                    message.string = message.string or f"{number} {message.id}"
                write_po(out, after, include_previous=True)


def test_the_shipped_catalogues_are_up_to_date_and_whole() -> None:
    for one in _wanted(Path(__file__).parents[2]):
        told = standing(one)
        assert (told.open, told.faults) == ((), ())
        assert not one.path.is_file() or _content(one) == one.path.read_bytes(), one.path
