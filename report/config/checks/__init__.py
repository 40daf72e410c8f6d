"""Checks across the sections of a config: names, forms of relations, addresses."""

from __future__ import annotations

from collections.abc import Iterator

from ..places import Wrong
from ..view import View
from .addresses import check_addresses
from .entities import check_entities, check_expectations
from .panels import check_figures, check_panels
from .relations import check_relations
from .rest import check_rest
from .sources import check_sources
from .taxonomies import check_taxonomies

CHECKS = (
    check_taxonomies,
    check_entities,
    check_sources,
    check_expectations,
    check_relations,
    check_panels,
    check_figures,
    check_addresses,
    check_rest,
)


def check(config: View) -> Iterator[Wrong]:
    """Yield everything that is wrong between the entries of a config; single values are validation's part."""
    for one_check in CHECKS:
        yield from one_check(config)
