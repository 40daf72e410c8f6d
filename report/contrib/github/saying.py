"""Texts about a run: its summary, the issue on false claims, and comments.

There is one issue and comment of each kind, which is created once and then updated. Names from data
mention nobody, close no issue, and end no block.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ...theme import markdown, one_line
from .building import Result, gh, read_own, said

CLAIMS_FATE = {
    "withdraw": "In the report, a notice replaces each of these sentences.",
}
CUT = "*… cut here. The files of the run have the full text.*"

ISSUE_TITLE = "Claims in the report are false"
ISSUE = (
    "The data have changed, and the text of the report (`{config}`) makes claims that are now false. "
    "The sentences are withdrawn from the published report until somebody corrects them.\n\n{claims}\n\n{run}"
)
FAILURE_TITLE = "The report cannot be built"
FAILURE = (
    "A scheduled run could not build the report (`{config}`). The published report is unchanged.\n\n{errors}\n\n{run}"
)
SUMMARY_LIMIT = 500_000
"""Maximum bytes of a comparison in a summary; GitHub allows 1 MiB for each step."""

BODY_LIMIT = 50_000
"""Maximum bytes of it in an issue, a pull request or a comment; GitHub allows 65,536 characters."""

_NOTHING = "\N{ZERO WIDTH SPACE}"
_REACHING = re.compile(r"(?<=[@#])(?=\w)|(?<=\bGH-)(?=\d)|(?<=://)(?=(?:www\.)?github\.com\b)", re.IGNORECASE)


def plain(text: str) -> str:
    r"""Return text that Markdown shows literally.

    >>> plain("a*b\n# <i>c</i>")
    'a\\*b \\# \\<i\\>c\\</i\\>'
    """
    return quiet(markdown(text.strip()))


def code(text: str) -> str:
    """Return text as inline code, with any number of back-quotes.

    >>> code("a``b")
    '``` a``b ```'
    """
    text = one_line(text).strip()
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {text} {fence}" if longest else f"`{text or ' '}`"


def quiet(text: str) -> str:
    """Return Markdown that mentions nobody and refers to no issue, so that it can close none.

    >>> quiet("fixes #1, @all").replace(chr(0x200B), "|")
    'fixes #|1, @|all'
    """
    return _REACHING.sub(_NOTHING, text)


def cut(text: str, limit: int, notice: str) -> str:
    """Return text of at most about `limit` bytes, cut after a line, with a notice if text was removed."""
    if len(text.encode()) <= limit:
        return text
    kept = text.encode()[:limit].decode(errors="ignore").rpartition("\n")[0]
    fences = re.findall(r"^ {0,3}(`{3,}|~{3,})", kept, re.MULTILINE)
    closing = f"\n{fences[-1]}" if len(fences) % 2 else ""
    return f"{kept}{closing}\n\n{notice}\n"


def below(text: str, levels: int) -> str:
    r"""Return Markdown with its headings lowered by this many levels, as far as possible.

    >>> below("# a\n## b\n#c", 3)
    '#### a\n##### b\n#c'
    """
    return re.sub(r"^(#{1,6})(?= )", lambda found: ("#" * levels + found[1])[:6], text, flags=re.MULTILINE)


def bullets(texts: Iterable[str]) -> str:
    """Return lines of a list."""
    return "\n".join(f"- {text}" for text in texts)


_HEADLINES = 4
_ERRORS_SHOWN = 20
_BELOW = 2
"""Number of levels by which headings of a comparison are lowered, to fit below the heading of their section."""


def summary(result: Result, *, link: str = "") -> str:
    """Return the summary of a run as Markdown: the build, its headlines, false claims, and changes."""
    built = report_of(result)
    title = _text(built, "title") or result.config
    parts = [f"## {plain(title)}", *_state(result, built, link)]
    if result.status != 0:
        parts += ["### Errors", *_errors(result)] if result.errors else []
        return "\n\n".join(parts) + "\n"
    if result.claims:
        fate = CLAIMS_FATE.get(result.on_false_claim, "The config says how such a sentence is handled.")
        parts += ["### False claims", fate, claims_list(result)]
    parts += ["### Changes", _changes(result, SUMMARY_LIMIT)]
    return "\n\n".join(parts) + "\n"


def not_built(result: Result) -> str:
    """Return the statement that there is no report."""
    return f"The report was **not built** (exit status {result.status}). The published report is unchanged."


def changes(result: Result) -> str:
    """Return the changes, as the body of a comment."""
    if result.status != 0:
        return "\n\n".join([not_built(result), *_errors(result)])
    return _changes(result, BODY_LIMIT)


def claims_list(result: Result) -> str:
    """Return the false claims as a list."""
    return cut(bullets(code(claim) for claim in result.claims), BODY_LIMIT, CUT)


def report_of(result: Result) -> dict[str, object]:
    """Return `report.json` of the new site, which is empty if the build failed or wrote none."""
    if result.status != 0:
        return {}
    try:
        found = json.loads(read_own(Path(result.report), "report.json"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _state(result: Result, built: dict[str, object], link: str) -> Iterator[str]:
    if result.status != 0:
        yield not_built(result)
        return
    date = _text(built, "date")
    yield f"The report was built from data of {plain(date)}." if date else "The report was built."
    headlines = [plain(sentence) for sentence in _headlines(built)]
    if headlines:
        yield bullets(headlines)
    address = link or _text(built, "url")
    if address.startswith(("https://", "http://")):
        quoted = "".join(f"%{ord(c):02X}" if c in "()<> \\\"'`\n\r\t" else c for c in address)
        yield f"[Read the report]({quoted})"


def _errors(result: Result) -> Iterator[str]:
    shown = [code(error) for error in result.errors[:_ERRORS_SHOWN]]
    if shown:
        yield cut(bullets(shown), BODY_LIMIT, CUT)
    if len(result.errors) > len(shown):
        yield f"… and {len(result.errors) - len(shown)} more, in the log."


def _changes(result: Result, limit: int) -> str:
    return quiet(cut(below(result.changes, _BELOW), limit, CUT))


def _headlines(built: dict[str, object]) -> Iterator[str]:
    """Yield the first few sentences of the abstract."""
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


_MARK = "<!-- diptych: {what} -->"
_LISTED = "200"


def tell_issues(result: Result, claims_title: str, failure_title: str, run_url: str) -> None:
    """Open, update or close the issues on false claims and on builds that fail for another reason."""
    config, run = result.config.replace("`", "'"), run_link(run_url)
    errors = "\n\n".join(_errors(result)) or f"Exit status {result.status}. The log of the run has the reason."
    failed = result.status not in (0, 3)
    text = FAILURE.format(config=config, errors=errors, run=run) if failed else None
    _tell_issue("failed build", failure_title, text, f"The report is built again. {run}")
    if failed:
        said("the report was not built, so its claims were not checked")
        return
    text = ISSUE.format(config=config, claims=claims_list(result), run=run) if result.claims else None
    _tell_issue("false claims", claims_title, text, f"All claims are true again. {run}")


def _tell_issue(what: str, title: str, text: str | None, closing: str) -> None:
    """Open or update the issue on a subject, or close it with a comment if there is no text."""
    mark = _MARK.format(what=what)
    listed = gh("issue", "list", "--state", "open", "--limit", _LISTED, "--json", "number,title,body")
    ours = [one for one in json.loads(listed or "[]") if one["title"] == title and mark in (one["body"] or "")]
    if text is None:
        for one in ours:
            gh("issue", "close", str(one["number"]), "--comment", closing)
    else:
        place = ["edit", str(ours[0]["number"])] if ours else ["create", "--title", title]
        gh("issue", *place, "--body-file", "-", text=f"{text}\n\n{mark}\n")
    said(f"issue ({what}): {'closed or not needed' if text is None else 'up to date'}")


def tell_comment(result: Result, number: int, preview: str, run_url: str) -> None:
    """Write or update the comment on a pull request that lists its changes, with a link to a preview of the report."""
    mark = _MARK.format(what=result.config.replace("-->", ""))
    links = f"{_preview_link(preview) if result.status == 0 else ''}{run_link(run_url)}"
    body = f"### Changes in the report\n\n{changes(result)}\n\n{links}\n\n{mark}\n"
    address = f"repos/{{owner}}/{{repo}}/issues/{number}/comments"
    pick = f'.[] | select(.user.type == "Bot" and (.body | contains({json.dumps(mark)}))) | .id'
    ours = gh("api", address, "--paginate", "--jq", pick).split()
    edited = f"repos/{{owner}}/{{repo}}/issues/comments/{int(ours[0])}" if ours else address
    gh("api", "--method", "PATCH" if ours else "POST", edited, "--input", "-", text=json.dumps({"body": body}))
    said("the comment is up to date")


def _preview_link(address: str) -> str:
    """Return a link to the artifact with the new report, or an empty text if it has another form."""
    if re.fullmatch(r"https://[\w.-]+(/[\w.-]+)+", address) is None:
        return ""
    return f"[Preview of the report]({address}) (download, unpack and open index.html). "


def run_link(url: str) -> str:
    """Return a link to the run that is the source of a text, or an empty text if it has no address."""
    return f"[The run of the workflow]({url})" if url else ""
