"""Heat demand against published results, and its engines against each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from planner.validation.check import Check, Criterion, Options
from planner.validation.examples import (
    RESULT,
    largest_errors,
    monthly_results_kwh_per_m2,
    read_examples,
    seasonal_results,
)
from planner.validation.golden import golden_path

SUBJECT = "demand"
TABULA = "TABULA/EPISCOPE example buildings, IWU, CC BY 4.0"
EXAMPLES = "tabula/tabula_examples.csv.gz"

SEASONAL = Criterion(
    SUBJECT, "seasonal method, heat need of every example, largest error", "kWh/m²", TABULA, highest=1e-6
)
INTERMEDIATE = Criterion(
    SUBJECT, "seasonal method, every intermediate value, largest error", "own units", TABULA, highest=1e-6
)
MONTHLY_MEDIAN = Criterion(
    SUBJECT, "monthly method on the examples' climate, median deviation", "share", TABULA, highest=0.05
)
MONTHLY_WITHIN = Criterion(
    SUBJECT, "monthly method on the examples' climate, rows within 15 %", "share", TABULA, lowest=0.9
)
CRITERIA: tuple[Criterion, ...] = (SEASONAL, INTERMEDIATE, MONTHLY_MEDIAN, MONTHLY_WITHIN)


def checks(options: Options) -> Iterator[Check]:
    """Yield the checks of heat demand; a table of the user's own asks for those of examples alone."""
    examples = read_examples(options.examples or golden_path(EXAMPLES))
    yield from check_examples(examples)


def check_examples(examples: pd.DataFrame) -> Iterator[Check]:
    """Yield what the seasonal and the monthly method make of example buildings."""
    count = f"{len(examples):,} rows"
    balance = seasonal_results(examples)
    errors = largest_errors(examples, balance)
    yield SEASONAL.check(errors[RESULT], count)
    others = errors.drop(RESULT)
    # a table without intermediate values has none that could be wrong
    worst = f"; largest in {others.idxmax()}" if len(others) and others.notna().all() else ""
    yield INTERMEDIATE.check(
        others.max(skipna=False) if len(others) else 0.0, f"{len(others)} quantities{worst}"
    )
    monthly = monthly_results_kwh_per_m2(examples, balance)
    published = examples[RESULT].to_numpy(dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        deviation = np.abs(monthly / published - 1.0)
    yield MONTHLY_MEDIAN.check(float(np.median(deviation)), count)
    yield MONTHLY_WITHIN.check(float((deviation <= 0.15).mean()), count)
