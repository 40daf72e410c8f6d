"""All benchmarks, alternating with their peers: `python -m benchmarks.run [--only NAME …] [--quick] [--rounds 5]`.

A full run writes benchmarks/results.md. A run with --only or --quick only prints, unless --results names a file.
--quick leaves out the Hub, 100 million links and nine tenths of the kills. --no-100-million leaves out only the links,
and the page says so. The exit status is 1 if a benchmark fails, or if a budget is exceeded that is not a known miss
(known.toml). `make bench` calls it with the peers' packages in .venv-bench.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks import categories, costs, example, hub, killed, links, page
from benchmarks.budgets import Section, budget_rows, complaints, known_misses
from benchmarks.child import ChildError
from benchmarks.counts import PeerError
from benchmarks.pages import markdown_table
from benchmarks.results import PAGE, machine, results_page, versions
from benchmarks.settings import ROOT, BenchSettings

BENCHMARKS: Mapping[str, Callable[[BenchSettings], Section]] = {
    "example": example.measure,
    "page": page.measure,
    "pdf": costs.pdf,
    "categories": categories.measure,
    "links": links.measure,
    "hub": hub.measure,
    "kills": killed.measure,
}


def main() -> None:
    """Run the selected benchmarks, print each result, write the page, and exit with 0 or 1."""
    options = _options()
    known = known_misses()
    about = machine()
    faults: list[str] = []
    sections: list[Section] = []
    with _folder(options.folder) as folder:
        asked = BenchSettings(options.rounds, options.quick, folder, options.peers, options.hundred)
        print(markdown_table("", [{"": name, "here": text} for name, text in about.items()]), flush=True)
        for name in options.only or BENCHMARKS:
            try:
                section = BENCHMARKS[name](asked)
            except (ChildError, PeerError) as error:
                faults.append(f"{name}: {error}")
                section = Section(name, "Failed.\n")
            sections.append(section)
            print(f"## {section.title}\n\n{section.text}", flush=True)
            if section.budgets:
                print(markdown_table("", budget_rows(section.budgets, known)), flush=True)
        target = options.results or (None if options.only or options.quick else PAGE)
        if target is not None:
            target.write_text(results_page(about, versions(asked), sections, known), encoding="utf-8")
    faults += complaints((budget for section in sections for budget in section.budgets), known)
    print(*faults, sep="\n", file=sys.stderr)
    sys.exit(1 if faults else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="leave out the Hub, 100 million links, most kills")
    parser.add_argument("--no-100-million", dest="hundred", action="store_false", help="leave out 100 million links")
    parser.add_argument("--rounds", type=_odd, default=5, help="an odd number; the long ones take at most three")
    parser.add_argument("--folder", type=Path, help="where to make files, and leave them (else a temporary folder)")
    parser.add_argument("--results", type=Path, metavar="FILE", help="write the page here")
    parser.add_argument("--peers", type=Path, default=ROOT / ".venv-bench" / "bin" / "python", metavar="PYTHON")
    options = parser.parse_args()
    if not options.peers.exists():
        parser.error(
            f"no {options.peers.name} of the peers there; `make bench` makes .venv-bench, or name one: --peers"
        )
    return options


def _odd(text: str) -> int:
    number = int(text)
    if number < 1 or number % 2 == 0:
        raise argparse.ArgumentTypeError("must be odd, so that a median is one of the runs")
    return number


@contextmanager
def _folder(named: Path | None) -> Iterator[Path]:
    """Yield the folder for new files: the named folder, which is kept, or a temporary folder."""
    if named is not None:
        named.mkdir(parents=True, exist_ok=True)
        yield named.resolve()
        return
    with tempfile.TemporaryDirectory() as made:
        yield Path(made).resolve()


if __name__ == "__main__":
    main()
