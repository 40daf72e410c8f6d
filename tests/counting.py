"""What is counted of a meeting, by way of its ledger."""

from functools import lru_cache

from diptych.ledger import contributions, coverage, export
from diptych.ledger.patterns import incidence_of, patterns_of
from diptych.ledger.recounts import Recounts

ledger_of = lru_cache(maxsize=1)(export.ledger_of)
"""The ledger of a meeting, made once for those that ask of the same one by turns."""


def count_incidence(meeting, engine):
    return counted(ledger_of(meeting, engine))[1]


def counted(ledger):
    """The patterns and the incidence of a ledger."""
    base = patterns_of(ledger)
    return base, incidence_of(ledger, base)


def find_contributors(meeting, engine):
    return contributions.find_contributors(ledger_of(meeting, engine))


def measure_coverage(meeting, engine):
    return coverage.measure_coverage(ledger_of(meeting, engine))


def recount(meeting, engine, changes):
    """Change -> incidence."""
    ledger = ledger_of(meeting, engine)
    return dict(Recounts(ledger, *counted(ledger), changes))
