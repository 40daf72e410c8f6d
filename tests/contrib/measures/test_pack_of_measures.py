"""The pack of measures. Its module loads when a config uses one of its measures."""

import subprocess
import sys

from diptych.measures import MEASURES
from diptych.packs import PARTS

PACK = tuple(PARTS["measure"])
CORE = tuple(name for name in MEASURES if name not in PACK)


def test_core_first_then_the_pack():
    assert {"count", "conditional", "lift"} <= {*CORE}
    assert tuple(MEASURES) == CORE + PACK
    assert {name: MEASURES[name].name for name in PACK} == {name: name for name in PACK}


PROGRAM = """
import sys
from diptych.measures import MEASURES
assert MEASURES["lift"].name == "lift"
before = any(name.startswith("diptych.contrib.measures") for name in sys.modules)
assert MEASURES["phi"].name == "phi"
print(before, "diptych.contrib.measures.association" in sys.modules)
"""


def test_the_pack_loads_when_asked_for():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False True"
