"""A report that was signed is as it was built; one that was changed is not, whoever signed it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jpreport.cli import main
from jpreport.document.formats import signed_copy
from jpreport.files import digest_bytes, is_intact
from jpreport.release.request import Request
from jpreport.release.spine import build
from jpreport.review.verify import verify
from jpreport.review.verify.verdict import FileVerdict
from programme_samples import edit_notebook, write_programme
from signing_samples import CHANGES, box_of_the_title, rebuilt, signed, updated

pytestmark = pytest.mark.slow

MINISTRY, DONOR = "Ministry of Health", "Donor Agency"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_programme(tmp_path_factory.mktemp("signed") / "programme")
    outcomes = build(Request(folder, folder / "outputs", reports=("summary",)))
    assert not [problem for outcome in outcomes for problem in outcome.problems]
    return folder


@pytest.fixture(scope="module")
def pdf(root: Path) -> bytes:
    return (root / "outputs/summary.pdf").read_bytes()


@pytest.fixture(params=["alone", "in its release"])
def verdict(request: pytest.FixtureRequest, root: Path, pdf: bytes, tmp_path: Path):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """Return what builds again and compares, wherever the file lies; puts the original back."""
    path = root / "outputs/summary.pdf"
    if request.param == "alone":
        path = tmp_path / "sent.pdf"

    def of(content: bytes) -> FileVerdict:
        path.write_bytes(content)
        (file,) = verify(path, root).files
        return file

    yield of
    (root / "outputs/summary.pdf").write_bytes(pdf)


@pytest.fixture(params=["by its seal", "by its digest"])
def judge(request: pytest.FixtureRequest, pdf: bytes):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """Return who signed a content, None for no signed copy: what both verdicts ask, unbuilt."""
    digest = digest_bytes(pdf)
    known = {"by its seal": is_intact, "by its digest": lambda one: digest_bytes(one) == digest}

    def of(content: bytes) -> tuple[str, ...] | str | None:
        assert not known[request.param](content)
        try:
            found = signed_copy(Path("summary.pdf"), content, known[request.param])
        except ValueError as error:
            return str(error)
        return found and found[1]

    return of


def no_copy(found: tuple[str, ...] | str | None) -> bool:
    return found is None or isinstance(found, str)


def test_signatures_change_nothing(verdict, pdf: bytes) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    file = verdict(signed(signed(pdf, MINISTRY), DONOR))
    assert (file.state, file.signed_by) == ("reproduced", (MINISTRY, DONOR))


def test_what_is_no_signed_copy_is_altered(verdict, pdf: bytes) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    for content in (updated(signed(pdf, MINISTRY), next(iter(CHANGES.values()))), pdf + b"rubbish"):
        file = verdict(content)
        assert (file.state, file.signed_by) == ("altered", ())
        assert file.detail


def test_a_mark_on_blank_paper_is_one_of_a_signature(judge, pdf: bytes) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    assert judge(signed(pdf, MINISTRY, (560, 2, 590, 12))) == (MINISTRY,)


def test_a_mark_over_what_is_printed_alters_it(judge, pdf: bytes) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    said = judge(signed(pdf, MINISTRY, box_of_the_title(pdf)))
    assert "covers what is printed on page 1" in said


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("when", ["before", "after", "without"])
def test_what_else_is_appended_alters_it(judge, pdf: bytes, change: str, when: str) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    content = signed(pdf, MINISTRY) if when == "after" else pdf
    content = updated(content, CHANGES[change])
    assert no_copy(judge(signed(content, MINISTRY) if when == "before" else content))


def test_a_byte_within_a_signature_alters_it(judge, pdf: bytes) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    content = bytearray(signed(pdf, MINISTRY))
    place = content.rindex(b"/Contents") + 900
    content[place] = ord("0") if content[place] != ord("0") else ord("1")
    assert no_copy(judge(bytes(content)))


@pytest.mark.parametrize("tail", [b"\n", b"%%EOF\n", b"rubbish", b"1 0 obj\nnull\nendobj\n%%EOF"])
def test_what_is_no_update_alters_it(judge, pdf: bytes, tail: bytes) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    assert no_copy(judge(pdf + tail))


def test_a_signed_copy_that_was_saved_anew_first_is_altered(judge, pdf: bytes) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    assert no_copy(judge(signed(rebuilt(pdf), MINISTRY)))


def test_the_command_line_names_the_signer_and_what_was_not_checked(
    root: Path, pdf: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = tmp_path / "sent.pdf"
    sent.write_bytes(signed(pdf, MINISTRY))
    assert main(["verify", str(sent), "--project", str(root)]) == 0
    said = capsys.readouterr().out
    assert f"sent.pdf: as built, signed by {MINISTRY}" in said
    assert "whether to trust its certificate was not checked" in said
    main(["trace", str(sent), "5", "--project", str(root)])
    assert "not as it was built" not in capsys.readouterr().err


def test_a_build_writes_over_no_signature_unless_it_is_told_to(
    root: Path, pdf: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    programme = Path(shutil.copytree(root, tmp_path / "programme"))
    path = programme / "outputs/summary.pdf"
    content = signed(pdf, MINISTRY)
    path.write_bytes(content)
    command = ["build", "summary", "--project", str(programme)]
    assert main([*command, "--dry-run"]) == 0
    assert capsys.readouterr().out == "summary: up to date\n"
    edit_notebook(programme / "notebooks/summary.ipynb", "There were", "Seen were")
    assert main(command) == 1
    assert f"summary.pdf: is signed by {MINISTRY}" in capsys.readouterr().err
    assert path.read_bytes() == content
    assert main([*command, "--force"]) == 0
    assert path.read_bytes() != content
    assert not (programme / "outputs/failed").exists()
