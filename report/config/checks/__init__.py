"""Checks across the sections of a config: names, forms of relations, addresses."""

from __future__ import annotations

from collections.abc import Iterator

from report.config.checks.addresses import check_addresses
from report.config.checks.entities import check_entities, check_expectations
from report.config.checks.panels import check_figures, check_panels
from report.config.checks.relations import check_relations
from report.config.checks.rest import check_rest
from report.config.checks.sources import check_sources
from report.config.checks.taxonomies import check_taxonomies
from report.config.places import Wrong
from report.config.view import View

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
