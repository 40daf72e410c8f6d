"""The kinds of finding of every report: the places of their text."""

import pytest

from diptych.document.middle import others
from diptych.findings.finding import PLACES
from tests.prose.parts import part_of, writer_of


@pytest.mark.parametrize("strata", [False, True])
def test_statements_come_in_the_order_of_their_places(make_study, strata):
    patterns = [("A", "A", 90), ("B", "B", 60), ("C", "C", 40), ("D", "D", 40)]
    patterns += [("A", "B", 30), ("C", "A", 20), ("A", "D", 15), ("B", "C", 1)]
    levels = ("one", "two") if strata else ("",)
    study = make_study([(*of, level) for of in patterns for level in levels], tuple("ABCD"), strata=strata)
    part = part_of(study)
    place = {f.id: f.place for f in part.findings}
    found = [place[of] for of, _ in others(part, writer_of(part))]
    assert {"pairs", "structure"} <= {*found}
    assert found == sorted(found, key=PLACES.index)
