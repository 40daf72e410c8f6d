"""Sites that many tests read: each is built once in a run of the tests, whatever the number of its workers.

The program builds them in a process of its own, so that nothing that a test has patched gets into them.
"""

from __future__ import annotations

import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.hub_snapshot import write_snapshots
from tests.contrib.hub.serving import served
from tests.simulations.worlds import draw_answers, draw_trained

ROOT = Path(__file__).parents[1]
LIMIT_SECONDS = 600

CROPS = """version: 1
public: [items, records, keys, group, strata]
report: {title: Which crops grow on which soils, date: 2026-01-01}
taxonomies:
  crops: {categories: [{name: Cereals, match: [wheat, rye]}, {name: Roots, match: [beet]}, {name: Vines, match: [hop]}]}
  soils: {categories: [{name: Clay, match: clay}, {name: Sand, match: sand}, {name: Loam, match: loam}]}
entities:
  crops: {source: crops.csv, labels: labels, taxonomy: crops, label: Crop}
  fields: {source: fields.csv, labels: labels, taxonomy: soils, label: Field}
relations:
  grown:
    links: {source: grown.csv, from: {entity: crops, column: crop}, to: {entity: fields, column: field}}
    unit: to
    group: [farm]
"""


def at_home(config: Path) -> Callable[[Path], None]:
    """Return what builds a config where it stands."""
    return lambda folder: _built(config, folder)


def of_files(files: Callable[[], Mapping[str, str]]) -> Callable[[Path], None]:
    """Return what writes a project's files and builds it."""
    return lambda folder: _built(_written(folder, files()), folder)


def hub(folder: Path) -> None:
    """Build the example of the Hub of small generated snapshots, which a Hub of our own serves."""
    write_snapshots(folder / "generated", n_models=3000, n_datasets=800)
    files = {
        f"{kind}/2026-09-30/{kind}.parquet": (folder / "generated" / f"{kind}.parquet").read_bytes()
        for kind in ("datasets", "models")
    }
    text = (ROOT / "examples" / "hub" / "config.yaml").read_text(encoding="utf-8")
    smaller = text.replace("models: 1000000, datasets: 200000", "models: 3000, datasets: 800")
    assert smaller != text
    with served(folder / "home") as server:
        commit = server.put("hfmlsoc/hub_weekly_snapshots", files)
        (folder / "commit").write_text(commit, encoding="utf-8")
        _built(_written(folder, {"config.yaml": smaller}), folder)


def crops() -> dict[str, str]:
    """Return links between items of two taxonomies, those of a farm alike; what grows follows the soil, by no chance."""
    grown = {
        "clay": ("wheat", "wheat", "beet", "rye"),
        "sand": ("rye", "rye", "hop"),
        "loam": ("beet", "hop", "wheat", "beet"),
    }
    soils = [("clay", "sand", "loam")[(n * n + n // 7) % 3] for n in range(240)]
    links = [(grown[soil][n % len(grown[soil])], n) for n, soil in enumerate(soils)]
    links += [(grown[soil][(n + 1) % len(grown[soil])], n) for n, soil in enumerate(soils) if n % 5 == 0]
    return {
        "config.yaml": CROPS,
        "crops.csv": "id,labels\n" + "".join(f"{name},{name}\n" for name in ("wheat", "rye", "beet", "hop")),
        "fields.csv": "id,labels,farm\n" + "".join(f"f{n},{soil},{n // 6}\n" for n, soil in enumerate(soils)),
        "grown.csv": "crop,field\n" + "".join(f"{crop},f{n}\n" for crop, n in links),
    }


def _written(folder: Path, files: Mapping[str, str]) -> Path:
    project = folder / "project"
    project.mkdir()
    for name, text in files.items():
        (project / name).write_text(text, encoding="utf-8")
    return project / "config.yaml"


def _built(config: Path, folder: Path) -> None:
    command = [sys.executable, "-P", "-m", "diptych", "build", str(config), "--output", str(folder / "site")]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{config} was not built:\n{done.stdout}{done.stderr}")


BUILDERS: dict[str, Callable[[Path], None]] = {
    "default": at_home(ROOT / "config.yaml"),
    "survey": at_home(ROOT / "examples/survey/config.yaml"),
    "rodents": at_home(ROOT / "examples/rodents/config.yaml"),
    "published": at_home(ROOT / "examples/published/config.yaml"),
    "hub": hub,
    "simulated links": of_files(lambda: draw_trained(1).files()),
    "simulated records": of_files(lambda: draw_answers(1).files(strata=True)),
    "two taxonomies": of_files(crops),
}
"""Name -> what builds `site` in an empty folder, beside the `project` where that stands nowhere yet."""


class Sites:
    """Gives the folder of a site by its name. Nobody writes into one: to change a site, copy it."""

    def __init__(self, root: Path) -> None:
        """Take the folder that all workers of a run share."""
        self._root = root

    def __call__(self, name: str) -> Path:
        """Return the site of one of BUILDERS."""
        return once(self._root / name.replace(" ", "-"), BUILDERS[name]) / "site"


def once(folder: Path, make: Callable[[Path], None]) -> Path:
    """Let the first that asks fill a folder, of all workers; the others wait for it and fail with it."""
    done, failed = folder / "done", folder / "failed"
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        until = time.monotonic() + LIMIT_SECONDS
        while not done.exists():
            if failed.exists():
                raise RuntimeError(f"it failed before:\n{failed.read_text(encoding='utf-8')}") from None
            if time.monotonic() > until:
                raise TimeoutError(f"{folder} is not done after {LIMIT_SECONDS} s: its worker has ended") from None
            time.sleep(0.05)
        return folder
    try:
        make(folder)
    except BaseException:
        failed.write_text(traceback.format_exc(), encoding="utf-8")
        raise
    done.touch()
    return folder
