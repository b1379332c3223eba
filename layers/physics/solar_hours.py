"""The power of all modules of a district, hour by hour, shade included.

Planes are not simulated one by one. Each is divided among the four table entries round it (tilt and azimuth
in steps of 10°, bilinear); for each entry a district has a map of the sky that says how much power sees the
sun at every direction and height (36 × 90 cells). In an hour the sun stands in one cell, so the beam's share
is read off, and an hour of a district costs one product an entry. It is the same sum as over single roofs
with the horizons that the yearly yields were computed with.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from layers.core.types import FloatArray, IntArray
from layers.core.weather import HOURS_PER_YEAR
from layers.physics.irradiance import (
    AZIMUTHS_DEG,
    DIRECTION_COUNT,
    HEIGHTS_DEG,
    TILTS_DEG,
    PlaneParams,
    SunnyHours,
    corner_weights,
    plane_hours,
    sun_cells,
)
from layers.physics.panels import Panels
from layers.physics.shading import sky_shares

W_PER_KW = 1000.0
LEVELS = len(HEIGHTS_DEG) - 1
CELLS = DIRECTION_COUNT * LEVELS


@njit(cache=True)
def _deal(
    planes: IntArray,
    weight: FloatArray,
    nodes: IntArray,
    corner: FloatArray,
    horizons: FloatArray,
    first: IntArray,
    count: IntArray,
    open_sky: FloatArray,
    seen: FloatArray,
    sky: FloatArray,
    ground: FloatArray,
) -> None:
    """Add planes to the maps of their entries: power that sees each cell, the sky, the ground."""
    directions = horizons.shape[1]
    for plane in planes:
        for c in range(4):
            part = weight[plane] * corner[plane, c]
            if part == 0.0:
                continue
            node = nodes[plane, c]
            sky[node] += part * open_sky[plane]
            ground[node] += part
            each = part / count[plane]
            for view in range(first[plane], first[plane] + count[plane]):
                for k in range(directions):
                    below = int(horizons[view, k])
                    cut = horizons[view, k] - below
                    # differences along the height; their running sum is what sees each cell
                    seen[node, k, below] += each * (1.0 - cut)
                    seen[node, k, below + 1] += each * cut
    for node in range(seen.shape[0]):
        if ground[node] > 0.0:
            for k in range(seen.shape[1]):
                for level in range(1, seen.shape[2]):
                    seen[node, k, level] += seen[node, k, level - 1]


@njit(cache=True)
def _add_hours(
    seen: FloatArray,
    sky: FloatArray,
    ground: FloatArray,
    cell: IntArray,
    beam_w: FloatArray,
    sky_w: FloatArray,
    ground_w: FloatArray,
    out: FloatArray,
) -> None:
    """Add the power of one district's entries in every hour with light."""
    levels = seen.shape[2] - 1
    for node in range(len(ground)):
        if ground[node] <= 0.0:
            continue
        for t in range(len(cell)):
            visible = seen[node, cell[t] // levels, cell[t] % levels]
            power = beam_w[node, t] * visible + sky_w[node, t] * sky[node]
            out[t] += power + ground_w[node, t] * ground[node]


def node_hours_w(
    hours: SunnyHours, params: PlaneParams, snow_share: FloatArray, rows: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the power of 1 kWp on each table entry, by origin of its light; (entries, hours) arrays.

    Only the rows of tilts that are asked for are filled.
    """
    shape = (len(TILTS_DEG), len(AZIMUTHS_DEG), len(hours.month))
    parts = tuple(np.zeros(shape) for _ in range(3))
    for row in rows:
        planes = plane_hours(hours, float(TILTS_DEG[row]), AZIMUTHS_DEG, params)
        free = 1.0 - snow_share[row][hours.month]
        for part, power in zip(
            parts, (planes.beam_power_w, planes.sky_power_w, planes.ground_power_w), strict=True
        ):
            part[row] = power * free
    beam, sky, ground = (part.reshape(-1, shape[2]) for part in parts)
    return beam, sky, ground


def group_hours_kw(
    panels: Panels,
    weight_share: FloatArray,
    group: IntArray,
    group_count: int,
    hours: SunnyHours,
    params: PlaneParams,
) -> FloatArray:
    """Return the power of groups of buildings in every hour of the year.

    Parameters
    ----------
    panels : Panels
    weight_share : (buildings,) array
        Share of each building's technical power that counts.
    group : (buildings,) array
        Number of each building's group.
    group_count : int
    hours : SunnyHours
        With `hour`.
    params : PlaneParams

    Returns
    -------
    (8760, group_count) array
    """
    rows, columns, corner = corner_weights(panels.tilt_deg, panels.azimuth_deg)
    nodes = np.ascontiguousarray(rows * len(AZIMUTHS_DEG) + columns, dtype=np.int64)
    first, count = panels.first_view, panels.view_count
    horizons = np.ascontiguousarray(np.clip(panels.horizons_deg, 0.0, LEVELS - 1e-9), dtype=np.float64)
    weight = panels.power_kwp * weight_share[panels.building]
    open_sky = sky_shares(horizons, first, count, panels.tilt_deg, panels.azimuth_deg)
    beam_w, sky_w, ground_w = node_hours_w(hours, params, panels.snow_share, np.unique(rows[corner > 0.0]))
    cell = sun_cells(hours)
    assert hours.hour is not None
    out = np.zeros((group_count, HOURS_PER_YEAR))
    order = np.argsort(group[panels.building], kind="stable")
    ends = np.searchsorted(group[panels.building][order], np.arange(group_count + 1))
    entries = len(TILTS_DEG) * len(AZIMUTHS_DEG)
    for number in range(group_count):
        chosen = order[ends[number] : ends[number + 1]]
        if not len(chosen):
            continue
        seen = np.zeros((entries, DIRECTION_COUNT, LEVELS + 1))
        sky, ground, power = np.zeros(entries), np.zeros(entries), np.zeros(len(cell))
        _deal(chosen, weight, nodes, corner, horizons, first, count, open_sky, seen, sky, ground)
        _add_hours(seen, sky, ground, cell, beam_w, sky_w, ground_w, power)
        out[number, hours.hour] = power / W_PER_KW
    return np.ascontiguousarray(out.T)
