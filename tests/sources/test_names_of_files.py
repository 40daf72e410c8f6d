"""Names of files that are no text, which Linux allows."""

import os

import pytest

from diptych.errors import DiptychError
from diptych.pipeline import build, check
from tests.pipeline.projects import write_project

ODD = os.fsdecode(b"odd\xff.csv")


@pytest.fixture
def project(tmp_path):
    write_project(tmp_path, {"source: m.csv": 'source: "m*.csv"'})
    try:
        (tmp_path / ODD).write_text("id,l,owner\n")
    except OSError:
        pytest.skip("this system has names that are text alone")
    return tmp_path


@pytest.mark.parametrize("name", ["config.yaml", "m.csv", "text/coverage.md"])
def test_a_name_that_is_no_text_is_refused_with_a_reason(project, name):
    (project / "text").mkdir()
    (project / "text/coverage.md").write_text("Words.\n")
    with (project / "config.yaml").open("a") as file:
        file.write("text: {folder: text/}\n")
    odd = (project / name).with_name(name[0].replace("t", "o") + ODD + (project / name).suffix)
    (project / name).rename(odd)
    with pytest.raises(DiptychError, match="its name is not UTF-8; rename it"):
        check(odd if name == "config.yaml" else project / "config.yaml")


def test_folders_with_such_names_are_refused_too(tmp_path):
    folder = tmp_path / ODD
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this system has names that are text alone")
    write_project(folder, {"column: t}}\n": "column: t}}\noutputs: [data]\n"})
    with pytest.raises(DiptychError, match="its name is not UTF-8"):
        build(folder / "config.yaml", tmp_path / "site")


@pytest.mark.parametrize("command", ["init", "scan"])
def test_so_they_are_before_there_is_a_config(project, here, command):
    status, _, err = here(command, ODD)
    assert (status, "its name is not UTF-8" in err) == (1, True), err
