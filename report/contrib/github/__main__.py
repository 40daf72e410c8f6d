"""Tasks for the steps of `action.yml`: `python -P -m diptych.contrib.github TASK`.

`-P` excludes modules in the working folder.

Only `build`, `compare` and `summary` need an installed diptych. The other tasks need Python and gh. They run from
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
from .building import Result, build, compare, fate_of_claims, limits, outcome, said, set_outputs


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
    "config": "config.yaml",
    "output": "site",
    "on-false-claim": "auto",
    "event": "",
    "confine": "true",
    "root": "",
    "allow": "",
    "compare": "",
    "link": "",
    "title": saying.ISSUE_TITLE,
    "failure-title": saying.FAILURE_TITLE,
    "preview": "",
    "number": "",
    "run-url": "",
}


def _build(given: argparse.Namespace) -> int:
    fate = fate_of_claims(given.on_false_claim, given.event)
    if given.confine not in ("true", "false"):
        raise DataError(f'confine: "{given.confine}" is neither true nor false')
    limited = limits(confine=given.confine == "true", root=given.root, allow=given.allow.split())
    result = build(given.config, given.output, given.results, fate, limited)
    result.write(given.results)
    path = result.report if result.status == 0 else ""
    set_outputs({"status": str(result.status), "claims-failed": str(len(result.claims)), "report-path": path})
    said(f"build: exit status {result.status}, false claims: {len(result.claims)}")
    return 0  # the last step fails, after the summary is written


def _compare(given: argparse.Namespace) -> int:
    result = compare(Result.read(given.results), given.compare, given.results)
    result.write(given.results)
    written = {True: "true", False: "false", None: ""}
    outputs = {
        "changed": written[result.changed],
        "changed-words": written[result.changed_words],
        "changed-numbers": written[result.changed_numbers],
    }
    set_outputs(outputs)
    listed = ", ".join(f"{name}: {value or 'unknown'}" for name, value in outputs.items())
    said(f"compare: {listed}{', nothing to compare with' if result.first else ''}")
    return 0


def _summary(given: argparse.Namespace) -> int:
    result = Result.read(given.results)
    text = saying.summary(result, given.results, link=given.link)
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        with Path(path).open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)
    (given.results / "summary.md").write_text(text, encoding="utf-8", newline="\n")
    if result.status == 0:
        for claim in result.claims:
            sys.stderr.write(annotation(claim, [Path(result.config).parent], "warning") + "\n")
    return 0


def _outcome(given: argparse.Namespace) -> int:
    status, line = outcome(Result.read(given.results))
    sys.stderr.write(f"{line}\n")
    return status


def _issue(given: argparse.Namespace) -> int:
    result = Result.read(given.results)
    saying.tell_failure(result, given.failure_title, given.run_url)
    if result.status in (0, 3):
        saying.tell_claims(result, given.title, given.run_url)
    else:
        said("the report was not built, so its claims were not checked")
    return 0


def _comment(given: argparse.Namespace) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", given.number):
        raise DataError(f'number: "{given.number}" is no number of a pull request')
    result = Result.read(given.results)
    saying.tell_comment(result, given.results, int(given.number), given.preview, given.run_url)
    return 0


_TASKS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "build": _build,
    "compare": _compare,
    "summary": _summary,
    "outcome": _outcome,
    "issue": _issue,
    "comment": _comment,
}

if __name__ == "__main__":
    sys.exit(main())
