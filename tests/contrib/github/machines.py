"""Jobs that have the results of a build."""

from tests.contrib.github.runner import Machine, git


def machine_of(repository, name, *, result, event="schedule"):
    """Return a machine whose workspace is a clone, and which has the results of a build."""
    folder = repository.folder / name
    made = Machine(
        folder,
        repository.folder / "programs",
        repository.remote,
        folder / "store",
        event,
        environment={"STANDIN_LOG": str(repository.folder / "log")},
    )
    made.workspace.rmdir()
    git("clone", "--quiet", str(repository.remote), str(made.workspace), cwd=repository.folder)
    result.write(folder / "results")
    return made
