"""Sites under settings that stand for other processors and machines: every file has the same bytes.

A setting takes instructions from NumPy or from the C library, chooses another kernel of BLAS or number of threads, or
changes other things of a machine. Sites are built with all digits of their numbers, because rounding would hide most
differences. `make test` builds two examples under two settings that together change everything, and the others under
one. `make nightly` changes one thing after the other.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from numpy._core import _multiarray_umath

from diptych.theme.fonts import font_folder
from tests.portable.fonts import with_regular_style
from tests.sites import ROOT, once

pytestmark = pytest.mark.slow

PROGRAM = "from diptych import cli, formats; formats._PUBLISHED_DIGITS = 17; cli.main()"
DISPATCHED: tuple[str, ...] = tuple(getattr(_multiarray_umath, "__cpu_dispatch__", ()))
NO_AVX512 = " ".join(name for name in DISPATCHED if name.startswith(("AVX512", "X86_V4")))
NO_AVX2 = " ".join(name for name in DISPATCHED if name.startswith(("AVX512", "X86_V4", "AVX2", "FMA3", "X86_V3")))
NO_FMA = "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F,-AVX512VL"

SETTINGS: Mapping[str, Mapping[str, str]] = {
    "no AVX-512": {"NPY_DISABLE_CPU_FEATURES": NO_AVX512},
    "no AVX2": {"NPY_DISABLE_CPU_FEATURES": NO_AVX2},
    "BLAS of 2013": {"OPENBLAS_CORETYPE": "Haswell"},
    "BLAS of 2008": {"OPENBLAS_CORETYPE": "Nehalem"},
    "one thread": {"OPENBLAS_NUM_THREADS": "1"},
    "two threads": {"OPENBLAS_NUM_THREADS": "2"},
    "no FMA": {"GLIBC_TUNABLES": NO_FMA},
    "another font": {"HOME": "{home}", "XDG_DATA_HOME": "{home}/.local/share"},
    "another place": {"TZ": "Pacific/Apia", "LC_ALL": "C", "PYTHONHASHSEED": "77"},
}
NEWER = SETTINGS["no AVX-512"] | SETTINGS["BLAS of 2013"] | SETTINGS["one thread"] | SETTINGS["another font"]
OLDER = (
    SETTINGS["no AVX2"]
    | SETTINGS["BLAS of 2008"]
    | SETTINGS["two threads"]
    | SETTINGS["no FMA"]
    | SETTINGS["another place"]
)

EXAMPLES = {
    "default": ROOT / "config.yaml",
    **{name: ROOT / f"examples/{name}/config.yaml" for name in ("survey", "rodents", "published")},
    **{path.stem: path for path in sorted((ROOT / "examples/gallery").glob("*.yaml"))},
}
FIRST = ("default", "storms")


def built(config: Path, folder: Path, setting: Mapping[str, str]) -> dict[str, str]:
    """Return path -> SHA-256 of the files of a site that is built under a setting."""
    fonts = folder / "home" / ".local/share/fonts"
    fonts.mkdir(parents=True)
    bold = (font_folder() / "DiptychSans-Bold.ttf").read_bytes()
    (fonts / "Other.ttf").write_bytes(with_regular_style(bold))
    own = {name: value.format(home=folder / "home") for name, value in setting.items()}
    command = [sys.executable, "-P", "-c", PROGRAM, "build", str(config), "--output", str(folder / "site")]
    kept = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run(
        command, env=kept | own, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((folder / "site").rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="session")
def here_built(tmp_path_factory):
    """Return a function that gives the files of an example as this machine builds it, once for all workers."""
    base = tmp_path_factory.getbasetemp()
    root = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "settings"
    root.mkdir(exist_ok=True)

    def of(name: str) -> dict[str, str]:
        def make(folder: Path) -> None:
            lines = (f"{one} {path}" for path, one in built(EXAMPLES[name], folder, {}).items())
            (folder / "hashes").write_text("\n".join(lines), encoding="utf-8")

        lines = (once(root / name, make) / "hashes").read_text(encoding="utf-8").splitlines()
        return {path: one for one, _, path in (line.partition(" ") for line in lines)}

    return of


def differing(first: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    return sorted(path for path in first.keys() | other.keys() if first.get(path) != other.get(path))


@pytest.mark.parametrize("setting", [NEWER, OLDER], ids=["newer", "older"])
@pytest.mark.parametrize("name", FIRST)
def test_a_site_has_the_same_bytes_on_other_machines(name, setting, here_built, tmp_path):
    assert differing(here_built(name), built(EXAMPLES[name], tmp_path, setting)) == []


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name not in FIRST])
def test_all_examples_have_the_same_bytes_on_an_older_machine(name, here_built, tmp_path):
    assert differing(here_built(name), built(EXAMPLES[name], tmp_path, OLDER)) == []


def test_neither_path_nor_file_order_nor_umask_changes_a_byte(here_built, tmp_path):
    place = tmp_path / "another place"
    place.mkdir()
    used = [ROOT / "config.yaml", *(path for name in ("data", "text") for path in (ROOT / name).rglob("*"))]
    for path in sorted((path for path in used if path.is_file()), reverse=True):
        copy = place / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    before = os.umask(0o077)
    try:
        found = built(place / "config.yaml", tmp_path, {})
    finally:
        os.umask(before)
    assert differing(here_built("default"), found) == []


@pytest.mark.nightly
@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_nothing_of_a_machine_changes_a_byte(name, setting, here_built, tmp_path):
    assert differing(here_built(name), built(EXAMPLES[name], tmp_path, SETTINGS[setting])) == []


@pytest.mark.parametrize("setting", SETTINGS)
def test_functions_have_the_same_bits_on_other_machines(setting, tmp_path):
    program = Path(__file__).with_name("bits.py")

    def found(more: Mapping[str, str]) -> str:
        command = [sys.executable, "-P", "-W", "ignore", str(program)]
        return subprocess.run(command, env=os.environ | more, capture_output=True, text=True, check=True).stdout

    own = {name: value.format(home=tmp_path) for name, value in SETTINGS[setting].items()}
    assert found(own).splitlines() == found({}).splitlines()
