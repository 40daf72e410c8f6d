"""A stand-in of gh: it keeps issues and comments in github.json of the folder that GH_KEPT names."""

import json
import os
import re
import sys
from pathlib import Path


def main(arguments):
    """Answer as gh does."""
    path = Path(os.environ["GH_KEPT"], "github.json")
    kept = json.loads(path.read_text()) if path.exists() else {"issue": [], "comment": []}
    text = sys.stdin.read() if "-" in arguments else ""
    option = {arguments[at]: arguments[at + 1] for at in range(len(arguments) - 1) if arguments[at].startswith("--")}
    if "GH_TOKEN" not in os.environ:
        sys.exit("gh: Resource not accessible by integration")
    if arguments[:2] == ["issue", "list"]:
        sys.stdout.write(json.dumps([one for one in kept["issue"] if one["state"] == "open"]))
    elif arguments[:2] == ["issue", "create"]:
        number = len(kept["issue"]) + 1
        kept["issue"].append({"number": number, "title": option["--title"], "body": text, "state": "open"})
    elif arguments[:2] == ["issue", "edit"]:
        kept["issue"][int(arguments[2]) - 1]["body"] = text
    elif arguments[:2] == ["issue", "close"]:
        kept["issue"][int(arguments[2]) - 1]["state"] = "closed"
    elif "--jq" in option:
        mark = re.search(r'contains\("(.*?)"\)', option["--jq"])[1]
        sys.stdout.write("\n".join(str(n) for n, body in enumerate(kept["comment"]) if mark in body))
    elif "POST" in arguments:
        kept["comment"].append(json.loads(text)["body"])
    else:
        kept["comment"][int(arguments[3].rpartition("/")[2])] = json.loads(text)["body"]
    path.write_text(json.dumps(kept))


main(sys.argv[1:])
