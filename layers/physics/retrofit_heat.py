"""How much heat buildings need after a retrofit package, with the same balance as before it.

The balance of `layers.physics.building_heat` is called with the values after the measures; nothing else
changes. New windows let less sun in: where they would cost a building more sun than they keep heat, the
windows stay and the rest of the package is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from layers.core.errors import UsageProblem
from layers.core.retrofit_settings import Package, RetrofitParams
from layers.core.types import BoolArray, FloatArray, IntArray
from layers.physics.building_heat import Deviation, TypeValues, cooling_model, heat_model
from layers.physics.heat_draws import Demand, Drawn, HeatCase
from layers.physics.monthly import HeatModel, yearly_heat_kwh
from layers.physics.monthly_cooling import CoolingModel, yearly_cooling_kwh
from layers.physics.retrofit_measures import Measures, improved_types, worthwhile_measures

Model = TypeVar("Model", HeatModel, CoolingModel)
# the name of the demand before any package, and what goes before the names of demands for cold
NOW = "now"
COLD = "cold:"


@dataclass(frozen=True)
class Summer:
    """What cooling needs to know beside the heat.

    Attributes
    ----------
    set_point_c : (k,) array
        Cooling set-point of each archetype.
    sun_protection_ratio : float
        What blinds leave of the sun.
    """

    set_point_c: FloatArray
    sun_protection_ratio: float


@dataclass(frozen=True)
class After:
    """n buildings after one package.

    Attributes
    ----------
    space_heat_kwh : (n,) array
        Useful heat for the rooms under standard use.
    measures : Measures of n buildings
        What is done to each.
    keeps_windows : (n,) array of bool
        Where new windows would do more harm than good.
    """

    space_heat_kwh: FloatArray
    measures: Measures
    keeps_windows: BoolArray

    def take(self, rows: IntArray) -> After:
        """Return some buildings."""
        return After(self.space_heat_kwh[rows], self.measures.take(rows), self.keeps_windows[rows])


def space_heat_kwh(case: HeatCase, types: TypeValues) -> FloatArray:
    """Return the yearly heat for the rooms of buildings with such values."""
    model = heat_model(case.bodies, types)
    return yearly_heat_kwh(model, case.solar_gain_kwh, case.climate.temperature_c, types.window_g_ratio)


def after_package(case: HeatCase, package: Package, params: RetrofitParams) -> After:
    """Return n buildings after one package, the base case of `case` being before it."""
    now = case.types.take(case.codes)
    done = worthwhile_measures(case.types, package, params).take(case.codes)

    def heat(measures: Measures) -> FloatArray:
        return space_heat_kwh(case, improved_types(now, measures, package, params))

    heat_kwh = heat(done)
    darker = done.window & (package.window_g_ratio < now.window_g_ratio)
    if not darker.any():
        return After(heat_kwh, done, np.zeros(len(case.ids), dtype=bool))
    kept_kwh = heat(done.without_windows(darker))
    keeps = darker & (kept_kwh < heat_kwh)
    return After(np.where(keeps, kept_kwh, heat_kwh), done.without_windows(keeps), keeps)


def package_demands(
    case: HeatCase,
    after: Mapping[str, After],
    mean_ratio: float,
    params: RetrofitParams,
    summer: Summer | None = None,
) -> dict[str, Demand]:
    """Return the heat for the rooms now and after each package as demands that can be drawn.

    With `summer` also the cold, under the names of the heat behind `COLD`.

    A draw changes the elements as they were found; the insulation that is added is known. Where a draw says
    that a building is of another period, the measures are those which that period needs. All demands of a
    draw are balanced in one call: many small calls of the compiled loop would wait for each other.

    Parameters
    ----------
    case : HeatCase
        The buildings that are drawn, all in one tile.
    after : mapping of After by package
        Of the same buildings.
    mean_ratio : float
        What the heat is divided by, as in the heat demand.
    """
    chosen = {name: params.package(name) for name in after}
    by_type = {name: worthwhile_measures(case.types, package, params) for name, package in chosen.items()}
    balanced: dict[str, FloatArray] = {}

    def now(tile: HeatCase, drawn: Drawn, _: Mapping[str, FloatArray]) -> FloatArray:
        found = _found_types(drawn.types, drawn.deviation)
        types = {NOW: found}
        for name, one in after.items():
            done = by_type[name].take(drawn.codes).without_windows(one.keeps_windows)
            types[name] = improved_types(found, done, chosen[name], params)
        plain = replace(drawn.deviation, u_ratio=1.0, window_u_ratio=1.0)
        models = [heat_model(tile.bodies, each, plain) for each in types.values()]
        glass = np.concatenate([drawn.sun_ratio * each.window_g_ratio for each in types.values()])
        sun = np.tile(tile.solar_gain_kwh, (len(types), 1))
        heat = yearly_heat_kwh(_joined(models), sun, drawn.temperature_c, glass) / mean_ratio
        balanced.update(zip(types, np.split(heat, len(types)), strict=True))
        if summer is not None:
            warmer_k = drawn.typed("cooling_set_point") * tile.widths.set_point_k
            point_c = summer.set_point_c[drawn.codes]
            warm = [cooling_model(tile.bodies, each, point_c, plain, warmer_k) for each in types.values()]
            glass = glass * summer.sun_protection_ratio
            cold = yearly_cooling_kwh(_joined(warm), sun, drawn.temperature_c, glass)
            balanced.update(zip((COLD + name for name in types), np.split(cold, len(types)), strict=True))
        return balanced[NOW]

    def later(name: str) -> Demand:
        return lambda tile, drawn, known: balanced[name]

    names = [*after, *(COLD + name for name in (NOW, *after) if summer is not None)]
    return {NOW: now, **{name: later(name) for name in names}}


def _joined(models: list[Model]) -> Model:
    """Return one model of all buildings of several models, one after the other."""
    kind = type(models[0])
    return kind(*(np.concatenate([getattr(one, each.name) for one in models]) for each in fields(kind)))


def _found_types(types: TypeValues, deviation: Deviation) -> TypeValues:
    """Return the values with a draw's U-values."""
    opaque, glass = deviation.u_ratio, deviation.window_u_ratio
    return replace(
        types,
        u_wall_w_per_m2_k=types.u_wall_w_per_m2_k * opaque,
        u_roof_w_per_m2_k=types.u_roof_w_per_m2_k * opaque,
        u_floor_w_per_m2_k=types.u_floor_w_per_m2_k * opaque,
        thermal_bridge_w_per_m2_k=types.thermal_bridge_w_per_m2_k * opaque,
        u_window_w_per_m2_k=types.u_window_w_per_m2_k * glass,
    )


def stock_heat_kwh(before_kwh: FloatArray, after_kwh: FloatArray, done_share: FloatArray) -> FloatArray:
    """Return the heat of buildings of which shares have had a package: before − Σ share (before − after).

    For scenarios: the shares of a year are what was done in all years until then.

    Parameters
    ----------
    before_kwh : (n,) array
    after_kwh : (n, p) array
        After each of p packages.
    done_share : (p,) or (n, p) array
        Share of the buildings that have had each package; together at most 1.

    Raises
    ------
    UsageProblem
        When shares are negative or more than 1 together.

    Examples
    --------
    A tenth of the stock each year saves half: after three years 15 % less.

    >>> stock_heat_kwh(np.array([100.0]), np.array([[50.0]]), np.array([0.3]))
    array([85.])
    """
    share = np.broadcast_to(np.asarray(done_share, dtype=np.float64), after_kwh.shape)
    if (share < 0.0).any() or (share.sum(axis=1) > 1.0 + 1e-9).any():
        raise UsageProblem(
            f"the shares of retrofitted buildings go from {share.min():g} to {share.sum(axis=1).max():g} "
            "in all; each must be 0 or more and all together at most 1."
        )
    return np.asarray(before_kwh - (share * (before_kwh[:, None] - after_kwh)).sum(axis=1))
