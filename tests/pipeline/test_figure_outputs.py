"""Files of figures as a config asks for them: width, letters, ground and colours, panels apart or not."""

import io
import re

import pikepdf
import pytest
from PIL import Image

from diptych.errors import DataError
from diptych.figures.drawing import Drawer
from diptych.pipeline.build import build
from tests.pipeline.projects import write_project

pytestmark = pytest.mark.slow


def built(folder, figures, **more):
    """The figures/ folder of a build of the small project with these settings: name -> bytes."""
    config = write_project(folder, more or None) / "config.yaml"
    text = re.sub(r"(?m)^outputs:.*$", "", config.read_text("utf-8"))
    config.write_text(f"{text}\noutputs: [{figures}]\n", "utf-8")
    build(config, folder / "site")
    return {path.name: path.read_bytes() for path in (folder / "site" / "figures").iterdir()}


def width_mm(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return float(document.pages[0].mediabox[2]) / 72 * 25.4


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    how = "figures: {width: 150}"
    return built(tmp_path_factory.mktemp("figures"), how)


def test_files_are_as_wide_as_asked(asked):
    assert width_mm(asked["main.pdf"]) == pytest.approx(150, abs=0.01)
    assert 'width="89mm"' in asked["main-left.svg"].decode()
    assert not {"main-left.pdf", "main-left.png"} & asked.keys()
    assert Image.open(io.BytesIO(asked["main.png"])).width == round(150 / 25.4 * 300)
    assert 'width="150mm"' in asked["main.svg"].decode()


def test_letters_are_as_high_as_asked(asked):
    svg = asked["main.svg"].decode()
    pixels = float(re.search(r'viewBox="\S+ \S+ (\S+)', svg)[1])
    assert 7 <= 150 / pixels * 12 / 25.4 * 72 < 7.03  # a drawing has whole pixels
    assert 'font-size="12px"' in svg


def test_nothing_draws_before_the_data_are_counted_and_where_no_file_shows_a_figure(tmp_path, monkeypatch):
    def started(self):
        raise AssertionError("a drawing process was started")

    monkeypatch.setattr(Drawer, "_start", started)
    folder = write_project(tmp_path)
    build(folder / "config.yaml", tmp_path / "site")
    write_project(tmp_path, files={"k.csv": "s,t\nd8,m8\n"})
    with pytest.raises(DataError):
        build(folder / "config.yaml", tmp_path / "site")
    write_project(tmp_path, outputs="[figures]")
    with pytest.raises(AssertionError, match="a drawing process was started"):
        build(folder / "config.yaml", tmp_path / "site")
