"""The four packages of docs/extending.md, installed with pip, and packages that cannot be used."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = Path(__file__).with_name("packages")


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """The folder into which pip installed the four packages. Nothing is fetched."""
    folder = tmp_path_factory.mktemp("installed")
    how = ["--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "-q"]
    what = [str(path) for path in sorted(PACKAGES.iterdir()) if path.is_dir()]
    subprocess.run([sys.executable, "-m", "pip", "install", *how, "--target", folder, *what], check=True)
    return folder


@pytest.fixture(scope="session")
def run(installed):
    """Return a function that runs the program with the four packages: status, output, messages."""

    def run(*arguments, path=str(installed)):
        found = subprocess.run(
            [sys.executable, "-m", "diptych", *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (path, os.environ.get("PYTHONPATH"))))},
            capture_output=True,
            text=True,
            check=False,
        )
        return found.returncode, found.stdout, found.stderr

    return run


def install(folder, files, project):
    """Write a package, and the metadata that an installer writes, into a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    about = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    about.mkdir(parents=True)
    head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (about / "METADATA").write_text(head, encoding="utf-8")
    groups = project["entry-points"].items()
    lines = [f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in points.items()) for group, points in groups]
    (about / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")


def on_path(folder, monkeypatch, package):
    """Let Python find a folder's package, until the test ends."""
    monkeypatch.syspath_prepend(folder)
    for name in [name for name in sys.modules if name.partition("_")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
