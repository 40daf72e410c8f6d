"""What is said of a run: in its summary, in the issue on false claims, in pull requests and comments."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

from . import words
from .markdown import BODY_LIMIT, SUMMARY_LIMIT, below, bullets, code, cut, plain, quiet
from .result import DIFF_TEXT, Result

_HEADLINES = 4
_ERRORS_SHOWN = 20
_BELOW = 3
"""Levels that headings of a comparison go down, to stand below that of their section."""


def summary(result: Result, folder: Path, *, link: str = "", stale_days: int | None = None) -> str:
    """Return the summary of a run as Markdown: what was built, its headlines, false claims, and what changed."""
    built = report_of(result)
    title = _text(built, "title") or result.config
    parts = [f"## {plain(title)}", *_state(result, built, link, stale_days)]
    if result.errors and result.status != 0:
        parts += [f"### {words.ERRORS}", *_errors(result)]
    if result.claims and result.status == 0:
        parts += [
            f"### {words.CLAIMS}",
            words.CLAIMS_FATE.get(result.on_false_claim, words.CLAIMS_FATE[""]),
            claims_list(result),
        ]
    if result.status == 0:
        parts += [f"### {words.CHANGES}", *_changes(result, folder, SUMMARY_LIMIT)]
    return "\n\n".join(parts) + "\n"


def changes(result: Result, folder: Path) -> str:
    """Return what changed, as the body of a pull request or a comment holds it."""
    if result.status != 0:
        return "\n\n".join([words.NOT_BUILT.format(status=result.status), *_errors(result)])
    return "\n\n".join(_changes(result, folder, BODY_LIMIT))


def claims_list(result: Result) -> str:
    """Return the false claims as a list."""
    return cut(bullets(code(claim) for claim in result.claims), BODY_LIMIT, words.CUT)


def report_of(result: Result) -> dict[str, object]:
    """Return `report.json` of the site that was built; empty where the build failed, or wrote none."""
    if result.status != 0:
        return {}
    try:
        found = json.loads(Path(result.report, "report.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def age_in_days(result: Result, today: dt.date) -> int | None:
    """Return how old the newest data of a report are; None where they have no date."""
    try:
        return (today - dt.date.fromisoformat(_text(report_of(result), "date"))).days
    except ValueError:
        return None


def _state(result: Result, built: dict[str, object], link: str, stale_days: int | None) -> Iterator[str]:
    if result.status != 0:
        yield words.NOT_BUILT.format(status=result.status)
        return
    date = _text(built, "date")
    yield words.BUILT.format(date=plain(date)) if date else words.BUILT_UNDATED
    if stale_days is not None:
        age = age_in_days(result, dt.datetime.now(dt.UTC).date())
        if age is not None and age > stale_days:
            yield f"> {words.STALE.format(days=age, limit=stale_days)}"
    headlines = [plain(sentence) for sentence in _headlines(built)]
    if headlines:
        yield bullets(headlines)
    address = link or _text(built, "url")
    if address.startswith(("https://", "http://")):
        yield words.READ.format(url="".join(f"%{ord(c):02X}" if c in "()<> \\\"'`\n\r\t" else c for c in address))


def _errors(result: Result) -> Iterator[str]:
    shown = [code(error) for error in result.errors[:_ERRORS_SHOWN]]
    if shown:
        yield cut(bullets(shown), BODY_LIMIT, words.CUT)
    if len(result.errors) > len(shown):
        yield words.MORE_ERRORS.format(n=len(result.errors) - len(shown))


def _changes(result: Result, folder: Path, limit: int) -> Iterator[str]:
    if result.first:
        yield words.FIRST
    elif result.compared is None:
        yield words.NOT_COMPARED
    elif result.changed is None:
        yield words.COMPARISON_FAILED.format(status=result.compared)
    else:
        yield f"**{words.CHANGED}**" if result.changed else words.UNCHANGED
        try:
            text = (folder / DIFF_TEXT).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            text = ""
        if text:
            yield quiet(cut(below(text, _BELOW), limit, words.CUT))


def _headlines(built: dict[str, object]) -> Iterator[str]:
    """Yield the sentences of the abstract, the first few."""
    sections = _dicts(built.get("sections"))
    blocks = [
        block for section in sections if section.get("id") == "abstract" for block in _dicts(section.get("blocks"))
    ]
    sentences = [sentence for block in blocks for sentence in _dicts(block.get("sentences"))]
    for sentence in sentences[:_HEADLINES]:
        yield "".join(str(span.get("text") or "") for span in _dicts(sentence.get("spans")))


def _text(found: dict[str, object], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""


def _dicts(value: object) -> list[dict[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
