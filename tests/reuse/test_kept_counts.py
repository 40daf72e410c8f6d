"""The file of kept counts: arrays and JSON, from which nothing but our own records comes back, and nothing is run."""

import io
import json
import pickle
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from diptych.config.loading import load_config
from diptych.pipeline.counting import count_all
from diptych.pipeline.inputs import read, written

ROOT = Path(__file__).parents[2]
CONFIGS = (
    "config.yaml",
    "examples/survey/config.yaml",
    "examples/published/config.yaml",
    "examples/gallery/storms.yaml",
)


@pytest.fixture(scope="module", params=CONFIGS)
def content(request):
    """The counts of an example, and their file."""
    counted = count_all(load_config(ROOT / request.param))
    return counted, written(counted)


def test_counts_come_back_as_they_were(content):
    counted, file = content
    found = read(file)
    assert written(found) == file
    assert {field.name for field in fields(found)} == set(vars(found))
    for name, numbers in counted.relations.items():
        own = found.relations[name]
        assert own.coverage == numbers.coverage
        assert (own.tables.incidence.weight == numbers.tables.incidence.weight).all()
        assert own.tables.incidence is own.recounts._counted
        assert list(own.recounts) == list(numbers.recounts)
    assert (found.labels, found.notes, found.date, found.rows) == (
        counted.labels,
        counted.notes,
        counted.date,
        counted.rows,
    )


def changed(file, change):
    """Return a file with its JSON or its arrays changed."""
    with np.load(io.BytesIO(file)) as found:
        arrays = {name: found[name] for name in found.files}
    tree = json.loads(arrays["tree"].tobytes())
    change(tree, arrays)
    content = io.BytesIO()
    arrays["tree"] = np.frombuffer(json.dumps(tree).encode(), dtype=np.uint8)
    np.savez(content, **arrays)
    return content.getvalue()


class Evil:
    """An object that leaves a mark where it is unpickled."""

    def __init__(self, mark):
        self.mark = str(mark)

    def __reduce__(self):
        return Path.touch, (Path(self.mark),)


def test_planted_files_run_nothing_and_count_as_absent(content, tmp_path):
    file, mark = content[1], tmp_path / "mark"

    def objects(tree, arrays):
        arrays["a0"] = np.array([Evil(mark)], dtype=object)

    planted = [
        pickle.dumps(Evil(mark)),
        changed(file, objects),
        changed(file, lambda tree, _: tree["objects"].insert(0, ["Path", ["x"]])),
        changed(file, lambda tree, _: tree["objects"][0][1].append(1)),
        changed(file, lambda tree, _: tree.update(root={"object": 0})),
        changed(file, lambda tree, _: tree.update(root=1)),
        changed(file, lambda tree, _: tree["objects"].append(["Note", [{"array": "a999"}, "", ""]])),
        file[:-20],
        b"",
    ]
    assert [read(one) for one in planted] == [None] * len(planted)
    assert not mark.exists()


def test_what_is_not_ours_is_not_kept(content):
    counted = content[0]
    counted.rows["odd"] = Path("odd")
    assert written(counted) is None
    del counted.rows["odd"]
