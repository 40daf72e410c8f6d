"""Read lerobot: the lists in ``lerobot/__init__.py``.

``available_datasets`` and ``available_policies`` are datasets and models;
``env_dataset_policy_triplets`` names the policies for the datasets of an environment.
The package states no task for either: both get its keyword "robotics".
"""

from __future__ import annotations

from tools.catalogue.facts import TRAINED_ON, Dataset, Facts, Link, Model
from tools.catalogue.wheels import Wheel

PACKAGE = "lerobot"
KEYWORD = "robotics"


def read(wheel: Wheel) -> Facts:
    """Return the policies and datasets of a lerobot wheel."""
    wheel.require_keyword(KEYWORD)
    lists = wheel.module(PACKAGE)
    by_environment = lists["available_datasets_per_env"]
    names = {name for listed in by_environment.values() for name in listed}
    names.update(lists["available_real_world_datasets"])
    policies = sorted(lists["available_policies"])
    triplets = lists["env_dataset_policy_triplets"]
    links = {Link(name, _model(policy), TRAINED_ON, PACKAGE) for _, name, policy in triplets}
    return Facts(
        [Dataset(name, (KEYWORD,), PACKAGE) for name in sorted(names)],
        [Model(_model(policy), (KEYWORD,), PACKAGE) for policy in policies],
        sorted(links),
    )


def _model(policy: str) -> str:
    return f"{PACKAGE}:{policy}"
