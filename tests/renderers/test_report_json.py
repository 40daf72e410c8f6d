import json
import math
from dataclasses import fields, replace

from diptych.cells import Cell
from diptych.renderers.data import render_json
from tests.cells import whole_cells
from tests.renderers.documents import demo, small


def read(document):
    def refuse(name):
        raise AssertionError(name)

    return json.loads(render_json(document)["report.json"], parse_constant=refuse)


def test_panels_have_every_number_by_its_name():
    [left, right] = read(demo())["panels"]
    assert left["given_title"] == "Dataset"
    assert right["outcome_title"] == "Dataset"
    assert list(left["cells"]) == [field.name for field in fields(Cell)]
    assert {len(column) for column in left["cells"].values()} == {81}
    cell = {name: column[2] for name, column in left["cells"].items()}
    assert (cell["given"], cell["outcome"], cell["n_joint"], cell["n_given"]) == ("Multimodal", "CV", 111, 290)
    assert math.isclose(cell["value"], 111 / 290)
    assert left["cells"]["value"][4] is None
    assert left["cells"]["state"][4] == "no_outcome"


def test_undefined_numbers_are_null_and_whole_ones_are_whole():
    document = small()
    panel = document.figures[0].panels[0]
    cells = (replace(panel.cells[0], low=math.nan, high=math.inf, n_joint=3.0), *panel.cells[1:])
    figure = replace(document.figures[0], panels=(replace(panel, cells=whole_cells(cells)),))
    text = render_json(replace(document, figures=(figure,)))["report.json"].decode()
    cells = json.loads(text)["panels"][0]["cells"]
    assert (cells["low"][0], cells["high"][0], cells["n_joint"][0]) == (None, None, 3)
    assert '"n_joint": [3,' in text
