"""Files as people keep them, to start a programme from."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

from openpyxl import Workbook

DISTRICTS = ("Upper Lorn", "Lower Lorn", "Lorn Town")
FIRST = dt.date(2023, 1, 4)
# Names and numbers that must stand in nothing that is released.
PLANTED = ("Zebunissa Quillfeather", "+38164998877", "ee:dd:cc:77", "1987-03-19", "44.812947")


def workbook(path: Path) -> dict[str, int]:
    """Write trainings with titles, merged districts, a row of totals and days as dd/mm/yyyy.

    Return what a report has to say: trainings, women, men, and the cost in USD.
    """
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "Trainings"
    page.append(["Rural Water Programme in Lorn"])
    page.append(["Trainings, as of 31 December 2023"])
    page.append([])
    page.append(["District", "Date", "Kind", "Participants", None, "Cost (USD)"])
    page.append([None, None, None, "Women", "Men", None])
    sums = {"trainings": 0, "women": 0, "men": 0, "cost": 0}
    for place, district in enumerate(DISTRICTS):
        first = page.max_row + 1
        for number in range(7):
            day = FIRST + dt.timedelta(days=47 * number + 5 * place)
            women, men = 11 + 3 * number + place, 9 + 2 * number
            cost = 1200 + 150 * number + 35 * place
            kind = ("Maintenance", " Hygiene ", "Finance")[number % 3]
            label = district if number == 0 else None
            page.append([label, day.strftime("%d/%m/%Y"), kind, women, men, f"{cost:,}"])
            sums["trainings"] += 1
            sums["women"] += women
            sums["men"] += men
            sums["cost"] += cost
        page.merge_cells(start_row=first, end_row=page.max_row, start_column=1, end_column=1)
    page.append(["TOTAL", None, None, sums["women"], sums["men"], f"{sums['cost']:,}"])
    page.append(["Source: field offices"])
    for area in ("A1:F1", "A2:F2", "D4:E4", "A4:A5", "B4:B5", "C4:C5", "F4:F5"):
        page.merge_cells(area)
    book.save(path)
    return sums


def framework(path: Path, rows: int = 300, descending: int = 30) -> None:
    """Write a results framework as CSV, separated by semicolons, numbers as 1.234,5."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    heads = (
        "Code",
        "Objective",
        "Indicator",
        "Unit",
        "Direction",
        "Baseline",
        "Target",
        "Achieved",
    )
    writer.writerow([*heads, "Means of verification"])
    for number in range(1, rows + 1):
        down = number % (rows // descending) == 0
        baseline, target = (number * 10, number * 4) if down else (number, number * 12)
        achieved = number * 5 if down else number * 11
        objective = f"SO{1 + number % 4}: Objective number {'ABCD'[number % 4]}"
        writer.writerow(
            [
                f"1.{number}",
                objective,
                f"Households reached with support of kind K{number}",
                "households",
                "Decrease" if down else "Increase",
                *(f"{value:,}".replace(",", ".") + ",0" for value in (baseline, target, achieved)),
                "Monitoring visits",
            ]
        )
    path.write_text("\N{ZERO WIDTH NO-BREAK SPACE}" + text.getvalue(), encoding="utf-8")


def survey(path: Path, rows: int = 240) -> None:
    """Write a survey's export as KoBo makes it, with columns about persons."""
    heads = ("start", "end", "deviceid", "consent", "hh/respondent_name", "hh/phone", "hh/sex")
    heads += ("hh/age", "hh/birth_date", "hh/district", "hh/received_kit", "_gps_latitude")
    heads += ("_gps_longitude", "_id", "_uuid", "_submission_time")
    lines = [heads]
    for number in range(rows):
        moment = dt.datetime(2023, 3, 1, 9, 0) + dt.timedelta(hours=7 * number)  # noqa: DTZ001
        name, phone, device, birth, latitude = PLANTED
        if number != 17:
            name, phone = f"Person{number:03} Family{number:03}", f"+3816{number:07}"
            device, birth = f"ee:ab:{number % 5}", f"19{60 + number % 40}-{1 + number % 12:02}-11"
            latitude = f"44.{100000 + number * 37}"
        lines.append(
            (
                moment.isoformat() + ".000+02:00",
                (moment + dt.timedelta(minutes=21)).isoformat() + ".000+02:00",
                device,
                "yes",
                name,
                phone,
                ("female", "male", "Female", "F")[number % 4],
                str(6 + (number * 7) % 80),
                birth,
                DISTRICTS[number % 3],
                "yes" if number % 5 else "no",
                latitude,
                f"20.{200000 + number * 41}",
                str(500000 + number),
                f"0f{number:06x}-aa",
                (moment + dt.timedelta(hours=1)).isoformat(),
            )
        )
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    path.write_text(text.getvalue(), encoding="utf-8")


def activityinfo(folder: Path) -> dict[str, Path]:
    """Write the three exports of ActivityInfo: a form's table, its sites, all forms in long form.

    A form's table has a column a field, of places two; sites stand below two rows of header, of
    which the first groups indicators and attributes; the long form has a row a measure.
    """
    table = folder / "ActivityInfo_Export_Distributions_2023-07-01_101530.csv"
    lines = ["Partner,Reporting date,Kits distributed,Modality,Site - Latitude,Site - Longitude"]
    lines += [f"NGO {n % 2},2023-0{1 + n % 6}-01,{10 + n},Cash,34.{n},36.{n}" for n in range(8)]
    table.write_text("\N{ZERO WIDTH NO-BREAK SPACE}" + "\n".join(lines), encoding="utf-8")
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "Lorn response - Water"
    page.append([None] * 5 + ["Output", None, "Approach", None])
    heads = ("Date1", "Date2", "Partner", "Site", "Axe", "Wells drilled", "Pumps installed")
    page.append([*heads, "Community", "Contractor", "Code Province", "Province", "Longitude"])
    for n in range(6):
        days = dt.date(2023, 1 + n, 1), dt.date(2023, 1 + n, 28)
        page.append([*days, f"NGO {n % 2}", f"Site {n}", None, n, 2 * n, n % 2 == 0, n % 2 == 1])
        for place, cell in enumerate(("", f"Province {n % 2}", 36.1 + n), start=10):
            page.cell(n + 3, place, cell)
    for area in ("F1:G1", "H1:I1"):
        page.merge_cells(area)
    sites = folder / "ActivityInfo_Export_2023-07-01_101530.xlsx"
    book.save(sites)
    long = folder / "long.csv"
    lines = ["FormId,FormName,RecordId,Partner,Month,Measure,Value"]
    for n in range(6):
        shared = f"f1,Water,r{n},NGO {n % 2},2023-0{1 + n % 3}"
        lines += [f"{shared},Wells drilled,{n}", f"{shared},Share of functional wells (%),0.{n}"]
    long.write_text("\n".join(lines), encoding="utf-8")
    return {"table": table, "sites": sites, "long": long}
