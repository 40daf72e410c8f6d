"""Jobs that have the results of a build."""

from diptych.contrib.github.building import Result
from tests.contrib.github.runner import Machine, git

RESULT = Result("config.yaml", "site", 0, changed_words=True, changed_numbers=True, compared=4)


def machine_of(repository, name="one", *, result=RESULT, event="schedule", programs="programs", ref="main"):
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
    return made
