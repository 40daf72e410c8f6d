"""Run the build and the comparison like a user would, and leave the results for the next step.

Programs (diptych, git and gh) run without prompts and without a shell.
"""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self, get_origin, get_type_hints

from ...cli.annotations import harmless, workflow_command
from ...disk import open_regular
from ...errors import DataError

RESULT = "result.json"
CLAIMS = "data/claims.json"
DIFF_TEXT = "diff.md"
_ALONE = {"GIT_TERMINAL_PROMPT": "0", "GH_PROMPT_DISABLED": "1", "LC_ALL": "C"}


def said(line: str) -> None:
    """Print a line of the log in a form that is never a workflow command, whatever names it contains."""
    sys.stderr.write(f"{harmless(' '.join(line.split()))}\n")
    sys.stderr.flush()


def gh(*arguments: str, text: str = "") -> str:
    """Run gh and return its output. Raises DataError with its message on failure."""
    found = run(["gh", *arguments], text)
    if found.returncode:
        what = " ".join(arguments[:2])
        raise DataError(f"gh {what}: {last_line(found.stderr)} (the job needs the permission that docs/ci.md names)")
    return found.stdout.strip()


def last_line(text: str) -> str:
    """Return the last non-empty line of a message."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return harmless(lines[-1]) if lines else "no message"


def run(arguments: Sequence[str], text: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program without a shell and return its result. Raises DataError if it cannot be run."""
    try:
        return subprocess.run(  # noqa: S603 - no shell, and programs that callers name
            arguments,
            env={**os.environ, **_ALONE},
            input=text,
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        raise DataError(f"{arguments[0]}: cannot be run ({error.strerror})") from None


@dataclass(frozen=True)
class Result:
    """The result of a build and its comparison. Paths are as given, with forward slashes.

    `status` is the exit status of the build. `errors` and `claims` are messages. `changes` is the comparison as
    Markdown. `changed`: the report says something else, or numbers changed by more than noise; None if nothing was
    compared.
    """

    config: str
    report: str
    status: int
    errors: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    changes: str = "No comparison was made."
    changed: bool | None = None

    def write(self, folder: Path) -> None:
        """Write the result to the folder of results."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / RESULT).write_text(json.dumps(dataclasses.asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the result from the folder of results. Raises DataError if it is missing or invalid.

        It comes from another job, so the type of each field is checked.
        """
        path = folder / RESULT
        try:
            found = json.loads(read_own(folder, RESULT))
            return cls(**{name: _typed(found[name], hint) for name, hint in get_type_hints(cls).items()})
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror}); the task build writes it") from None
        except (ValueError, KeyError, TypeError):
            raise DataError(f"{path}: is not a file of the task build") from None


def _typed(value: object, hint: Any) -> Any:  # noqa: ANN401 - whatever a field holds
    """Return a JSON value for a field of this type. Raises TypeError if the type differs."""
    if get_origin(hint) is tuple:
        value = tuple(value) if isinstance(value, list) and all(isinstance(one, str) for one in value) else None
        hint = tuple
    if not isinstance(value, hint):
        raise TypeError
    return value


_MOST_BYTES = 20_000_000
"""Maximum size of a file of a build or comparison that is read."""


def read_own(folder: Path, name: str) -> bytes:
    """Return the bytes of a file of results or of a report. They may come from another job: no link is followed.

    Raises OSError if there is none, if it is a link or no regular file, or if it is too large.
    """
    place = folder
    for part in (None, *Path(name).parts):
        place = place if part is None else place / part
        if place.is_symlink():
            raise OSError(errno.ELOOP, "it is a link")
    with open_regular(place) as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise OSError(errno.EFBIG, "it is too large")
    return content


def odd_files(folder: Path) -> list[str]:
    """Return links and other things that are no regular files, in or above a built report, by path.

    A pull request may have committed them where the report is built. An artifact would contain their targets.
    """
    above = [Path(*folder.parts[: n + 1]) for n in range(len(folder.parts))] if not folder.is_absolute() else [folder]
    found = [path for path in above if path.is_symlink()]
    for place, folders, files in os.walk(folder) if not found else ():
        paths = [Path(place, name) for name in (*folders, *files)]
        found += [path for path in paths if stat.S_IFMT(path.lstat().st_mode) not in (stat.S_IFREG, stat.S_IFDIR)]
    return [path.as_posix() for path in found]


def set_outputs(values: Mapping[str, str]) -> None:
    """Set outputs of the step, with any characters; outside GitHub nothing happens."""
    path = os.environ.get("GITHUB_OUTPUT")
    if not path:
        return
    with Path(path).open("a", encoding="utf-8", newline="\n") as file:
        for name, value in values.items():
            end = f"end-{uuid.uuid4().hex}"  # unguessable, so that no value contains it
            file.write(f"{name}<<{end}\n{value}\n{end}\n")


FALSE = 3
"""Exit status of `diptych build` if a claim is false: its errors are the false claims."""
MATTERS = 4
"""Exit status of `diptych diff` if words or numbers changed."""

_ERROR = "error: "
_ERRORS_KEPT = 50


def fate_of_claims(asked: str, event: str) -> str | None:
    """Return how false claims are handled: by default, withdrawn on a schedule and errors otherwise.

    None leaves the choice to the config. Raises DataError for an invalid choice.

    >>> fate_of_claims("auto", "schedule"), fate_of_claims("auto", "pull_request"), fate_of_claims("config", "schedule")
    ('withdraw', 'error', None)
    """
    fates = {"auto": "withdraw" if event == "schedule" else "error", "config": None, "error": "error"}
    fates["withdraw"] = "withdraw"
    if asked not in fates:
        raise DataError(f'on-false-claim: "{asked}" is not one of {", ".join(fates)}')
    return fates[asked]


def limits(*, confine: bool, root: str = "", allow: Sequence[str] = ()) -> list[str]:
    """Return the options that limit the access of a config. `allow` contains `host:…`, `database:…` and `plugin:…`.

    >>> limits(confine=True, allow=["host:data.example.org"])
    ['--confine', '--allow-host=data.example.org']
    """
    if not confine:
        return []
    options = ["--confine", *([f"--root={root}"] if root else [])]
    for one in allow:
        kind, _, name = one.partition(":")
        if kind not in _ALLOWED or not name:
            raise DataError(f'allow: "{one}" is none of host:NAME, database:NAME, plugin:NAME')
        options.append(f"--allow-{kind}={name}")
    return options


_ALLOWED = ("host", "database", "plugin")


def build(config: str, output: str, folder: Path, fate: str | None, limited: Sequence[str] = ()) -> Result:
    """Build a report, and empty the folder of results.

    `limited` are the options that limit the access of the config.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    choice = [] if fate is None else ["--on-false-claim", fate]
    options = ["-o", output, "--annotations", "github", "--color", "never", *choice, *limited]
    status, errors = _run_build(["build", *options, "--", config])
    if status == 0 and (odd := odd_files(Path(output))):
        status, errors = (
            1,
            tuple(f"{path}: is a link or no file; remove it from the folder of the report" for path in odd),
        )
    return Result(
        config=Path(config).as_posix(),
        report=Path(output).as_posix(),
        status=status,
        errors=errors,
        claims=errors if status == FALSE else tuple(false_claims(Path(output))) if status == 0 else (),
    )


def compare(result: Result, old: str, folder: Path) -> Result:
    """Compare a build with `old`: the folder of a published report, or REVISION:FOLDER; `none` skips the comparison.

    Without a report there, this is the first one. Writes `diff.md` and `diff.json` into the folder of results.
    """
    if result.status != 0 or old == "none":
        return result
    if not old or (":" not in old and not Path(old, "manifest.json").is_file()):
        return replace(result, changes="There is no earlier report to compare with.", changed=True)
    if old.startswith("-"):
        raise DataError(f"compare: {old} is no folder of a report")
    said(f"comparing {old} with {result.report}")
    files = ["--markdown", str(folder / DIFF_TEXT), "--json", str(folder / "diff.json")]
    found = run([program(), "diff", old, result.report, *files])
    for line in found.stderr.splitlines():
        said(line)
    if found.returncode not in (0, MATTERS):
        warning = f"the two reports could not be compared (exit status {found.returncode}); the log has the reason"
        sys.stderr.write(f"{workflow_command('warning', warning)}\n")
        return replace(result, changes=warning.capitalize())
    text = read_own(folder, DIFF_TEXT).decode(errors="replace").strip()
    text = re.sub(r"\A# .*\n+", "", text)  # its title names files of the runner
    return replace(result, changes=text, changed=found.returncode == MATTERS)


def false_claims(report: Path) -> Iterator[str]:
    """Yield the message of each false claim in the `claims.json` of a built report, or none if there is no file."""
    try:
        listed = json.loads(read_own(report, CLAIMS))["claims"]
    except (OSError, ValueError):
        return
    from ...document import Claim  # noqa: PLC0415 - steps that may write have no packages

    for one in listed:
        place = (one["kind"], one["file"], one["line"], one["column"])
        claim = Claim(*place, one["predicate"], one["holds"], one["reason"] or "", one["otherwise"])
        if claim.fails:
            yield claim.message


def program() -> str:
    """Return the path of `diptych`. Raises DataError if it is not installed."""
    found = shutil.which("diptych")
    if found is None:
        raise DataError("diptych: is not installed; the step before should have done so")
    return found


def _run_build(arguments: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    """Run `diptych`, show its output immediately, and return its exit status and its errors."""
    errors: list[str] = []
    with subprocess.Popen([program(), *arguments], stderr=subprocess.PIPE) as process:  # noqa: S603 - no shell, and our own program
        assert process.stderr is not None  # noqa: S101 - it is a pipe
        for raw in process.stderr:
            line = raw.decode(errors="replace").rstrip("\r\n")
            sys.stderr.write(f"{line}\n")  # annotations are meant as commands; the rest is harmless
            if line.startswith(_ERROR) and len(errors) < _ERRORS_KEPT:
                errors.append(line.removeprefix(_ERROR))
    return process.returncode, tuple(errors)
