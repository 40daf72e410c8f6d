"""The ledger gives what the engine gave: the examples and simulated worlds."""

import pytest

from diptych.config.loading import load_config
from diptych.pipeline.counting import _dated, compiled, counted_relations, read_entities
from diptych.relations.meet import meet
from diptych.sources.opening import open_engine
from tests.ledger.compare import compare
from tests.simulations.worlds import draw_answers, draw_trained
from tests.sites import ROOT, _written, history

CONFIGS = {
    "default": "config.yaml",
    "survey": "examples/survey/config.yaml",
    "rodents": "examples/rodents/config.yaml",
    "simulated links": lambda: draw_trained(1).files(),
    "simulated records": lambda: draw_answers(1).files(strata=True),
    "history": history,
}


@pytest.mark.parametrize("name", CONFIGS)
def test_same(name, tmp_path):
    where = CONFIGS[name]
    loaded = load_config(ROOT / where if isinstance(where, str) else _written(tmp_path, where()))
    taxonomies, engine = compiled(loaded.config), open_engine(loaded.config.engine)
    try:
        items = read_entities(loaded.config, taxonomies, engine, loaded.folder)
        for relation, settings in counted_relations(loaded.config).items():
            settings = _dated(loaded.config, settings)
            assert compare(meet(relation, settings, items, taxonomies, engine, loaded.folder), engine) > 6
    finally:
        engine.close()
