"""What the steps of `action.yml` run: `python -P -m diptych.github TASK`. `-P`: a folder may have such modules too.

Only `build`, `compare` and `summary` need an installed diptych; the rest needs Python, git and gh, and is run from the
action's own checkout, where the package's folder is called `report`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from ..errors import DataError, DiptychError
from . import saying
from .building import Result, build, compare, fate_of_claims, outcome, set_outputs
from .keeping import ALIVE_DAYS, PULL_REQUEST, Target, keep
from .runs import annotation, command, said
from .saying import age_in_days, close_pull_request, summary, tell_claims, tell_comment, tell_pull_request


def main(arguments: list[str] | None = None) -> int:
    """Run one task and return its exit status; a person's mistake becomes an annotation."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    given = _parser().parse_args(arguments)
    try:
        return _TASKS[given.task](given)
    except DiptychError as error:
        for message in error.messages:
            sys.stderr.write(command("error", message) + "\n")
        return error.exit_status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -P -m diptych.github", description=__doc__)
    parser.add_argument("task", choices=sorted(_TASKS))
    parser.add_argument("--results", type=Path, required=True, help="the folder that steps share")
    for name, usual in _OPTIONS.items():
        parser.add_argument(f"--{name}", default=usual)
    return parser


_OPTIONS: Mapping[str, str] = {
    "config": "config.yaml",
    "output": "site",
    "snapshots": "history",
    "on-false-claim": "auto",
    "event": "",
    "compare": "",
    "link": "",
    "stale-after-days": "",
    "how": "none",
    "base": "",
    "branch": "diptych/report",
    "title": saying.ISSUE_TITLE,
    "number": "",
    "run-url": "",
}


def _build(given: argparse.Namespace) -> int:
    fate = fate_of_claims(given.on_false_claim, given.event)
    result = build(given.config, given.output, given.snapshots, given.results, fate)
    result.write(given.results)
    set_outputs({"status": str(result.status), "claims-failed": str(len(result.claims))})
    set_outputs({"report-path": result.report if result.status == 0 else ""})
    kept = f"snapshot kept: {result.snapshot or 'none'}"
    said(f"build: exit status {result.status}, false claims: {len(result.claims)}, {kept}")
    return 0  # the last step fails, after the summary is written


def _compare(given: argparse.Namespace) -> int:
    result = compare(Result.read(given.results), given.compare, given.results)
    result.write(given.results)
    changed = {True: "true", False: "false", None: ""}[result.changed]
    set_outputs({"changed": changed})
    said(f"compare: changed: {changed or 'not known'}{', the first snapshot' if result.first else ''}")
    return 0


def _summary(given: argparse.Namespace) -> int:
    result = Result.read(given.results)
    limit = _whole(given.stale_after_days, "stale-after-days")
    text = summary(result, given.results, link=given.link, stale_days=limit)
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        with Path(path).open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)
    (given.results / "summary.md").write_text(text, encoding="utf-8", newline="\n")
    age = age_in_days(result, dt.datetime.now(dt.UTC).date())
    if limit is not None and age is not None and age > limit:
        sys.stderr.write(command("warning", saying.STALE.format(days=age, limit=limit)) + "\n")
    if result.status == 0:
        for claim in result.claims:
            sys.stderr.write(annotation(claim, [Path(result.config).parent], "warning") + "\n")
    return 0


def _outcome(given: argparse.Namespace) -> int:
    status, line = outcome(Result.read(given.results))
    sys.stderr.write(f"{line}\n")
    return status


def _keep(given: argparse.Namespace) -> int:
    target = Target(given.how, given.base, given.branch, scheduled=given.event == "schedule")
    result = Result.read(given.results)
    kept = keep(result, given.results, target)
    set_outputs({"pushed-to": kept.pushed_to or ""})
    if kept.waiting:
        tell_pull_request(result, given.results, target.branch, target.base, given.run_url)
    elif target.how == PULL_REQUEST and result.status == 0:
        late = saying.PULL_KEPT.format(days=ALIVE_DAYS, base=target.base)
        close_pull_request(target.branch, target.base, late if kept.late else saying.PULL_CLOSED, given.run_url)
    return 0


def _issue(given: argparse.Namespace) -> int:
    result = Result.read(given.results)
    if result.status not in (0, 3):
        said("the report was not built, so nothing is known of its claims")
        return 0
    tell_claims(result, given.title, given.run_url)
    return 0


def _comment(given: argparse.Namespace) -> int:
    number = _whole(given.number, "number")
    if number is None:
        raise DataError("number: of which pull request?")
    result = Result.read(given.results)
    tell_comment(result, given.results, number, result.config, given.run_url)
    return 0


def _whole(text: str, name: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise DataError(f'{name}: "{text}" is no whole number')
    return int(text)


_TASKS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "build": _build,
    "compare": _compare,
    "summary": _summary,
    "outcome": _outcome,
    "keep": _keep,
    "issue": _issue,
    "comment": _comment,
}

if __name__ == "__main__":
    sys.exit(main())
