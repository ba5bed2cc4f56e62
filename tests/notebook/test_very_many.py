"""A frame of very many records says what it takes, and SQL counts them where they are."""

from pathlib import Path

import pytest

from jpreport.errors import DataError
from jpreport.notebook import open_report, report
from programme_samples import write_programme


def test_a_big_frame_says_what_it_takes_and_sql_needs_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rp = open_report(project=write_programme(tmp_path))
    small = rp.table("visits")
    assert list(rp.sql("select sex, count(*) as n from visits group by 1 order by 1")["n"]) == [
        3,
        2,
    ]
    assert rp.sql("select * from visits").equals(rp.records.frame("visits"))
    with pytest.raises(DataError, match="one SELECT"):
        rp.sql("drop table visits")
    monkeypatch.setattr(report, "_VERY_MANY", 5)
    with pytest.warns(UserWarning, match=r"has 5 records, which take about .* MiB.*rp\.sql"):
        assert rp.table("visits").equals(small)
