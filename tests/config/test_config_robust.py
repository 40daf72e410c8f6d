"""Whatever a file holds, loading gives a config or a ConfigError: never anything else, and never for long."""

import random
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diptych.config.loading import LoadedConfig, load_config
from diptych.errors import ConfigError

EVERYTHING = Path(__file__).with_name("everything.yaml").read_text(encoding="utf-8")
QUICK = settings(
    max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PIECES = ["", "~", "[]", "{}", "[[x]]", "{a: {b: c}}", "&a [*a]", "*a", "!!x y", "'", '"', ": ", "- ", "\t", "\n", "-1"]
PIECES += [
    "1e999",
    "nan",
    "null",
    "<<: *a",
    "? x",
    "|",
    ">",
    "%",
    "@",
    "9" * 5000,
    "é",
    "\u2028",
    "a" * 3000,
    "2026-13-01",
]


def outcome(path: Path, raw: bytes) -> LoadedConfig | ConfigError:
    """Load bytes as a config; whatever is wrong with them must be one line each, within the file."""
    path.write_bytes(raw)
    try:
        return load_config(path)
    except ConfigError as error:
        caught = error
    n_lines = len(raw.decode("utf-8", "replace").splitlines()) + 1
    assert caught.problems
    assert all(problem.message and problem.line <= n_lines for problem in caught.problems)
    assert str(caught).count("\n") == len(caught.problems) - 1
    return caught


@given(st.binary(max_size=200))
@QUICK
def test_any_bytes(tmp_path, raw):
    outcome(tmp_path / "config.yaml", raw)


@given(st.text(alphabet=st.sampled_from(list("ab:-[]{},&*!|>'\"%@`#?~<\\ \n\t0:x")), max_size=60))
@QUICK
def test_any_yaml_like_text(tmp_path, text):
    outcome(tmp_path / "config.yaml", text.encode())


@given(st.integers(min_value=0, max_value=2**32), st.integers(min_value=1, max_value=4))
@QUICK
def test_configs_with_words_exchanged(tmp_path, seed, n_changes):
    rng = random.Random(seed)  # noqa: S311 - no secret
    words = re.findall(r"[\w-]+|[\[\]{}:,]", EVERYTHING)
    parts = re.split(r"([\w-]+|[\[\]{}:,])", EVERYTHING)
    for _ in range(n_changes):
        parts[rng.randrange(len(parts) // 2) * 2 + 1] = rng.choice(words + PIECES * 4)
    outcome(tmp_path / "config.yaml", "".join(parts).encode())


@given(st.recursive(st.none() | st.text(max_size=5), lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=5), v, max_size=3), max_leaves=8), st.sampled_from(["report", "taxonomy", "taxonomies", "entities", "relations", "panels", "figures", "inference", "expect", "outputs", "engine", "url", "text", "fonts", "version"]))  # fmt: skip
@QUICK
def test_any_value_in_any_section(tmp_path, small, value, section):
    kept = yaml.safe_load(small)
    outcome(tmp_path / "config.yaml", yaml.safe_dump({**kept, section: value}, allow_unicode=True).encode())


@pytest.mark.parametrize("section", ["relations", "panels", "figures", "entities", "taxonomy", "outputs"])
@pytest.mark.parametrize("value", ["{a: {b: {c: d}}}", "[[a], {b: }]", "[{id: a, panels: {b: c}, scale: [[1], {}]}]", "{links: [], a: {links: {from: a, to: [b]}, matrix: [x], shared: {entities: {a: b}}}}"])  # fmt: skip
def test_wrong_shapes_in_every_section(tmp_path, small, section, value):
    lines = [line for line in small.split("\n") if not line.startswith(section)]
    assert isinstance(outcome(tmp_path / "c.yaml", "\n".join([f"{section}: {value}", *lines]).encode()), ConfigError)


def test_names_that_span_lines_stay_on_one_line_of_the_message(small, problems_of):
    text = small.replace("  models:", '  "two\\nlines":')
    assert problems_of(text) == [
        'config.yaml:6:3: entities["two\\nlines"]: the name "two\\nlines" needs small letters, digits and _, beginning with a letter',
        'config.yaml:9:70: relations.trained_on.links.to.entity: "models" is not one of the entities: datasets, two\\nlines',
    ]
