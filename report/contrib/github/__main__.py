"""Tasks for the steps of `action.yml`: `python -P -m diptych.contrib.github TASK`.

`-P` excludes modules in the working folder.

Only `build` needs an installed diptych. The other tasks need Python and gh. They run from
the action's own checkout, where the package's folder is named `report`.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from ...cli.annotations import annotation, workflow_command
from ...errors import DataError, DiptychError
from . import saying
from .building import Result, build, compare, fate_of_claims, limits, said, set_outputs


def main(arguments: list[str] | None = None) -> int:
    """Run one task and return its exit status; user errors become annotations."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    given = _parser().parse_args(arguments)
    try:
        return _TASKS[given.task](given)
    except DiptychError as error:
        for message in error.messages:
            sys.stderr.write(workflow_command("error", message) + "\n")
        return error.exit_status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -P -m diptych.contrib.github", description=__doc__)
    parser.add_argument("task", choices=sorted(_TASKS))
    parser.add_argument("--results", type=Path, required=True, help="the folder that steps share")
    for name, usual in _OPTIONS.items():
        parser.add_argument(f"--{name}", default=usual)
    return parser


_OPTIONS: Mapping[str, str] = {
    **dict.fromkeys(("event", "root", "allow", "compare", "preview", "number", "run-url"), ""),
    "config": "config.yaml",
    "output": "site",
    "on-false-claim": "auto",
    "confine": "true",
    "summary": "true",
    "title": saying.ISSUE_TITLE,
}


def _build(given: argparse.Namespace) -> int:
    """Build, compare, and write outputs and summary. Return the exit status of the build."""
    fate = fate_of_claims(given.on_false_claim, given.event)
    if given.confine not in ("true", "false"):
        raise DataError(f'confine: "{given.confine}" is neither true nor false')
    limited = limits(confine=given.confine == "true", root=given.root, allow=given.allow.split())
    result = build(given.config, given.output, given.results, fate, limited)
    path = result.report if result.status == 0 else ""
    set_outputs({"status": str(result.status), "claims-failed": str(len(result.claims)), "report-path": path})
    said(f"build: exit status {result.status}, false claims: {len(result.claims)}")
    result = compare(result, given.compare, given.results)
    result.write(given.results)
    set_outputs({"changed": "" if result.changed is None else str(result.changed).lower()})
    if given.summary == "true":
        _summarise(result, given.results)
    if result.status != 0:
        sys.stderr.write(f"{workflow_command('error', f'the report was not built: exit status {result.status}')}\n")
    return result.status


def _summarise(result: Result, folder: Path) -> None:
    text = saying.summary(result)
    for path in (os.environ.get("GITHUB_STEP_SUMMARY"), folder / "summary.md"):
        if path:
            with Path(path).open("a", encoding="utf-8", newline="\n") as file:
                file.write(text)
    for claim in result.claims if result.status == 0 else ():
        sys.stderr.write(annotation(claim, [Path(result.config).parent], "warning") + "\n")


def _issue(given: argparse.Namespace) -> int:
    saying.tell_issue(Result.read(given.results), given.title, given.run_url)
    return 0


def _comment(given: argparse.Namespace) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", given.number):
        raise DataError(f'number: "{given.number}" is no number of a pull request')
    saying.tell_comment(Result.read(given.results), int(given.number), given.preview, given.run_url)
    return 0


_TASKS: Mapping[str, Callable[[argparse.Namespace], int]] = {"build": _build, "issue": _issue, "comment": _comment}

if __name__ == "__main__":
    sys.exit(main())
