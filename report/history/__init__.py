"""Snapshots: the results of dated builds, kept for comparison. docs/snapshots.md says what is kept and what for."""

from .folder import SnapshotSettings

__all__ = ["SnapshotSettings"]
