"""Handmade wheels: zip archives with just the files a reader looks at."""

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tools.catalogue.wheels import Wheel

MakeWheel = Callable[..., Wheel]


@pytest.fixture
def make_wheel(tmp_path: Path) -> MakeWheel:
    def make(name: str, files: Mapping[str, str], headers: str = "", body: str = "") -> Wheel:
        path = tmp_path / f"{name}-1.0-py3-none-any.whl"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{headers}\n{body}"
        with zipfile.ZipFile(path, "w") as archive:
            for inner, text in files.items():
                archive.writestr(inner, text)
            archive.writestr(f"{name}-1.0.dist-info/METADATA", metadata)
        return Wheel.open(path, frozenset({"generate_default_cfgs"}))

    return make
