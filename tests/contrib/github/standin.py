"""Stand-ins of programs on the path of a job: each is a line that starts this file, with the name of what it stands for.

`python` runs everything but pip, which is written down; `gh` keeps issues and comments in a file;
`diptych` is the program itself.
"""

import json
import os
import re
import shutil
import sys
from pathlib import Path


def write_programs(folder: Path) -> Path:
    """Write the programs into a folder, which is to come first on the path."""
    folder.mkdir(parents=True)
    lines = {
        "uv": ['echo "uv $@" >> "$STANDIN_LOG/pip"'],
        "gh": [f'exec "{sys.executable}" "{__file__}" "$@"'],
        "diptych": [f'exec "{sys.executable}" -P -m diptych "$@"'],
        "python": [
            'if [ "$2" = pip ]; then echo "$@" >> "$STANDIN_LOG/pip"; exit 0; fi',
            f'exec "{sys.executable}" "$@"',
        ],
    }
    for name, these in lines.items():
        path = folder / name
        path.write_text("\n".join(["#!/bin/sh", *these, ""]))
        path.chmod(0o755)
    return folder


def gh(arguments):
    """Answer as gh does, from a file, and write down what was asked."""
    log = Path(os.environ["STANDIN_LOG"])
    if os.environ.get("GH_TOKEN", "") == "":
        sys.exit("gh: To use GitHub CLI in a GitHub Actions workflow, set the GH_TOKEN environment variable.")
    if (log / "forbidden").exists():
        sys.stderr.write("GraphQL: Resource not accessible by integration (createIssue)\n")
        sys.exit(1)
    path = log / "github.json"
    state = json.loads(path.read_text()) if path.exists() else {"issue": [], "pr": [], "comment": []}
    text = sys.stdin.read() if "-" in arguments else ""
    with (log / "gh").open("a") as file:
        file.write(json.dumps(arguments) + "\n")
    option = {arguments[at]: arguments[at + 1] for at in range(len(arguments) - 1) if arguments[at].startswith("--")}
    if arguments[0] == "run":
        _run(arguments, option, log.parent / "store" / "kept")
    elif arguments[0] == "api":
        _api(arguments, text, state)
    else:
        _issue_or_pull_request(arguments, option, text, state[arguments[0]])
    path.write_text(json.dumps(state, indent=1))


def _run(arguments, option, kept):
    """List the last run that succeeded, or download its report."""
    if arguments[1] == "list":
        assert (option["--status"], option["--limit"], option["--branch"]) == ("success", "1", "main")
        sys.stdout.write("76" if kept.exists() else "")
    else:
        assert arguments[1:3] == ["download", "76"]
        shutil.copytree(kept, option["--dir"])


def _issue_or_pull_request(arguments, option, text, kept):
    kind, verb = arguments[:2]
    if verb == "list":
        shown = [one for one in kept if one["state"] == "open"]
        if kind == "pr":
            shown = [one for one in shown if (one["head"], one["base"]) == (option["--head"], option["--base"])]
        sys.stdout.write(json.dumps([{key: one[key] for key in option["--json"].split(",")} for one in shown]))
    elif verb == "create":
        made = {"number": len(kept) + 1, "title": option["--title"], "body": text, "state": "open", "comments": []}
        kept.append({**made, "head": option.get("--head"), "base": option.get("--base"), "isCrossRepository": False})
        sys.stdout.write(f"https://github.example/owner/study/{kind}/{made['number']}")
    else:
        (one,) = [one for one in kept if one["number"] == int(arguments[2])]
        if verb == "edit":
            one["body"] = text
        else:
            assert verb == "close"
            one["state"] = "closed"
            one["comments"].append(option["--comment"])


def _api(arguments, text, state):
    comments = state["comment"]
    if "--method" not in arguments:
        mark = re.search(r'contains\("(.*?)"\)', arguments[arguments.index("--jq") + 1])[1]
        sys.stdout.write("\n".join(str(one["id"]) for one in comments if mark in one["body"] and one["user"] == "Bot"))
    elif "POST" in arguments:
        comments.append({"id": len(comments) + 900, "user": "Bot", "body": json.loads(text)["body"]})
    else:
        (one,) = [one for one in comments if arguments[3].endswith(f"/{one['id']}")]
        one["body"] = json.loads(text)["body"]


if __name__ == "__main__":
    gh(sys.argv[1:])
