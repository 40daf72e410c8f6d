"""Results as Markdown, printed or inserted into benchmarks/simulations.md between their markers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

PAGE = Path(__file__).with_name("simulations.md")


def markdown_table(corner: str, rows: Sequence[Mapping[str, str]]) -> str:
    """Return rows as a Markdown table. The key "" is the label of a row, under `corner`."""
    heads = list(dict.fromkeys(head for row in rows for head in row))
    lines = [[head or corner for head in heads], ["---", *["---:"] * (len(heads) - 1)]]
    lines += [[row.get(head, "") for head in heads] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def publish(name: str, text: str, *, write: bool) -> None:
    """Print a text, or replace the text between the markers `name` in the page."""
    if not write:
        print(text)
        return
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
    before, rest = PAGE.read_text(encoding="utf-8").split(begin)
    _, after = rest.split(end)
    PAGE.write_text(f"{before}{begin}{text}{end}{after}", encoding="utf-8")
