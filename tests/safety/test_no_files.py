"""Folders, links that lead nowhere, pipes, sockets and files of the system: a message or a note, and no waiting."""

import os
import socket
import sys
from pathlib import Path

import pytest

from diptych.config.loading import load_config
from diptych.disk import open_regular, read_regular
from diptych.errors import DiptychError, ManifestError
from diptych.pipeline import build
from diptych.publish.manifest import read_any_manifest
from diptych.renderers import pdf
from diptych.sources import SourceSettings
from diptych.sources.located import located
from tests.pipeline.projects import write_project


@pytest.fixture
def project(tmp_path):
    write_project(
        tmp_path, {"version: 1\n": "version: 1\ntext: {folder: text/}\n"}, {"text/abstract.md": "Some words.\n"}
    )
    return tmp_path


def refused(project):
    with pytest.raises(DiptychError) as caught:
        build(project / "config.yaml", project / "site")
    return str(caught.value)


def test_a_folder_of_texts_in_the_folder(project):
    (project / "text/drafts").mkdir()
    assert refused(project) == "text/drafts: is a folder; texts are files"


def test_a_link_that_leads_nowhere(project):
    (project / "text/methods.md").symlink_to("nowhere.md")
    assert refused(project) == "text/methods.md: is a link that leads nowhere; remove it, or link it to a file"


def test_a_pipe_among_texts(project):
    os.mkfifo(project / "text/methods.md")
    assert refused(project) == "text/methods.md: is a pipe; texts are files"


def test_a_socket_among_texts(project, monkeypatch):
    monkeypatch.chdir(project / "text")  # paths of sockets are short
    with socket.socket(socket.AF_UNIX) as here:
        here.bind("methods.md")
        assert refused(project) == "text/methods.md: is a socket; texts are files"


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is of Linux")
def test_a_file_that_the_system_makes_up(project):
    (project / "text/methods.md").symlink_to("/proc/self/status")
    assert refused(project) == "text/methods.md: is a file of the system; texts are files"
    with pytest.raises(DiptychError, match=r"^s: /proc/self/status is a file that the system makes up; copy"):
        located(SourceSettings(path=("/proc/self/status",), format="csv"), project, "s")


@pytest.mark.parametrize("read", [read_regular, open_regular])
def test_a_pipe_is_not_waited_for(tmp_path, read):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError) as caught:  # noqa: PT011 - its text follows
        read(tmp_path / "pipe")
    assert caught.value.strerror == "it is a pipe; only files are read"
    with pytest.raises(IsADirectoryError):
        read(tmp_path)


def test_pipes_in_place_of_sheets_and_manifests(here, tmp_path):
    os.mkfifo(tmp_path / "manifest.json")
    with pytest.raises(DiptychError, match="it is a pipe"):
        read_any_manifest(tmp_path)
    status, _, err = here("audit", "--read", "manifest.json")
    assert (status, "it is a pipe" in err) == (1, True)


def test_a_config_that_is_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "config.yaml")
    with pytest.raises(DiptychError, match="is no file but a pipe or a device"):
        load_config(tmp_path / "config.yaml")


def test_a_manifest_that_is_a_folder(tmp_path):
    (tmp_path / "manifest.json").mkdir()
    with pytest.raises(ManifestError, match=r"cannot be read \(Is a directory\)"):
        read_any_manifest(Path(tmp_path))


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is of Linux")
@pytest.mark.parametrize("font", ["/proc/self/environ", "/dev/zero", "/"])
def test_a_font_that_is_no_file(tmp_path, font):
    write_project(tmp_path, {"version: 1\n": f"version: 1\nfonts: [{font}]\n"})
    assert build(tmp_path / "config.yaml", tmp_path / "site").folder.is_dir()  # data need no font
    with pytest.raises(DiptychError, match="there is no such file"):
        pdf._family(Path(font), tmp_path / "fonts")
