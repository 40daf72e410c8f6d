"""Sentences over tiny random studies: whatever is counted, the English is right and no number is nothing or all by error."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from diptych.document.appendix import appendix
from diptych.document.context import interpretation, overview, reading
from diptych.document.model import ItemList, TableBlock
from diptych.document.robustness import sensitivity
from diptych.document.story import MOST, analysis, headline, observations
from diptych.findings.finding import RelationCounts, Study
from diptych.inference import InferenceSettings
from diptych.ledger.coverage import Coverage, ItemUse, TopContributors, Unresolved
from diptych.matrices import PanelSettings
from diptych.panels import build_panel, tables_of
from tests.draws import draws
from tests.findings.conftest import incidence, side
from tests.prose.parts import part_of, writer_of
from tests.prose.test_words import BANNED, WRONG
from tests.prose.wholes import _sentences

NAMES = ("Kite", "Plum", "Sand", "Wool")
BUILDERS = (headline, overview, reading, analysis, observations, interpretation, sensitivity, appendix)
MIRROR = {"left": ("datasets", "models", "right"), "right": ("models", "datasets", "left")}


@st.composite
def studies(draw):
    """Return a study of two to four categories and at most eight patterns of units."""
    names = NAMES[: draw(st.integers(2, 4))]
    one = st.sets(st.sampled_from(names), max_size=2).map(lambda found: tuple(sorted(found)))
    pattern = st.tuples(one, one, st.integers(1, 30), st.sampled_from(("p", "q")), st.sampled_from(("s", "t", "u")))
    patterns = draw(st.lists(pattern, min_size=1, max_size=8, unique_by=lambda p: (p[0], p[1], p[3], p[4])))
    unit, strata, groups = draw(st.sampled_from(("to", "record"))), draw(st.booleans()), draw(st.booleans())
    counted = incidence(patterns, names, unit=unit, strata=strata, groups=groups)
    if not strata:
        counted = incidence([(*p[:3], "", p[4]) for p in patterns], names, unit=unit, groups=groups)
    how = InferenceSettings(minimum_units=draw(st.integers(1, 5)), minimum_groups=2)
    tables = tables_of(counted)
    panels = tuple(
        build_panel(PanelSettings(id=name, relation="trained_on", given=g, outcome=o), tables, how, mirror)
        for name, (g, o, mirror) in MIRROR.items()
    )
    n, left_out = counted.n_units, draw(st.integers(0, 2))
    known = Coverage(
        relation="trained_on", n_links=n + left_out, n_resolved=n, n_candidates=n + left_out, n_units=n,
        n_unlabelled_units=draw(st.integers(0, 1)), rows=side("datasets", names, 1, draw(st.integers(0, 1))),
        columns=side("models", names, draw(st.integers(1, 3)), 1), unresolved=(Unresolved("datasets", "Lost", left_out),),
    )  # fmt: skip
    item = ItemUse("Only", draw(st.integers(1, n)))
    carriers = TopContributors((), (item,), draw(st.sampled_from((1, 3))), 1) if unit == "to" else TopContributors((), (), None, None)  # fmt: skip
    return Study(
        RelationCounts.alone("trained_on", tables, known, carriers), form="links" if unit == "to" else "records",
        panels=panels, inference=how,
    )  # fmt: skip


# Not shrunk: a study is tiny as it is, and each takes a tenth of a second.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(
    max_examples=draws(30, 300),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
    phases=PHASES,
    print_blob=False,
)
@given(studies())
def test_every_sentence_is_right_english(study):
    part = part_of(study)
    writer = writer_of(part)
    blocks = [block for build in BUILDERS for block in build(part, writer)]
    said = [sentence for block in blocks for sentence in _sentences(block)]
    assert said
    for sentence in said:
        text = sentence.text.replace("\N{NO-BREAK SPACE}", " ")
        assert text.endswith(".")
        assert text.lstrip("“")[0].isupper() or text[0].isdigit(), text
        assert not BANNED.search(text)
        assert [name for name, fault in WRONG.items() if fault.search(text)] == [], text
    tables = [block for block in blocks if isinstance(block, TableBlock)]
    told = [text for table in tables for text in (table.caption, *(c.text for row in table.rows for c in row))]
    for text in (text.replace("\N{NO-BREAK SPACE}", " ") for text in told):
        # A cell of a table may say "100 %": it has no room for words.
        assert [name for name, fault in WRONG.items() if name != "false nothing or all" and fault.search(text)] == [], (
            text
        )
    lists = [block for block in observations(part, writer) if isinstance(block, ItemList)]
    assert all(len(block.items) <= MOST for block in lists)
