"""The pack of measures: the core has eight of its own, and a pack's module loads when a config uses one of its measures."""

import subprocess
import sys

from diptych.measures import MEASURES
from diptych.packs import _ENTRIES

CORE = ("count", "share", "conditional", "lift", "log2_lift", "difference", "odds_ratio", "jaccard")
PACK = tuple(name for slot, name, _ in _ENTRIES if slot == "measure")


def test_core_first_then_the_pack():
    assert tuple(MEASURES) == CORE + PACK
    assert {name: MEASURES[name].name for name in PACK} == {name: name for name in PACK}


PROGRAM = """
import sys
import diptych.measures
without = tuple(diptych.measures.MEASURES)
from diptych.packs import register_packs
register_packs()
from diptych.measures import MEASURES
assert MEASURES["lift"].name == "lift"
before = any(name.startswith("diptych.contrib.measures") for name in sys.modules)
assert MEASURES["phi"].name == "phi"
print(without, before, "diptych.contrib.measures.association" in sys.modules)
"""


def test_without_packs_there_are_eight_and_the_pack_loads_when_asked_for():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"{CORE} False True"
