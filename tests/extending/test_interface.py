"""The interface: one list for Python and one for type checkers, loaded name by name."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from diptych import api

SOURCE = Path(api.__file__).read_text(encoding="utf-8")
PAGE = (Path(__file__).parents[2] / "docs" / "extending.md").read_text(encoding="utf-8")


def declared():
    """Return the names that type checkers know -> their modules."""
    (block,) = [node for node in ast.parse(SOURCE).body if isinstance(node, ast.If) and isinstance(node.test, ast.Name)]
    return {name.asname: node.module for node in block.body for name in node.names}


def test_type_checkers_know_the_names_that_python_has():
    assert declared() == {**api._HOMES, "formats": None}


def test_every_name_is_there():
    for name in declared():
        assert getattr(api, name) is not None
    assert dir(api) == sorted(declared())


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"module 'diptych\.api' has no attribute 'load_all'"):
        _ = api.load_all


def test_the_page_uses_names_of_the_interface_alone():
    used = re.findall(r"from diptych\.api import (\([^)]*\)|[^\n#]*)", PAGE)
    names = {name for block in used for name in re.findall(r"\w+", block)}
    assert len(names) > 25
    assert names <= {"formats", *" ".join(api.PUBLIC.values()).split()}
    assert {*re.findall(r"(?:from|import) (diptych[\w.]*)", PAGE)} == {"diptych.api"}


def test_packs_use_every_name_that_is_there_for_them_alone():
    used = set()
    for path in Path(api.__file__).with_name("contrib").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 3 and node.module == "api":
                used |= {name.name for name in node.names}
    assert {*" ".join(api.PACKS_ONLY.values()).split()} - used == set()
    assert used <= set(declared())


def test_a_pack_loads_only_what_it_uses():
    code = (
        "import sys\nfrom diptych.api import DataError, one_line\n"
        "print(sorted({'numpy', 'pandas', 'pydantic', 'typer', 'yaml'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "[]\n"


def test_the_contract_names_every_part_of_the_core():
    contracts = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers, walls = contracts["contracts"][:2]
    rooms = {f"diptych.{room.strip()}" for layer in layers["layers"] for room in layer.split("|")}
    assert walls["source_modules"] == ["diptych.contrib"]
    assert set(walls["forbidden_modules"]) == rooms - {"diptych.__main__", "diptych.contrib", "diptych.api"}
