"""The named thresholds of findings, as docs/robustness.md and the methods of a report give them."""

from types import SimpleNamespace

THRESHOLDS = SimpleNamespace(
    min_share=0.25, dominant=0.5, min_ratio=2.0, high=0.75, moderate=0.5, low=0.25, isolated=0.99, concentrated=0.2,
    influential=0.5, expected=5.0, recurring=0.8, fragile=0.05,
)  # fmt: skip
