"""Sites of the default config and of the examples, and what an example would be if its config were another."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from diptych.pipeline import build
from tests.examples.relations import CONFIGS


def changed(name: str, folder: Path, old: str, new: str, outputs: str = "[data]") -> Path:
    """Build an example with `old` in its config replaced, and return its site."""
    home = CONFIGS[name].parent
    text = CONFIGS[name].read_text(encoding="utf-8")
    assert old in text
    text = re.sub(r"^outputs: .*$", "", text.replace(old, new), flags=re.MULTILINE)
    for path in home.iterdir() if name != "default" else (home / "data", home / "text"):
        copy = shutil.copytree if path.is_dir() else shutil.copyfile
        copy(path, folder / path.name)
    (folder / "config.yaml").write_text(f"{text}\noutputs: {outputs}\n", encoding="utf-8")
    build(folder / "config.yaml", folder / "site")
    return folder / "site"


@pytest.fixture(params=list(CONFIGS))
def name(request):
    """Return the name of each example in turn."""
    return request.param


@pytest.fixture
def site(name, sites):
    """Return the site of each example in turn."""
    return sites(name)
