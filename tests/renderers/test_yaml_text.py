"""The numbers of a report as YAML: what our writer writes is what PyYAML reads."""

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.renderers.plain import yaml_lines

TEXT = st.text(alphabet=st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=12)
NAME = st.from_regex(r"[a-z][a-z0-9_]{0,8}|on|yes|null|true|off|no|[~0-9]{1,4}", fullmatch=True) | st.just("a" * 1200)
TREE = st.recursive(TEXT, lambda inner: st.dictionaries(NAME, inner, max_size=4), max_leaves=12)


@settings(max_examples=40)
@given(st.dictionaries(NAME, TREE, max_size=5))
def test_any_tree_of_texts_is_read_again(tree):
    mixed = {n: v for n, v in tree.items() if isinstance(v, dict)} | {"plain": "text"}
    flat = {name: _sorted_out(value) for name, value in mixed.items()}
    assert yaml.safe_load("".join(yaml_lines(flat))) == flat


def _sorted_out(value):
    """Return a tree in which a mapping holds texts alone or mappings alone, as those of a report do."""
    if isinstance(value, str):
        return value
    inner = {name: _sorted_out(item) for name, item in value.items()}
    nested = {name: item for name, item in inner.items() if isinstance(item, dict)}
    return nested or inner
