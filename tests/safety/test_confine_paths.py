"""`--confine`, as somebody tries it who writes the config and the files beside it: nothing outside is opened or listed."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from pathlib import Path

import pytest

import diptych
from diptych import Confinement
from diptych.confine import ConfineError, confined, repository_of
from diptych.errors import ConfigError, PublishError
from diptych.pipeline import build, check
from diptych.sources import SourceSettings
from diptych.sources.files import open_table
from diptych.sources.located import located, open_engine
from tests.pipeline.projects import tree, write_project
from tests.safety.watching import watched

SECRET = "id,l,owner\nm1,a,hunter2\nm2,b,hunter2\nm3,b,hunter2\n"  # noqa: S105 - it is none
SOURCE = "source: m.csv"


@pytest.fixture
def outside(tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "m.csv").write_text(SECRET)
    (folder / "coverage.md").write_text("hunter2\n")
    (folder / "font.ttf").write_bytes(b"hunter2")
    with sqlite3.connect(folder / "x.sqlite") as database:
        database.execute("create table models (id, l, owner)")
    return folder


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True)


def refused(config: Path, outside: Path, **limits) -> list[str]:
    """Return the problems of a config under --confine, having seen that nothing outside was touched."""
    with watched() as touched, confined(Confinement(**limits)), pytest.raises(ConfigError) as error:
        check(config)
    assert touched.below(outside) == []
    assert touched.engines == 0
    return [str(problem) for problem in error.value.problems]


def attack(project: Path, outside: Path, new: str, old: str = SOURCE) -> list[str]:
    write_project(project, {old: new})
    return refused(project / "config.yaml", outside)


def leads_outside(project: Path, place: str, key: str, name: str) -> str:
    return (
        f'{project}/config.yaml:{place}: {key}: "{name}" leads outside {project}, the folder that --confine allows; '
        "move it there, or allow a wider folder on the command line with --root FOLDER"
    )


@pytest.mark.parametrize(
    "name",
    [
        "{outside}/m.csv",
        "../home/m.csv",
        "sub/../../home/m.csv",
        "/proc/self/environ",
        "/dev/stdin",
        "/etc/../{outside}/m.csv",
        "../home/missing.csv",
    ],
)
def test_paths_that_lead_outside(project, outside, name):
    (project / "sub").mkdir()
    name = name.format(outside=outside)
    expected = leads_outside(project, "7:26", "entities.models.source", name)
    assert attack(project, outside, f"source: {name}") == [expected]
    expected = leads_outside(project, "7:35", "entities.models.source.path", name)
    assert attack(project, outside, f"source: {{path: {name}, format: csv}}") == [expected]


def test_a_list_of_paths_names_each_at_its_place(project, outside):
    found = attack(project, outside, "source: [m.csv, ../home/m.csv, ../home/n.csv]")
    assert found == [
        leads_outside(project, "7:42", "entities.models.source[1]", "../home/m.csv"),
        leads_outside(project, "7:57", "entities.models.source[2]", "../home/n.csv"),
    ]


@pytest.mark.parametrize("pattern", ["{outside}/*.csv", "/**/*.csv", "../*/m.csv", "../**/m.csv", "{outside}/[m].csv"])
def test_patterns_that_search_outside(project, outside, pattern):
    pattern = pattern.format(outside=outside)
    expected = leads_outside(project, "7:26", "entities.models.source", pattern)
    assert attack(project, outside, f'source: "{pattern}"') == [expected]


def test_a_pattern_may_not_climb_after_a_wildcard(project, outside):
    (project / "sub").mkdir()
    (found,) = attack(project, outside, 'source: "*/../../home/m.csv"')
    assert ".. after a wildcard" in found


def test_a_link_to_a_file(project, outside):
    (project / "link.csv").symlink_to(outside / "m.csv")
    expected = leads_outside(project, "7:26", "entities.models.source", "link.csv")
    assert attack(project, outside, "source: link.csv") == [expected]


def test_a_link_to_a_file_that_a_pattern_finds(project, outside):
    (project / "parts").mkdir()
    (project / "parts" / "a.csv").write_text(SECRET)
    (project / "parts" / "b.csv").symlink_to(outside / "m.csv")
    expected = leads_outside(project, "7:26", "entities.models.source", "parts/b.csv")
    assert attack(project, outside, 'source: "parts/*.csv"') == [expected]


@pytest.mark.parametrize("pattern", ["lin*/m.csv", "*/*.csv", "link/*.csv", "l[i]nk/m*"])
def test_a_link_to_a_folder_is_not_even_listed(project, outside, pattern):
    (project / "link").symlink_to(outside, target_is_directory=True)
    (found,) = attack(project, outside, f'source: "{pattern}"')
    assert "leads outside" in found


def test_two_stars_follow_no_link(project, outside):
    (project / "link").symlink_to(outside, target_is_directory=True)
    write_project(project, {SOURCE: 'source: "**/m.csv"'})
    with watched() as touched, confined(Confinement()):
        check(project / "config.yaml")
    assert touched.below(outside) == []


def test_a_chain_of_links_and_a_loop(project, outside):
    (project / "one.csv").symlink_to("two.csv")
    (project / "two.csv").symlink_to(outside / "m.csv")
    assert len(attack(project, outside, "source: one.csv")) == 1
    (project / "loop.csv").symlink_to("loop.csv")
    write_project(project, {SOURCE: "source: loop.csv"})
    with confined(Confinement()), pytest.raises(diptych.errors.DiptychError):
        check(project / "config.yaml")


def test_a_link_that_stays_inside_is_read(project, outside):
    (project / "data").mkdir()
    (project / "data" / "m.csv").write_text(SECRET)
    (project / "link.csv").symlink_to("data/m.csv")
    (project / "folder").symlink_to("data", target_is_directory=True)
    for name in ("link.csv", '"folder/*.csv"', '"f*/m.csv"', str(project / "data" / "m.csv")):
        write_project(project, {SOURCE: f"source: {name}"})
        with confined(Confinement()):
            check(project / "config.yaml")


@pytest.mark.parametrize("name", ["~/m.csv", "file:///etc/passwd", "FILE:///etc/passwd", "$HOME/m.csv"])
def test_a_home_and_a_scheme_are_nothing_special(project, outside, name, monkeypatch):
    monkeypatch.setenv("HOME", str(outside))
    write_project(project, {SOURCE: f'source: "{name}"'})
    with watched() as touched, confined(Confinement()), pytest.raises(diptych.errors.DiptychError):
        check(project / "config.yaml")
    assert touched.below(outside) == []
    assert touched.below(Path("/etc/passwd")) == []


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('labels: {column: l, separator: "|"}}\nrelations', "labels: {column: l, lookup: OUT}}\nrelations", "entities.models.labels.lookup"),
        ("label: Model,", "label: Model, aliases: OUT,", "entities.models.aliases"),
        ("links: {source: k.csv", "links: {source: OUT", "relations.trained_on.links.source"),
        ("column: t}}\n", "column: t}}\ntext: {folder: HOME}\n", "text.folder"),
        ("column: t}}\n", "column: t}}\nfonts: [OUT]\n", "fonts[0]"),
        (SOURCE, "source: {database: OUT, table: models}", "entities.models.source.database"),
    ],
)  # fmt: skip
def test_every_key_that_names_a_path(project, outside, old, new, key):
    new = new.replace("OUT", "../home/m.csv").replace("HOME", str(outside))
    (found,) = attack(project, outside, new, old)
    assert f": {key}: " in found
    assert "--root" in found
    assert (Path(outside) / "m.csv").read_text() == SECRET
    assert sorted(path.name for path in outside.iterdir()) == ["coverage.md", "font.ttf", "m.csv", "x.sqlite"]


def test_a_text_file_that_is_a_link(project, outside):
    (project / "text").mkdir()
    (project / "text" / "coverage.md").symlink_to(outside / "coverage.md")
    (found,) = attack(project, outside, "column: t}}\ntext: {folder: text/}\n", "column: t}}\n")
    assert "text/coverage.md" in found


def test_a_text_folder_that_no_key_names_is_not_looked_into(project, outside):
    (project / "text").symlink_to(outside, target_is_directory=True)
    write_project(project)
    with watched() as touched, confined(Confinement()):
        build(project / "config.yaml", project / "site")
    assert touched.below(outside) == []


@pytest.mark.parametrize("ending", ["-wal", "-journal", "-shm"])
def test_a_database_and_what_sqlite_opens_beside_it(project, outside, ending):
    with sqlite3.connect(project / "x.sqlite") as database:
        database.execute("create table models (id, l, owner)")
        database.execute("insert into models values ('m1', 'a', 'u')")
    source = SourceSettings(database="x.sqlite", table="models")
    with confined(Confinement()):
        assert located(source, project, "here") == {project / "x.sqlite": "x.sqlite"}
        (project / f"x.sqlite{ending}").symlink_to(outside / "m.csv")
        with watched() as touched, pytest.raises(ConfineError, match=f"x.sqlite{ending}"):
            located(source, project, "here")
    assert touched.below(outside) == []


def test_the_config_itself_may_not_be_a_link(project, outside):
    (outside / "config.yaml").write_text("password: hunter2\n")
    (project / "config.yaml").symlink_to(outside / "config.yaml")
    (found,) = refused(project / "config.yaml", outside)
    assert "hunter2" not in found


def test_all_problems_come_in_one_run_in_the_order_of_the_file(project, outside):
    write_project(
        project, {SOURCE: "source: /a.csv", "source: d.csv": "source: ../b.csv", "source: k.csv": "source: /c*"}
    )
    places = [
        line.removeprefix(f"{project}/config.yaml:").split(" ")[0] for line in refused(project / "config.yaml", outside)
    ]
    assert places == ["6:30:", "7:26:", "10:13:"]


def test_the_repository_is_the_root_and_a_root_that_is_given_comes_first(project, outside, tmp_path):
    write_project(project, {SOURCE: "source: ../home/m.csv"})
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    assert repository_of(project) == tmp_path
    with confined(Confinement()):
        check(project / "config.yaml")
    assert len(refused(project / "config.yaml", outside, root=project)) == 1


def test_a_config_cannot_set_its_own_limits(project, outside):
    for more in ("confine: false\n", "root: /\n", "engine: {root: /}\n", "allow_database: [x]\n"):
        write_project(project, {"column: t}}\n": f"column: t}}}}\n{more}", SOURCE: "source: ../home/m.csv"})
        found = refused(project / "config.yaml", outside)
        assert any("unknown key" in one for one in found)


def test_what_is_opened_is_checked_again(project, outside):
    """The config was checked, and then a link was put in the place of a file."""
    write_project(project)
    source = SourceSettings(path=("m.csv",))
    with open_engine(diptych.sources.EngineSettings()) as engine, confined(Confinement()):
        open_table(source, project, engine, where_declared="here")
        (project / "m.csv").unlink()
        (project / "m.csv").symlink_to(outside / "m.csv")
        with watched() as touched, pytest.raises(ConfineError, match="leads outside"):
            open_table(source, project, engine, where_declared="here")
    assert touched.below(outside) == []


def test_without_the_flag_everything_is_as_it_was(project, outside):
    write_project(project, {SOURCE: f"source: {outside}/m.csv"})
    check(project / "config.yaml")


def test_a_site_that_was_built_without_limits_is_not_taken_from_the_cache(project, outside, monkeypatch, tmp_path):
    monkeypatch.setenv("DIPTYCH_CACHE", str(tmp_path / "cache"))
    write_project(project, {SOURCE: f"source: {outside}/m.csv"})
    for path in (*project.iterdir(), outside / "m.csv"):
        os.utime(path, (1, 1))
    diptych.build(project / "config.yaml", tmp_path / "one")
    with pytest.raises(diptych.errors.DiptychError, match="leads outside"):
        diptych.build(project / "config.yaml", tmp_path / "two", confine=True)
    assert not (tmp_path / "two").exists()


def test_from_python(project, outside, tmp_path):
    write_project(project)
    diptych.build(project / "config.yaml", tmp_path / "site", confine=True, cache=False)
    same = tree(tmp_path / "site")
    diptych.build(project / "config.yaml", tmp_path / "free", cache=False)
    assert tree(tmp_path / "free") == same
    write_project(project, {SOURCE: "source: ../home/m.csv"})
    with pytest.raises(diptych.errors.DiptychError, match="leads outside"):
        diptych.build(project / "config.yaml", tmp_path / "site", confine=True, cache=False)
    diptych.build(project / "config.yaml", tmp_path / "wide", confine=Confinement(root=tmp_path), cache=False)
    assert tree(tmp_path / "site") == same


@pytest.fixture
def repository(project):
    """A repository with a project whose files are tracked, but not committed."""
    write_project(project)
    git(project, "init", "--quiet")
    git(project, "add", ".")
    return project


def faults_of(folder: Path, source: str, **limits) -> list[str]:
    write_project(folder, {SOURCE: f"source: {source}"})
    with confined(Confinement(**limits)), pytest.raises(ConfigError) as error:
        check(folder / "config.yaml")
    return [problem.message for problem in error.value.problems]


def test_of_a_repository_tracked_files_are_read_and_staged_ones_are_tracked(repository):
    (repository / "secret.csv").write_text(SECRET)
    (repository / "link.csv").symlink_to("secret.csv")
    git(repository, "add", "link.csv")
    for name in ("secret.csv", "secret*.csv", "link.csv"):
        [fault] = faults_of(repository, name)
        assert "is not tracked by git, so --confine does not read it; git add it" in fault
    git(repository, "add", "secret.csv")
    with confined(Confinement()):
        check(repository / "config.yaml")


def test_a_root_that_is_given_has_all_its_files_and_still_no_git(repository):
    (repository / "new.csv").write_text(SECRET)
    write_project(repository, {SOURCE: "source: new.csv"})
    with confined(Confinement(repository)):
        check(repository / "config.yaml")
    (repository / ".git/m.csv").write_text(SECRET)
    (repository / "inside").symlink_to(".git")
    for name in (".git/m.csv", "inside/m.csv", ".git/*.csv"):
        assert "is of git itself" in faults_of(repository, name, root=repository)[0]


def test_work_trees_and_submodules(repository, tmp_path):
    git(repository, "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "--quiet", "-m", "x")
    git(repository, "worktree", "add", "--quiet", str(tmp_path / "tree"))
    git(repository, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repository), "sub")
    (repository / "sub/new.csv").write_text(SECRET)
    assert "is of git itself" in faults_of(repository, "sub/.git")[0]
    assert "is not tracked" in faults_of(repository, "sub/new.csv")[0]
    write_project(repository, {SOURCE: "source: sub/m.csv"})
    for config in (repository / "config.yaml", tmp_path / "tree/config.yaml"):
        with confined(Confinement()):
            check(config)
    (tmp_path / "tree/new.csv").write_text(SECRET)
    assert "is not tracked" in faults_of(tmp_path / "tree", "new.csv")[0]
    assert "is of git itself" in faults_of(tmp_path / "tree", ".git")[0]


@pytest.mark.parametrize(
    "setting", ["core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "alias.ls-files"]
)
@pytest.mark.parametrize("where", ["", "sub"])
def test_nothing_of_the_repository_is_run(repository, tmp_path, setting, where):
    git(repository, "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "--quiet", "-m", "x")
    git(repository, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repository), "sub")
    ran = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {ran}\n")
    program.chmod(0o755)
    git(repository / where, "config", setting, str(program))
    hooks = repository / ".git/hooks"
    for hook in ("post-index-change", "fsmonitor-watchman", "post-checkout"):
        (hooks / hook).write_bytes(program.read_bytes())
        (hooks / hook).chmod(0o755)
    with confined(Confinement()):
        check(repository / "config.yaml")
    assert not ran.exists()


def test_without_git_the_reason_is_named(repository, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("diptych.confine._known", {})
    assert "git is not installed" in faults_of(repository, "m.csv")[0]


def writes(project: Path, output: Path, **how) -> None:
    with confined(Confinement()):
        build(project / "config.yaml", output, **how)


@pytest.mark.parametrize("into", [False, True])
@pytest.mark.parametrize("place", ["site", "site/report", "deep/site", "up/../site", "link/back/../home/site"])
def test_no_link_leads_the_output_outside(project, outside, monkeypatch, place, into):
    write_project(project, {"column: t}}\n": "column: t}}\noutputs: [data]\n"})
    (project / "site").symlink_to(outside)
    (project / "deep").symlink_to("site")
    (project / "up").symlink_to(outside)
    (project / "link").mkdir()
    (project / "link/back").symlink_to(project.parent / "home")
    before = tree(outside)
    for output in (project / place, Path(place)):
        monkeypatch.chdir(project)
        with pytest.raises(PublishError, match="is a link out of the folder that --confine allows"):
            writes(project, output, into=into)
    assert tree(outside) == before


def test_an_output_that_a_person_names_may_be_anywhere(project, outside, monkeypatch):
    write_project(project, {"column: t}}\n": "column: t}}\noutputs: [data]\n"})
    (project / "inner").symlink_to("kept")
    monkeypatch.chdir(project)
    for output in (outside / "site", Path("../home/other"), Path("inner/site")):
        writes(project, output)
        assert (output / "manifest.json").exists()
