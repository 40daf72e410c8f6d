"""Use from Python: build the report of a config into a folder, or of one data frame in a notebook."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from html import escape
from os import PathLike
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, mkdtemp
from typing import TYPE_CHECKING, Any
from weakref import finalize

from .cache import NO_CACHE
from .confine import Confinement, confined
from .errors import DiptychError

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

    from .publish.reuse import Built

Side = str | Mapping[str, Any]
"""A column, or the settings of a side as in `records`: `column`, `label`, `separator`, `phrase`, `taxonomy`, …"""

_TABLE = "data"
"""The name of the single relation of a data frame."""


def build(  # noqa: PLR0913 - one argument for each choice
    config: str | PathLike[str] | Mapping[str, Any],
    output: str | PathLike[str],
    tables: Mapping[str, object] | None = None,
    *,
    engine: str | None = None,
    overwrite: bool = False,
    cache: bool = True,
    confine: bool | Confinement = False,
) -> Built:
    """Build the report of a config into a folder. The build is atomic.

    Args:
        config: the config file, or its contents as a mapping, whose relative paths start from the working folder.
        output: the folder to write. The result of an earlier build there is replaced.
        tables: tables to read instead of the declared sources, by entity or relation of the config: a data frame of
            pandas, Polars or Spark, a table of PyArrow, or a relation of DuckDB.
        engine: duckdb or spark; overrides the config.
        overwrite: replace files in `output` that no build has written.
        cache: use the counts of an earlier build of the same data, and keep those of this one.
        confine: True if the config is not trusted: it may then open files of its git repository (or of its folder, if
            it is in none) and public addresses, and nothing else. A `diptych.Confinement` lists further permissions.

    Returns:
        The folder of the report, how it was published, the number of files and bytes, and notes on the data.

    Raises:
        diptych.errors.DiptychError: for any error that a person can correct; the folder is then unchanged.

    """
    if confine:
        with confined(confine if isinstance(confine, Confinement) else Confinement()):
            return build(config, output, tables, engine=engine, overwrite=overwrite, cache=cache)
    from .publish.reuse import unchanged, usual_cache  # noqa: PLC0415 - keeps the import of the package fast, here and below

    kept, folder = usual_cache() if cache else NO_CACHE, Path(output)
    if isinstance(config, Mapping):
        with _written(config) as path:
            from .pipeline import build as made  # noqa: PLC0415

            return made(path, folder, overwrite=overwrite, engine=engine, tables=tables, cache=kept, top=Path.cwd())
    path = Path(config)
    if not tables and (same := unchanged(kept, [path], folder, engine=engine)) is not None:
        return same
    from .pipeline import build as made  # noqa: PLC0415

    return made(path, folder, overwrite=overwrite, engine=engine, tables=tables, cache=kept)


@contextmanager
def _written(config: Mapping[str, Any]) -> Iterator[Path]:
    """Yield a file with a config for the time of the build."""
    import yaml  # noqa: PLC0415

    with TemporaryDirectory(prefix="diptych-") as folder:
        path = Path(folder) / "config.yaml"
        path.write_text(yaml.safe_dump(dict(config), allow_unicode=True, sort_keys=False), encoding="utf-8")
        yield path


def report(  # noqa: PLR0913 - one argument for each choice
    data: object,
    *,
    rows: Side,
    columns: Side,
    unit: str | None = None,
    count: str | None = None,
    weight: str | None = None,
    group: Sequence[str] = (),
    strata: Sequence[str] = (),
    title: str | None = None,
    **sections: Any,  # noqa: ANN401 - any section of a config
) -> Report:
    """Return the report of one data frame, each of whose rows is a unit with labels on both sides.

    Args:
        data: a data frame of pandas or Polars, a table of PyArrow, or a relation of DuckDB.
        rows: the column with the labels of the rows, or the settings of that side as in a config.
        columns: the same for the columns.
        unit: the name of one row in sentences ("penguin").
        count: the column with the number of units of each row.
        weight: the column of sampling weights.
        group: columns whose values units share, so that they are not independent.
        strata: columns that define strata for expected counts.
        title: the title of the report; by default, the names of both sides.
        sections: other parts of a config, by name: `public`, `taxonomies`, `inference`, …

    Raises:
        diptych.errors.DiptychError: for errors that a person can correct, all of them at once.

    """
    if "outputs" in sections:
        raise DiptychError("outputs: this report has every file; leave it out, or use diptych.build")
    sides = {"rows": _side(rows), "columns": _side(columns)}
    about = {"label": unit and unit[:1].upper() + unit[1:], "count": count, "weight": weight}
    records: dict[str, Any] = {
        "source": f"{_TABLE}.csv",
        **{key: value for key, value in about.items() if value},
        **sides,
    }
    among = {"group": [*group], "strata": [*strata]}
    relation = {"records": records, **{key: value for key, value in among.items() if value}}
    first, second = (label if isinstance(label := side.get("label", ""), str) else label[0] for side in sides.values())
    named = {"title": title or f"{first} and {second[:1].lower()}{second[1:]}"}
    return Report({"version": 1, "report": named, "relations": {_TABLE: relation}, **sections}, {_TABLE: data})


def _side(side: Side) -> dict[str, Any]:
    """Return the settings of a side, with a label from the name of its column if it has none."""
    from .config.names import label_of, plural_of  # noqa: PLC0415

    said: dict[str, Any] = {"column": side} if isinstance(side, str) else dict(side)
    if "label" not in said and isinstance(said.get("column"), str):
        said["label"] = label_of(said["column"])
    if isinstance(label := said.get("label"), str) and (plural := plural_of(label)):
        said["label"] = [label, plural]
    return said


class Report:
    """A finished report. A notebook displays its headline and figure."""

    def __init__(self, config: Mapping[str, Any], tables: Mapping[str, object]) -> None:
        """Build the report into a temporary folder, which is removed together with this object."""
        folder = mkdtemp(prefix="diptych-")
        finalize(self, rmtree, folder, ignore_errors=True)
        self._site = Path(folder) / "site"
        self.config: dict[str, Any] = dict(config)
        self.notes = build(config, self._site, tables, cache=False).notes

    def __repr__(self) -> str:
        """Return the title and the headline."""
        return f"{self._json['title']}: {self.headline}"

    def _repr_html_(self) -> str:
        """Return the headline and the figure for a notebook."""
        figures = (self._read(f"figures/{figure['id']}.svg") for figure in self._json["figures"] if figure["panels"])
        drawn = "".join(figure[figure.index("<svg") :] for figure in figures)
        return f"<p><strong>{escape(self.headline)}</strong></p>{drawn}"

    def _read(self, path: str) -> str:
        return (self._site / path).read_text(encoding="utf-8")

    @cached_property
    def _json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._read("report.json"))
        return found

    def _sentences(self, section: str) -> list[str]:
        blocks = (block for part in self._json["sections"] if part["id"] == section for block in part["blocks"])
        said = (sentence for block in blocks for sentence in block.get("sentences", ()))
        return ["".join(span["text"] for span in sentence["spans"]) for sentence in said]

    @property
    def headline(self) -> str:
        """The abstract: the first statement, what limits it, and overall shares."""
        return " ".join(self._sentences("abstract"))

    @property
    def text(self) -> str:
        """The whole report as Markdown."""
        return self._read("report.md")

    @property
    def figure(self) -> alt.TopLevelMixin:
        """The first figure, as an Altair chart that can be changed."""
        import altair as alt  # noqa: PLC0415 - slow to import and rarely used

        return alt.VConcatChart.from_json(self._read(f"figures/{self._json['figures'][0]['id']}.vl.json"))

    @property
    def statements(self) -> list[dict[str, Any]]:
        """All statements that were tested, told or not, each with its numbers and cells (docs/statements.md)."""
        found: list[dict[str, Any]] = json.loads(self._read("data/statements.json"))["statements"]
        return found

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The data files of the report as data frames, by name: `left`, `right`, `counts`, … (docs/homes.md)."""
        import pandas as pd  # noqa: PLC0415 - slow to import and rarely used

        files = sorted((self._site / "data").glob("*.csv"))
        return {path.stem: pd.read_csv(io.StringIO(path.read_text("utf-8"))) for path in files}

    def save(self, folder: str | PathLike[str], *, overwrite: bool = False) -> Path:
        """Write the report into a folder, as `build` does, and return the folder."""
        from .publish import publish  # noqa: PLC0415

        paths = sorted(path for path in self._site.rglob("*") if path.is_file())
        files = {path.relative_to(self._site).as_posix(): path.read_bytes() for path in paths}
        publish(files, Path(folder), overwrite=overwrite, inputs=())
        return Path(folder)
