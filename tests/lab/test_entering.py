"""What a cell in JupyterLab sees of the records of persons: no more than in a build."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from jpreport.execute.kernels import open_kernel
from sensitive_samples import programme

ENTER = {"told": '__import__("jpreport.lab.prose", fromlist=["page"]).enter()'}
READ = "import pandas as pd\npd.read_csv('../data/cases.csv')"
SQL = "import duckdb\nduckdb.sql(\"select * from '../data/cases.csv'\")"


async def _said(folder: Path) -> list[str]:
    """Return what cells say that run before the report is opened, and after."""
    said = []
    async with open_kernel(cwd=folder, env={}) as kernel:
        for code in (
            READ,
            SQL,
            "from jpreport.notebook import open_report\nrp = open_report()",
            READ,
        ):
            await kernel.client.execute_interactive(
                "", silent=True, user_expressions=ENTER, output_hook=lambda _: None
            )
            reply = await kernel.client.execute_interactive(code, output_hook=lambda _: None)
            said.append(reply["content"].get("evalue", ""))
    return said


def test_records_of_persons_are_closed_before_the_report_is_opened(tmp_path: Path) -> None:
    root = programme(tmp_path / "programme")
    read, sql, opened, again = asyncio.run(_said(root / "notebooks"))
    assert opened == ""
    for told in (read, sql, again):
        assert "data/cases.csv" in told
        assert 'rp.cube("cases")' in told


def test_outside_of_a_programme_nothing_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jpreport.lab.prose import enter

    monkeypatch.chdir(tmp_path)
    enter()
