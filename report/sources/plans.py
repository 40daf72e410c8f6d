"""What engines are asked, for whoever wants to see it (`-v`): SQL or a plan, one message for each computation."""

from __future__ import annotations

import logging
from collections.abc import Callable

LOGGER = "diptych.plans"


def log_plan(plan: Callable[[], str]) -> None:
    """Log what an engine is about to compute; the text is made only where somebody reads it."""
    logger = logging.getLogger(LOGGER)
    if logger.isEnabledFor(logging.DEBUG):
        logger.debug("%s", plan())
