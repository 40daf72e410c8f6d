"""Run hub.sql: `python hub_sql.py SNAPSHOT OUTPUT`; SNAPSHOT holds models.parquet and datasets.parquet."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

HERE = Path(__file__).parent


def main() -> None:
    """Set the variables, run the statements, write OUTPUT/counts.csv."""
    snapshot, output = Path(sys.argv[1]), Path(sys.argv[2])
    output.mkdir(parents=True, exist_ok=True)
    files = {
        "models": snapshot / "models.parquet",
        "datasets": snapshot / "datasets.parquet",
        "tasks": HERE / "tasks.csv",
    }
    with duckdb.connect(":memory:") as connection:
        for name, path in files.items():
            connection.execute(f"set variable {name} = ?", [str(path)])
        connection.execute((HERE / "hub.sql").read_text(encoding="utf-8"))
        connection.table("counts").write_csv(str(output / "counts.csv"))


if __name__ == "__main__":
    main()
