"""Heat demand against published results, and its engines against each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from layers.physics.hourly_oracle import largest_difference_w
from planner.parameters import FEWEST_DRAWS, RunConfig
from planner.validation.check import Check, Criterion, Options
from planner.validation.end_to_end import assess_examples, existing_examples
from planner.validation.examples import (
    RESULT,
    largest_errors,
    monthly_results_kwh_per_m2,
    read_examples,
    seasonal_results,
)
from planner.validation.golden import golden_path
from planner.validation.sample import (
    SEEDS,
    describe_sample,
    hourly_over_monthly_ratio,
    sample_sun,
    seed_spread_share,
)
from planner.validation.stock import BAND_SHARE, SECTORS, assess_stock, stock_countries

SUBJECT = "demand"
TABULA = "TABULA/EPISCOPE example buildings, IWU, CC BY 4.0"
STOCK = "MODERATE building stock EU27 2020, Eurac, CC BY 4.0"
OURSELVES = "the program itself"
EXAMPLES = "tabula/tabula_examples.csv.gz"
COUNTRIES = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "ES", "FR", "GB",
    "GR", "HU", "IE", "IT", "NL", "NO", "PL", "RS", "SE", "SI",
)  # fmt: skip
# how far a country's median may lie from the table's
LOWEST_RATIO, HIGHEST_RATIO = 0.75, 1.25


def _line(country: str) -> Criterion:
    name = f"boxes of the examples through the line, {country}, median of ours / theirs"
    return Criterion(SUBJECT, name, "ratio", TABULA, LOWEST_RATIO, HIGHEST_RATIO)


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
OF_EXAMPLES = (SEASONAL, INTERMEDIATE, MONTHLY_MEDIAN, MONTHLY_WITHIN)
LINE = {country: _line(country) for country in COUNTRIES}
LINE_LOCAL = Criterion(
    SUBJECT,
    "the same in local climate, countries whose median lies within 25 %",
    "share",
    TABULA,
    lowest=0.75,
)
HOURLY = Criterion(
    SUBJECT, "hourly / monthly method, year of the sample town", "ratio", OURSELVES, lowest=0.97, highest=1.03
)
SIMULATOR = Criterion(
    SUBJECT, "hourly method with air control, every hour, largest difference", "W",
    "RC_BuildingSimulator, ETH Zürich, MIT", highest=1e-6,
)  # fmt: skip
STOCK_MEDIAN = {
    sector: Criterion(
        SUBJECT, f"stock of 27 countries, {sector} as metered, median of ours / theirs", "ratio", STOCK,
        1.0 - BAND_SHARE, 1.0 + BAND_SHARE,
    )
    for sector in SECTORS
}  # fmt: skip
STOCK_WITHIN = Criterion(
    SUBJECT,
    "stock of 27 countries, residential, countries within the band of ±30 %",
    "share",
    STOCK,
    lowest=0.75,
)
SEEDS_P10, SEEDS_P90 = (
    Criterion(
        SUBJECT,
        f"{name} of districts and sample town, spread between seeds",
        "share",
        OURSELVES,
        highest=0.02,
    )
    for name in ("p10", "p90")
)
CRITERIA: tuple[Criterion, ...] = (
    *OF_EXAMPLES, SIMULATOR, HOURLY, SEEDS_P10, SEEDS_P90, *LINE.values(), LINE_LOCAL,
    *STOCK_MEDIAN.values(), STOCK_WITHIN,
)  # fmt: skip


def checks(options: Options) -> Iterator[Check]:
    """Yield the checks of heat demand; a table of the user's own asks for those of examples alone."""
    examples = read_examples(options.examples or golden_path(EXAMPLES))
    yield from check_examples(examples)
    if options.examples is None:
        yield from check_engines()
        yield from check_line(examples)
        yield from check_stock(options)


def check_examples(examples: pd.DataFrame) -> Iterator[Check]:
    """Yield what the seasonal and the monthly method make of example buildings."""
    count = f"{len(examples):,} rows"
    balance = seasonal_results(examples)
    errors = largest_errors(examples, balance)
    yield SEASONAL.check(errors[RESULT], count)
    others = errors.drop(RESULT)
    # a table without intermediate values has none that could be wrong
    worst = f"; largest in {others.idxmax()}" if len(others) and others.notna().all() else ""
    largest = others.max(skipna=False) if len(others) else 0.0
    yield INTERMEDIATE.check(largest, f"{len(others)} quantities{worst}")
    monthly = monthly_results_kwh_per_m2(examples, balance)
    published = examples[RESULT].to_numpy(dtype=np.float64)
    # an example that needs no heat has no relative deviation
    needs = published > 0.0
    deviation = np.abs(monthly[needs] / published[needs] - 1.0)
    yield MONTHLY_MEDIAN.check(float(np.median(deviation)) if needs.any() else 0.0, count)
    yield MONTHLY_WITHIN.check(float((deviation <= 0.15).mean()) if needs.any() else 1.0, count)


def check_engines() -> Iterator[Check]:
    """Yield the hourly method against its oracle and the monthly one, and the draws against other seeds."""
    zones, hours = (pd.read_csv(golden_path(f"rcbsim/{name}")) for name in ("zones.csv", "hours.csv.gz"))
    yield SIMULATOR.check(largest_difference_w(zones, hours), f"{len(zones)} zones × {len(hours):,} hours")
    config = RunConfig()
    city = describe_sample(config)
    sun = sample_sun(city, config)
    heated = int((city.buildings["heated_floor_area_m2"] > 0.0).sum())
    yield HOURLY.check(
        hourly_over_monthly_ratio(city, sun, config), f"{city.place.title}, {heated:,} buildings"
    )
    low, high = seed_spread_share(city, sun, config)
    note = (
        f"{config.draw_count} draws, {len(SEEDS)} seeds, largest of {len(city.districts)} districts and town"
    )
    yield SEEDS_P10.check(low, note)
    yield SEEDS_P90.check(high, note)


def check_line(examples: pd.DataFrame) -> Iterator[Check]:
    """Yield what the line makes of boxes of the examples, country by country."""
    config = RunConfig(draw_count=FEWEST_DRAWS)
    existing = existing_examples(examples)
    local = {}
    for country, criterion in LINE.items():
        found = assess_examples(existing[existing["Code_Country"] == country], config)
        tabled, town = found["tabled_ratio"], float(found["town_ratio"].median())
        local[country] = float(found["local_ratio"].median())
        note = (
            f"{len(found)} examples, 8 of 10 between {tabled.quantile(0.1):.2f} and "
            f"{tabled.quantile(0.9):.2f}; in local climate {local[country]:.2f}, also under the country's "
            f"own use {town:.2f}"
        )
        yield criterion.check(float(tabled.median()), note)
    within = {country: LOWEST_RATIO <= ratio <= HIGHEST_RATIO for country, ratio in local.items()}
    yield LINE_LOCAL.check(float(np.mean(list(within.values()))), _outside(local, within))


def check_stock(options: Options) -> Iterator[Check]:
    """Yield how the stocks of countries compare with a stock model."""
    found, standard = {}, {}
    for country in stock_countries():
        options.say(f"stock of {country}")
        table = assess_stock(country)
        found[country] = (table["expected_kwh_per_m2"] / table["published_kwh_per_m2"]).to_dict()
        standard[country] = (table["standard_kwh_per_m2"] / table["published_kwh_per_m2"]).to_dict()
    for sector, criterion in STOCK_MEDIAN.items():
        ratios = {country: ratio[sector] for country, ratio in found.items()}
        within = {country: abs(ratio - 1.0) <= BAND_SHARE for country, ratio in ratios.items()}
        as_standard = float(np.median([ratio[sector] for ratio in standard.values()]))
        note = f"under standard use {as_standard:.2f}; {_outside(ratios, within)}"
        yield criterion.check(float(np.median(list(ratios.values()))), note)
    homes = [abs(ratio["residential"] - 1.0) <= BAND_SHARE for ratio in found.values()]
    yield STOCK_WITHIN.check(float(np.mean(homes)), f"{sum(homes)} of {len(homes)}")


def _outside(ratios: dict[str, float], within: dict[str, bool]) -> str:
    """Return which countries lie outside, and how far."""
    listed = [f"{country} {ratio:.2f}" for country, ratio in ratios.items() if not within[country]]
    return f"outside: {', '.join(listed)}" if listed else "none outside"
