"""Validation: published results reproduced, and the parts of the program held against each other."""

from __future__ import annotations

from planner.validation.check import Check, Criterion, Options

__all__ = ["Check", "Criterion", "Options"]
