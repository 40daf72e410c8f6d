"""Texts about a run: its summary, the issue on faults, and the comment on a pull request.

There is one issue and one comment for each report, which is created once and then updated. Names from data
mention nobody, close no issue, and end no block.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from .building import Result, gh, said

CUT = "*… cut here. The files of the run have the full text.*"
ISSUE_TITLE = "The report needs a correction"
FALSE = (
    "The data have changed, and the text of the report (`{config}`) makes claims that are now false. "
    "The sentences are withdrawn from the published report until somebody corrects them."
)
FAILED = "A scheduled run could not build the report (`{config}`). The published report is unchanged."
SUMMARY_LIMIT = 500_000
"""Maximum bytes of a comparison in a summary; GitHub allows 1 MiB for each step."""

BODY_LIMIT = 50_000
"""Maximum bytes of it in an issue, a pull request or a comment; GitHub allows 65,536 characters."""

_NOTHING = "\N{ZERO WIDTH SPACE}"
_REACHING = re.compile(r"(?<=[@#])(?=\w)|(?<=\bGH-)(?=\d)|(?<=://)(?=(?:www\.)?github\.com\b)", re.IGNORECASE)
_SHOWN = 20


def code(text: str) -> str:
    """Return text as inline code, with any number of back-quotes.

    >>> code("a``b")
    '``` a``b ```'
    """
    text = " ".join(text.split())
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


def bullets(texts: Iterable[str]) -> str:
    """Return messages as a list of code, cut where it is too long."""
    shown = [f"- {code(text)}" for text in texts]
    more = [f"\n… and {len(shown) - _SHOWN} more, in the log."] if len(shown) > _SHOWN else []
    return cut("\n".join([*shown[:_SHOWN], *more]), BODY_LIMIT, CUT)


def summary(result: Result) -> str:
    """Return the summary of a run as Markdown: the build, false claims, and changes."""
    parts = [f"## {code(result.config)}"]
    if result.status == 0:
        parts += ["### False claims, withdrawn", bullets(result.claims)] if result.claims else []
        parts.append("### Changes")
    return "\n\n".join([*parts, changes(result, SUMMARY_LIMIT)]) + "\n"


def changes(result: Result, limit: int = BODY_LIMIT) -> str:
    """Return the changes, or the errors of a build that failed."""
    if result.status != 0:
        failed = f"The report was **not built** (exit status {result.status}). The published report is unchanged."
        return f"{failed}\n\n{bullets(result.errors)}"
    return quiet(cut(result.changes, limit, CUT))


_MARK = "<!-- diptych: {what} -->"


def tell_issue(result: Result, title: str, run_url: str) -> None:
    """Open or update the issue on false claims or a build that failed, or close it with a comment."""
    mark, run = _MARK.format(what="issue"), run_link(run_url)
    listed = gh("issue", "list", "--state", "open", "--limit", "200", "--json", "number,title,body")
    ours = [one for one in json.loads(listed or "[]") if one["title"] == title and mark in (one["body"] or "")]
    wrong = result.claims if result.status in (0, 3) else result.errors or (f"exit status {result.status}",)
    if not wrong:
        for one in ours:
            gh(
                "issue",
                "close",
                str(one["number"]),
                "--comment",
                f"The report is built, and all claims are true. {run}",
            )
    else:
        what = (FALSE if result.status in (0, 3) else FAILED).format(config=result.config.replace("`", "'"))
        place = ["edit", str(ours[0]["number"])] if ours else ["create", "--title", title]
        gh("issue", *place, "--body-file", "-", text=f"{what}\n\n{bullets(wrong)}\n\n{run}\n\n{mark}\n")
    said(f"issue: {'up to date' if wrong else 'closed or not needed'}")


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
