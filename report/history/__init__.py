"""Snapshots: the results of dated builds, kept for comparison. docs/snapshots.md says what is kept and what for."""

from report.history.settings import SnapshotSettings

__all__ = ["SnapshotSettings"]
