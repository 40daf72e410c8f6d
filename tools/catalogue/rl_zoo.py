"""Read rl_zoo3: tuned hyperparameters, ``rl_zoo3/hyperparams/<algorithm>.yml``.

A file is a model (algorithm), its keys the environments it is trained on. Both get the
package's keyword "reinforcement-learning", except environments that a table of the
package's description lists under a heading about robots: they get the heading.
"""

from __future__ import annotations

import re

import yaml

from tools.catalogue.facts import TRAINED_ON, Dataset, Facts, Link, Model
from tools.catalogue.wheels import Wheel

PACKAGE = "rl_zoo3"
KEYWORD = "reinforcement-learning"
# settings for environments that are not listed
NOT_ENVIRONMENTS = frozenset({"default"})
HEADING = re.compile(r"^### (?P<heading>.*[Rr]obot.*)\n(?P<body>(?:(?!^##).*\n?)*)", re.MULTILINE)


def read(wheel: Wheel) -> Facts:
    """Return the algorithms of an rl_zoo3 wheel and the environments they are tuned for."""
    wheel.require_keyword(KEYWORD)
    facts, headings = Facts(), robot_headings(wheel.description())
    names: set[str] = set()
    for path in wheel.names("rl_zoo3/hyperparams/", ".yml"):
        model = f"sb3:{path.rpartition('/')[2].removesuffix('.yml')}"
        facts.models.append(Model(model, (KEYWORD,), PACKAGE))
        environments = sorted(set(yaml.safe_load(wheel.text(path))) - NOT_ENVIRONMENTS)
        facts.links.extend(Link(name, model, TRAINED_ON, PACKAGE) for name in environments)
        names.update(environments)
    for name in sorted(names):
        # tables leave out the version: "FetchReach" for FetchReach-v1
        heading = headings.get(re.sub(r"-v\d+$", "", name), KEYWORD)
        facts.datasets.append(Dataset(name, (heading,), PACKAGE))
    return facts


def robot_headings(description: str) -> dict[str, str]:
    """Return the heading of each environment in a table under a heading about robots."""
    found: dict[str, str] = {}
    for section in HEADING.finditer(description):
        rows = [line for line in section["body"].splitlines() if line.startswith("|")]
        for cell in rows[0].split("|")[2:] if rows else ():
            if cell.strip():
                found[cell.strip()] = section["heading"]
    return found
