"""Issues, pull requests and comments, each one of a kind: made once and then brought up to date in place."""

from __future__ import annotations

import json
from pathlib import Path

from . import words
from .result import Result
from .runs import gh, said
from .summary import changes, claims_list

_MARK = "<!-- diptych: {what} -->"
_LISTED = "200"


def tell_claims(result: Result, title: str, run_url: str) -> None:
    """Open, update or close the one issue on false claims. `title` says which issue it is."""
    mark = _MARK.format(what="false claims")
    listed = gh("issue", "list", "--state", "open", "--limit", _LISTED, "--json", "number,title,body")
    ours = [one for one in json.loads(listed or "[]") if one["title"] == title and mark in (one["body"] or "")]
    if not result.claims:
        for one in ours:
            gh("issue", "close", str(one["number"]), "--comment", words.ISSUE_CLOSED.format(run=_run(run_url)))
            said(f"every claim holds: issue {one['number']} is closed")
        if not ours:
            said("every claim holds, and no issue is open")
        return
    text = words.ISSUE.format(config=result.config.replace("`", "'"), claims=claims_list(result), run=_run(run_url))
    body = f"{text}\n\n{mark}\n"
    if ours:
        gh("issue", "edit", str(ours[0]["number"]), "--body-file", "-", text=body)
        said(f"issue {ours[0]['number']} is up to date")
    else:
        gh("issue", "create", "--title", title, "--body-file", "-", text=body)
        said("an issue is open")


def tell_pull_request(result: Result, folder: Path, branch: str, base: str, run_url: str) -> None:
    """Open the one pull request from a branch, or bring its text up to date."""
    text = words.PULL.format(
        config=result.config.replace("`", "'"),
        base=base.replace("`", "'"),
        changes=changes(result, folder),
        run=_run(run_url),
    )
    number = _open_pull_request(branch, base)
    if number is None:
        where = ["--head", branch, "--base", base]
        gh("pr", "create", *where, "--title", words.PULL_TITLE, "--body-file", "-", text=text)
        said("a pull request is open")
    else:
        gh("pr", "edit", number, "--body-file", "-", text=text)
        said(f"pull request {number} is up to date")


def close_pull_request(branch: str, base: str, why: str, run_url: str) -> None:
    """Close the one pull request from a branch, where it is open, and say why; `{run}` in it is a link to the run."""
    number = _open_pull_request(branch, base)
    if number is not None:
        gh("pr", "close", number, "--comment", why.replace("{run}", _run(run_url)))
        said(f"pull request {number} is closed")


def tell_comment(result: Result, folder: Path, number: int, what: str, run_url: str) -> None:
    """Write the one comment on a pull request that says what it changes, or bring it up to date."""
    mark = _MARK.format(what=what.replace("-->", ""))
    body = f"{words.COMMENT.format(changes=changes(result, folder), run=_run(run_url))}\n\n{mark}\n"
    address = f"repos/{{owner}}/{{repo}}/issues/{number}/comments"
    pick = f'.[] | select(.user.type == "Bot" and (.body | contains({json.dumps(mark)}))) | .id'
    ours = gh("api", address, "--paginate", "--jq", pick).split()
    if ours:
        edited = f"repos/{{owner}}/{{repo}}/issues/comments/{int(ours[0])}"
        gh("api", "--method", "PATCH", edited, "--input", "-", text=json.dumps({"body": body}))
        said("the comment is up to date")
    else:
        gh("api", "--method", "POST", address, "--input", "-", text=json.dumps({"body": body}))
        said("a comment is written")


def _open_pull_request(branch: str, base: str) -> str | None:
    """Return the number of the pull request from our branch; one of a fork may have a branch of that name too."""
    fields = "number,isCrossRepository"
    listed = gh("pr", "list", "--head", branch, "--base", base, "--state", "open", "--json", fields)
    ours = [one for one in json.loads(listed or "[]") if not one["isCrossRepository"]]
    return str(int(ours[0]["number"])) if ours else None


def _run(url: str) -> str:
    return words.RUN.format(url=url) if url else ""
