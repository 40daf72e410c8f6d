"""Jobs that have the results of a build and keep them."""

import time

from diptych.contrib.github.building import KEPT, Result
from tests.contrib.github.runner import Machine, git

OLD = "2026-01-09-001-0123456789ab.json.xz"
NEW = "2026-02-01-001-ba9876543210.json.xz"
OTHER = "2026-02-01-001-00000000000a.json.xz"
RESULT = Result("config.yaml", "site", "history", 0, snapshot=NEW, changed_words=True, changed_numbers=True, compared=4)
NOW = {"GIT_COMMITTER_DATE": f"{int(time.time())} +0000"}
LONG_AGO = {"GIT_COMMITTER_DATE": f"{int(time.time()) - 31 * 86_400} +0000"}


def machine_of(
    repository, name="one", *, result=RESULT, content="new", event="schedule", programs="programs", ref="main"
):
    """Return a machine whose workspace is a clone, and which has the results of a build."""
    environment = {"STANDIN_LOG": str(repository.folder / "log")}
    folder = repository.folder / name
    made = Machine(
        folder,
        repository.folder / programs,
        repository.remote,
        folder / "store",
        event,
        ref_name=ref,
        environment=environment,
    )
    made.workspace.rmdir()
    git("clone", "--quiet", str(repository.remote), str(made.workspace), cwd=repository.folder)
    result.write(folder / "results")
    if result.snapshot is not None:
        (folder / "results" / KEPT).mkdir()
        (folder / "results" / KEPT / result.snapshot).write_text(content)
    return made
