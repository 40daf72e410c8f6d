"""A published config has no comments, says the same, and is otherwise the file as it was written."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.config.comments import without_comments
from diptych.config.nodes import read_tree
from diptych.errors import ConfigError
from tests.draws import draws

ROOT = Path(__file__).parents[2]
NOTE = "swordfish"

WRITTEN = """# swordfish
version: 1 # swordfish
report:
  # swordfish
  title: "A # b" # swordfish
  subtitle: 'it''s # c' #swordfish
  long: |  # swordfish
    keep # this
    # and this

  # swordfish
  folded: >-
    a # b
  plain: C#
    and F#more # swordfish
list: [a, # swordfish
  b, "#c", # swordfish
  # swordfish
  d]
mapping: {key: "#v"} # swordfish
deep: # swordfish
  - a
  # swordfish
  - b
# swordfish"""
PUBLISHED = """version: 1
report:
  title: "A # b"
  subtitle: 'it''s # c'
  long: |
    keep # this
    # and this

  folded: >-
    a # b
  plain: C#
    and F#more
list: [a,
  b, "#c",
  d]
mapping: {key: "#v"}
deep:
  - a
  - b
"""


def values(text):
    """Return what a config says."""
    return read_tree(text, "config").value


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_comments_go_and_all_else_stays(ending):
    written = WRITTEN.replace("\n", ending)
    assert without_comments(written) == PUBLISHED.replace("\n", ending)
    assert values(without_comments(written)) == values(written)


def test_a_text_without_comments_is_published_byte_by_byte():
    assert without_comments(PUBLISHED) == PUBLISHED


@pytest.mark.parametrize("path", sorted({ROOT / "config.yaml", *ROOT.glob("examples/**/*.yaml")}), ids=str)
def test_configs_of_this_project_say_the_same_without_comments(path):
    text = path.read_text("utf-8")
    published = without_comments(text)
    assert values(published) == values(text)
    kept = [line.rstrip() for line in published.splitlines()]
    assert all(any(line.startswith(one) for line in text.splitlines()) for one in kept)


def test_a_block_that_keeps_what_follows_it_is_written_anew():
    text = "text: |+\n  kept\n# swordfish\n\nversion: 1\n"
    published = without_comments(text)
    assert NOTE not in published
    assert values(published) == values(text)


def test_a_text_that_is_no_config_is_an_error():
    with pytest.raises(ConfigError):
        without_comments("a: [1, # open\n")


texts = st.text(st.sampled_from("a#: \n\t'\"|>-[]{},&*!%@`é\U0001f600\\"), max_size=12)
trees = st.recursive(
    texts | st.none(), lambda below: st.lists(below, max_size=3) | st.dictionaries(texts, below, max_size=3)
)


@settings(max_examples=draws(100, 1_000), deadline=None)
@given(value=st.dictionaries(texts, trees, min_size=1, max_size=4), style=st.sampled_from([None, "'", '"', "|", ">"]),
       flow=st.sampled_from([None, True, False]), marks=st.randoms(use_true_random=False))  # fmt: skip
def test_whatever_yaml_is_written_keeps_its_meaning(value, style, flow, marks):
    plain = yaml.safe_dump(value, default_style=style, default_flow_style=flow, allow_unicode=True, sort_keys=False)
    try:
        before = read_tree(plain, "config")
    except ConfigError:
        return
    if before.wrongs:
        return
    commented = "".join(
        f"# {NOTE}\n{line}" if marks.random() < 0.3 and not line[:1].isspace() else line
        for line in plain.splitlines(keepends=True)
    )
    try:
        said = read_tree(commented, "config")
    except ConfigError:
        return
    assert said.wrongs or values(without_comments(commented)) == said.value
