"""The code of docs/homes.md in a kernel of Jupyter, with ipywidgets and without."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.doc_pages import section

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"```python\n(.*?)```", section("homes.md", "Notebooks and Python"), re.DOTALL)
TABLE = ROOT / "tests" / "public" / "tables" / "penguins.csv"
# As on a machine where nobody has installed it: an import of it fails.
NO_WIDGETS = "import sys; sys.modules['ipywidgets'] = None"
SHOWN = "import pandas, diptych; penguins = pandas.read_csv('penguins.csv')"


def run(folder, *cells):
    """Run cells in a kernel that works in a folder; return the outputs of the last."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(book, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    return book.cells[-1].outputs


@pytest.fixture
def folder(tmp_path):
    """A folder with the files that the page names."""
    shutil.copy(TABLE, tmp_path / "penguins.csv")
    shutil.copy(ROOT / "config.yaml", tmp_path)
    for name in ("data", "text"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("before", [NO_WIDGETS, "import ipywidgets"], ids=["without ipywidgets", "with ipywidgets"])
def test_every_block_of_the_page_runs(folder, before):
    assert len(BLOCKS) == 4
    run(folder, before, *BLOCKS)
    assert (folder / "site" / "index.html").is_file()


def test_a_report_is_shown(folder):
    (shown,) = run(folder, NO_WIDGETS, SHOWN, 'diptych.report(penguins, rows="species", columns="island")')
    assert "<svg" in shown["data"]["text/html"]
    assert not any(output["output_type"] == "stream" for output in [shown])


def test_an_error_is_its_message(folder):
    with pytest.raises(CellExecutionError) as caught:
        run(folder, NO_WIDGETS, SHOWN, 'diptych.report(penguins, rows="speces", columns="island")')
    said = str(caught.value)
    assert 'did you mean "species"?' in said
    assert "library.py" not in said
    assert len(said) < 1_000
