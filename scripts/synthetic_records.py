"""Invent the rows of the Joint Programme's records, the same ones each time.

Every row is made up, except the contributions and the programme's dates; sums and counts are the
figures that the programme's public page states.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

Row = dict[str, object]
Tables = dict[str, list[Row]]

START, END = date(2010, 6, 1), date(2012, 10, 31)

# One centre for social welfare each: 144, of which the page's 72 are half.
MUNICIPALITIES = {
    "Belgrade": "Belgrade",
    "Vojvodina": (
        "Ada, Alibunar, Apatin, Bač, Bačka Palanka, Bačka Topola, Bački Petrovac, Bečej, "
        "Bela Crkva, Beočin, Čoka, Inđija, Irig, Kanjiža, Kikinda, Kovačica, Kovin, Kula, "
        "Mali Iđoš, Nova Crnja, Novi Bečej, Novi Kneževac, Novi Sad, Odžaci, Opovo, Pančevo, "
        "Pećinci, Plandište, Ruma, Sečanj, Senta, Šid, Sombor, Srbobran, Sremska Mitrovica, "
        "Stara Pazova, Subotica, Temerin, Titel, Vrbas, Vršac, Žabalj, Žitište, Zrenjanin"
    ),
    "Šumadija and Western Serbia": (
        "Aleksandrovac, Aranđelovac, Arilje, Bajina Bašta, Batočina, Bogatić, Brus, Čačak, "
        "Čajetina, Ćićevac, Ćuprija, Despotovac, Gornji Milanovac, Ivanjica, Jagodina, Knić, "
        "Koceljeva, Kosjerić, Kragujevac, Kraljevo, Krupanj, Kruševac, Lajkovac, Lapovo, Ljig, "
        "Ljubovija, Loznica, Lučani, Mali Zvornik, Mionica, Nova Varoš, Novi Pazar, Osečina, "
        "Paraćin, Požega, Priboj, Prijepolje, Rača, Raška, Rekovac, Šabac, Sjenica, Svilajnac, "
        "Topola, Trstenik, Tutin, Ub, Užice, Valjevo, Varvarin, Vladimirci, Vrnjačka Banja"
    ),
    "Southern and Eastern Serbia": (
        "Aleksinac, Babušnica, Bela Palanka, Blace, Bojnik, Boljevac, Bor, Bosilegrad, "
        "Bujanovac, Crna Trava, Dimitrovgrad, Doljevac, Gadžin Han, Golubac, Kladovo, Knjaževac, "
        "Kučevo, Kuršumlija, Lebane, Leskovac, Majdanpek, Malo Crniće, Medveđa, Merošina, "
        "Negotin, Niš, Petrovac na Mlavi, Pirot, Požarevac, Preševo, Prokuplje, Ražanj, "
        "Smederevo, Smederevska Palanka, Sokobanja, Surdulica, Svrljig, Trgovište, "
        "Velika Plana, Veliko Gradište, Vladičin Han, Vlasotince, Vranje, Žabari, Žagubica, "
        "Zaječar, Žitorađa"
    ),
}
LARGE = {"Belgrade": 22.0, "Novi Sad": 9.0, "Niš": 9.0, "Kragujevac": 6.0, "Subotica": 5.0}
NETWORK = ("Belgrade", "Kragujevac", "Niš", "Novi Pazar", "Novi Sad", "Subotica")
SHELTERS = {"Belgrade": "2010-07-12", "Novi Sad": "2010-09-06", "Niš": "2010-11-08"}
CLINICS = {
    "Belgrade": ("2011-02-21", 37),
    "Niš": ("2011-03-14", 25),
    "Novi Sad": ("2011-10-03", 28),
}
RECEPTION_CENTRES = {"Reception centre A": "2010-09-20", "Reception centre B": "2011-04-11"}
CAMPAIGNS = (
    # name, population at heightened risk, first and last day, events
    ("Campaign 1", "Children with disabilities", "2011-02-01", "2011-12-15", 18),
    ("Campaign 2", "Roma living in informal settlements", "2011-03-01", "2011-11-30", 24),
    ("Campaign 3", "Refugees and internally displaced persons", "2011-05-03", "2012-05-31", 20),
    ("Campaign 4", "Asylum-seekers", "2011-09-01", "2012-06-29", 12),
    ("Campaign 5", "Roma living in informal settlements", "2012-03-01", "2012-10-12", 18),
)
BY_LAW = (
    "By-law on the transformation of the Agency for coordination of victim assistance to the "
    "Centre for protection of victims of human trafficking"
)
SPECIAL_PROTOCOL = (
    "Special protocol on acting of judicial bodies in protection of victims of human trafficking"
)
FORMS = {"Forum theatre": 5.0, "Games": 3.0, "Songs": 2.0}
ADULT_AGES = {"18-29": 0.16, "30-39": 0.36, "40-49": 0.30, "50 and over": 0.18}
JUSTICE = {  # rows, share of women, where they work
    "Judge": (58, 0.66, "Court"),
    "Prosecutor": (46, 0.54, "Public prosecutor's office"),
    "Police officer": (56, 0.24, "Police"),
}
HOLIDAYS = {(1, 1), (1, 2), (1, 7), (2, 15), (2, 16), (5, 1), (5, 2)}  # month, day


def apportion(rng: random.Random, total: int, weights: Sequence[float], least: int) -> list[int]:
    """Return whole numbers that add up to `total`, near to the weights, none below `least`."""
    spare = total - least * len(weights)
    exact = [spare * weight / sum(weights) for weight in weights]
    shares = [least + int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (int(exact[i]) - exact[i], rng.random()))
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    return shares


def pick(rng: random.Random, weights: Mapping[str, float]) -> str:
    """Return one key, drawn by its weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


def sex(rng: random.Random, women: float) -> str:
    """Return female with the given probability."""
    return "Female" if rng.random() < women else "Male"


def working_days(first: date, last: date) -> list[date]:
    """Return all working days from first to last."""
    days = (first + timedelta(n) for n in range((last - first).days + 1))
    return [d for d in days if d.isoweekday() not in {6, 7} and (d.month, d.day) not in HOLIDAYS]


def draw_days(rng: random.Random, count: int, first: date, last: date) -> list[date]:
    """Return `count` working days in order: slow at the start, little in January and August."""
    days = working_days(first, last)
    ramp = max(1, len(days) // 3)
    weights = [
        min(1.0, 0.4 + n / ramp) * (0.25 if day.month in {1, 8} else 1.0)
        for n, day in enumerate(days)
    ]
    return sorted(rng.choices(days, weights, k=count))


def spaced_days(rng: random.Random, count: int, first: date, last: date) -> list[date]:
    """Return `count` working days in order, at about equal distances."""
    days = working_days(first, last)
    step = len(days) / count
    return [days[int((n + rng.random()) * step)] for n in range(count)]


def numbered(rows: Sequence[Row], key: str, code: str) -> list[Row]:
    """Return the rows with codes such as TP-0001 in their order, as the first column."""
    return [{key: f"{code}-{n:04d}", **row} for n, row in enumerate(rows, start=1)]


def centres(rng: random.Random) -> list[Row]:
    """Return all centres for social welfare; six of them form the equipped network."""
    equipped = dict(
        zip(NETWORK, draw_days(rng, 6, date(2011, 1, 17), date(2012, 3, 30)), strict=True)
    )
    places = (
        (place, region) for region, all_ in MUNICIPALITIES.items() for place in all_.split(", ")
    )
    return [
        {
            "centre_id": f"CSW-{n:03d}",
            "name": f"Centre for Social Welfare, {place}",
            "municipality": place,
            "region": region,
            "in_network": place in equipped,
            "equipped_on": equipped.get(place),
        }
        for n, (place, region) in enumerate(places, start=1)
    ]


def social_workers(rng: random.Random, all_centres: Sequence[Row]) -> Iterator[Row]:
    """Yield 277 who completed, of exactly 72 centres, and 11 who did not."""
    large = [c for c in all_centres if c["municipality"] in LARGE]
    small = [c for c in all_centres if c["municipality"] not in LARGE]
    rng.shuffle(small)
    covered = sorted([*large, *small[: 72 - len(large)]], key=lambda c: str(c["centre_id"]))
    weights = [LARGE.get(str(c["municipality"]), 0.6 + 1.8 * rng.random()) for c in covered]
    seats = apportion(rng, 277, weights, least=1)
    completed = [(c, True) for c, n in zip(covered, seats, strict=True) for _ in range(n)]
    # Two of those who left came from centres that nobody else attended from.
    left = [(c, False) for c in [*rng.sample(covered, 9), *small[-2:]]]
    people = sorted([*completed, *left], key=lambda pair: str(pair[0]["centre_id"]))
    sizes = apportion(rng, len(people), [1.0] * 14, least=15)
    starts = [0, *(sum(sizes[: n + 1]) for n in range(14))]
    groups = [people[a:b] for a, b in pairwise(starts)]
    rng.shuffle(groups)
    days = spaced_days(rng, 14, date(2010, 10, 18), date(2012, 6, 15))
    for number, (day, group) in enumerate(zip(days, groups, strict=True), start=1):
        for centre, has_completed in group:
            yield {
                "profession": "Social worker",
                "organization": "Centre for social welfare",
                "centre_id": centre["centre_id"],
                "region": centre["region"],
                "sex": sex(rng, 0.8),
                "age_group": pick(rng, ADULT_AGES),
                "training_group": f"SW-{number:02d}",
                "attended_on": day,
                "completed": has_completed,
            }


def justice_officials(rng: random.Random) -> Iterator[Row]:
    """Yield 160 judges, prosecutors and police officers in eight mixed groups."""
    regions = dict(zip(MUNICIPALITIES, (0.34, 0.25, 0.20, 0.21), strict=True))
    people = [name for name, (count, _, _) in JUSTICE.items() for _ in range(count)]
    rng.shuffle(people)
    days = spaced_days(rng, 8, date(2010, 11, 15), date(2012, 9, 28))
    for n, profession in enumerate(people):
        _, women, organization = JUSTICE[profession]
        yield {
            "profession": profession,
            "organization": organization,
            "centre_id": None,
            "region": pick(rng, regions),
            "sex": sex(rng, women),
            "age_group": pick(rng, ADULT_AGES),
            "training_group": f"CJ-{n // 20 + 1:02d}",
            "attended_on": days[n // 20],
            "completed": True,
        }


def participants(rng: random.Random, all_centres: Sequence[Row]) -> list[Row]:
    """Return all training participants by day."""
    people = [*social_workers(rng, all_centres), *justice_officials(rng)]
    people.sort(key=lambda row: (str(row["attended_on"]), str(row["training_group"])))
    return numbered(people, "participant_id", "TP")


def students(rng: random.Random) -> list[Row]:
    """Return the 90 students of the three legal clinics."""
    rows: list[Row] = []
    for clinic, (opened, count) in CLINICS.items():
        first = date.fromisoformat(opened)
        days = draw_days(rng, count, first, date(2012, 3, 30))
        rows += [
            {
                "clinic": clinic,
                "sex": sex(rng, 0.68),
                "year_of_study": int(pick(rng, {"3": 0.35, "4": 0.45, "5": 0.20})),
                "enrolled_on": day,
            }
            for day in days
        ]
    return numbered(sorted(rows, key=lambda row: str(row["enrolled_on"])), "student_id", "ST")


def assisted(rng: random.Random) -> list[Row]:
    """Return the services to 85 persons; a person has one to five of them."""
    services = {
        "Psychosocial support": 3.0,
        "Medical care": 2.0,
        "Legal aid": 2.0,
        "(Re)integration support": 2.0,
    }
    rows: list[Row] = []
    for number in range(1, 86):
        shelter = pick(rng, {"Belgrade": 0.47, "Novi Sad": 0.27, "Niš": 0.26})
        [first] = draw_days(rng, 1, date.fromisoformat(SHELTERS[shelter]), END - timedelta(30))
        who = {
            "person_id": f"AP-{number:03d}",
            "sex": sex(rng, 0.8),
            "age_group": pick(rng, {"0-17": 0.40, "18-25": 0.33, "26 and over": 0.27}),
            "shelter": shelter,
            "year": first.year,
        }
        later = working_days(first, min(END, first + timedelta(150)))
        extra = rng.sample(list(services), int(pick(rng, {"0": 1, "1": 3, "2": 4, "3": 2, "4": 1})))
        rows.append({**who, "service": "Safe accommodation", "provided_on": first})
        rows += [{**who, "service": name, "provided_on": rng.choice(later)} for name in extra]
    rows.sort(key=lambda row: (str(row["provided_on"]), str(row["person_id"])))
    return numbered(rows, "service_id", "SV")


def counselling(rng: random.Random) -> list[Row]:
    """Return 900 sessions with asylum-seekers in two reception centres."""
    people = 540
    loads = apportion(rng, 900, [rng.random() ** 3 for _ in range(people)], least=1)
    rows: list[Row] = []
    for number, sessions in enumerate(loads, start=1):
        centre = pick(rng, {"Reception centre A": 0.62, "Reception centre B": 0.38})
        who = {
            "person_id": f"AS-{number:04d}",
            "reception_centre": centre,
            "sex": sex(rng, 0.17),
            "age_group": pick(rng, {"0-17": 0.19, "18-25": 0.44, "26 and over": 0.37}),
        }
        opened = date.fromisoformat(RECEPTION_CENTRES[centre])
        [first] = draw_days(rng, 1, opened, END - timedelta(14))
        near = working_days(first, min(END, first + timedelta(90)))
        days = [first, *(rng.choice(near) for _ in range(sessions - 1))]
        rows += [{**who, "year": day.year, "held_on": day} for day in days]
    rows.sort(key=lambda row: (str(row["held_on"]), str(row["person_id"])))
    return numbered(rows, "session_id", "CS")


def events(rng: random.Random, all_centres: Sequence[Row]) -> list[Row]:
    """Return the campaigns' events, with 4,500 direct and 9,000 indirect beneficiaries in all."""
    weights = [LARGE.get(str(centre["municipality"]), 1.0) for centre in all_centres]
    rows: list[Row] = []
    for number, (_, group, first, last, count) in enumerate(CAMPAIGNS, start=1):
        days = draw_days(rng, count, date.fromisoformat(first), date.fromisoformat(last))
        for day in days:
            [place] = rng.choices(all_centres, weights)
            rows.append(
                {
                    "campaign_id": f"PC-{number}",
                    "target_group": group,
                    "form": pick(rng, FORMS),
                    "municipality": place["municipality"],
                    "region": place["region"],
                    "held_on": day,
                }
            )
    rows.sort(key=lambda row: (str(row["held_on"]), str(row["campaign_id"])))
    sizes = [0.3 + rng.random() for _ in rows]
    direct = apportion(rng, 4500, sizes, least=8)
    indirect = apportion(rng, 9000, [n * (0.5 + rng.random()) for n in direct], least=5)
    for row, reached, estimate in zip(rows, direct, indirect, strict=True):
        row |= {"direct_beneficiaries": reached, "indirect_beneficiaries": estimate}
    return numbered(rows, "event_id", "EV")


def facts() -> Tables:
    """Return the small tables; contributions and programme_period are the page's own facts."""
    regions = {
        "Belgrade": "Belgrade",
        "Novi Sad": "Vojvodina",
        "Niš": "Southern and Eastern Serbia",
    }
    day = date.fromisoformat
    return {
        "shelters": [
            {"shelter": city, "region": regions[city], "supported_from": day(first)}
            for city, first in SHELTERS.items()
        ],
        "legal_clinics": [
            {"clinic": city, "region": regions[city], "established_on": day(first)}
            for city, (first, _) in CLINICS.items()
        ],
        "reception_centres": [
            {"reception_centre": name, "counselling_from": day(first)}
            for name, first in RECEPTION_CENTRES.items()
        ],
        "campaigns": [
            {
                "campaign_id": f"PC-{n}",
                "name": name,
                "target_group": group,
                "started_on": day(first),
                "completed_on": day(last),
            }
            for n, (name, group, first, last, _) in enumerate(CAMPAIGNS, start=1)
        ],
        "deliverables": [
            {
                "deliverable_id": "DL-1",
                "kind": "By-law",
                "title": BY_LAW,
                "completed_on": day("2012-03-26"),
            },
            {
                "deliverable_id": "DL-2",
                "kind": "Special protocol",
                "title": SPECIAL_PROTOCOL,
                "completed_on": day("2012-07-16"),
            },
        ],
        "contributions": [
            {"donor": "Government of Belgium", "amount_usd": 680_000},
            {"donor": "Government of Switzerland", "amount_usd": 200_000},
            {
                "donor": "UN Global Initiative to Fight Human Trafficking (UN.GIFT)",
                "amount_usd": 530_000,
            },
        ],
        "programme_period": [{"period": "Programme", "start_on": START, "end_on": END}],
    }


def make_tables() -> Tables:
    """Return all tables; each has a generator of its own, so that none shifts another."""

    def rng(table: str) -> random.Random:
        return random.Random(f"jpreport {table}")  # noqa: S311  (records, not secrets)

    all_centres = centres(rng("centres"))
    return {
        "centres": all_centres,
        "training_participants": participants(rng("training_participants"), all_centres),
        "students": students(rng("students")),
        "assisted_persons": assisted(rng("assisted_persons")),
        "counselling_sessions": counselling(rng("counselling_sessions")),
        "campaign_events": events(rng("campaign_events"), all_centres),
        **facts(),
    }
