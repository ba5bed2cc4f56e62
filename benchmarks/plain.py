"""What a plain pandas script does of the same work: read with types, check, count."""

import re
import sys
from pathlib import Path

import pandas as pd
from many_records import AGES, REGIONS, SERVICES, SEX

CLOSED = {"sex": SEX, "age_group": AGES, "region": REGIONS, "service": SERVICES}
DAYS = ["opened_on", "closed_on"]
TEXTS = ["case_id", "person_id", *CLOSED, "site"]


def read(path: Path) -> pd.DataFrame:
    """Return the table, its texts without space around them and doubled within."""
    if path.suffix == ".parquet":
        frame = pd.read_parquet(path)
        frame[DAYS] = frame[DAYS].apply(pd.to_datetime)
        return frame
    types = {**dict.fromkeys(TEXTS, "string"), "sessions": "Int64", "cost": "float64"}
    frame = pd.read_csv(
        path, dtype=types, parse_dates=DAYS, date_format="%Y-%m-%d", keep_default_na=False,
        na_values=[""],
    )  # fmt: skip
    for name in TEXTS:
        frame[name] = frame[name].str.strip().str.replace(r"\s+", " ", regex=True)
    return frame


def check(frame: pd.DataFrame) -> None:
    """Stop at records that break their contract."""
    required = ["case_id", "person_id", "sex", "region", "service", "opened_on"]
    kept = [
        not frame[required].isna().any().any(),
        frame["case_id"].is_unique,
        frame["case_id"].str.fullmatch(re.compile("C-[0-9]{8}")).all(),
        *(frame[name].dropna().isin(listed).all() for name, listed in CLOSED.items()),
        *(pd.api.types.is_datetime64_dtype(frame[name]) for name in DAYS),
        frame["opened_on"].between("2010-01-01", "2012-12-31").all(),
        frame["sessions"].dropna().between(0, 50).all(),
        (frame["cost"].dropna() >= 0).all(),
    ]
    if not all(kept):
        raise SystemExit(f"the contract is broken: {kept}")


def count(frame: pd.DataFrame) -> list[object]:
    """Return what the programme's indicators measure."""
    cases = frame[frame["opened_on"].between("2010-01-01", "2012-12-31")]
    women = cases[cases["sex"] == "Female"]
    legal = cases[cases["service"] == "Legal aid"]
    return [
        len(cases), cases.groupby("region").size(), cases.groupby("service").size(),
        len(women), women.groupby("age_group").size(), cases["person_id"].nunique(),
        cases["sessions"].sum(), cases.groupby("service")["sessions"].sum(),
        cases["cost"].sum(), cases.groupby("region")["cost"].sum(),
        cases.groupby("service")["cost"].sum(), cases["cost"][cases["cost"] > 0].mean(),
        len(legal), legal.groupby("region").size(), cases["closed_on"].count(),
    ]  # fmt: skip


def main() -> None:
    """Read, check and count the file that is named."""
    frame = read(Path(sys.argv[1]))
    check(frame)
    for found in count(frame):
        print(found)


main()
