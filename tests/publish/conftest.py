"""Sites small enough to be read: two versions that share some files, and what a folder holds."""

import pytest

from diptych.publish.manifest import InputFile, Versions, build_manifest

_VERSIONS = Versions(diptych="0.1.0", python="3.11", packages={"altair": "6.3.0"})
_CONFIG = InputFile(path="config.yaml", sha256="0" * 64, size=1)


def site_of(**files):
    """Files by name (`_` for `/` is not translated: pass a mapping for paths) with their manifest."""
    contents = {path: text.encode() for path, text in files.items()}
    return contents | {"manifest.json": build_manifest(_CONFIG, (), {}, _VERSIONS, contents)}


@pytest.fixture
def make_site():
    return lambda files: site_of(**files)


@pytest.fixture
def old(make_site):
    return make_site({"index.html": "old page", "data/left.csv": "1", "figures/main.svg": "old", "report.md": "old"})


@pytest.fixture
def new(make_site):
    return make_site({"index.html": "new page", "data/left.csv": "1", "data/right.csv": "2", "figures": "now a file"})


@pytest.fixture
def content():
    def read(folder):
        """Everything below a folder, hidden files too: path -> bytes."""
        return {
            path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if not path.is_dir()
        }

    return read
