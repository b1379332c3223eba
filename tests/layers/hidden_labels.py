"""Hide what is known of some buildings, block by block, and look whether the truth lies in their ranges."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers.attributes import add_attributes, learn_attributes
from layers.physics.imputation import spatial_folds

TAGS = {
    "storey_count": ("tagged_storey_count", "tagged_height_m"),
    "height_m": ("tagged_height_m", "tagged_storey_count"),
    "construction_year": ("tagged_first_year", "tagged_last_year"),
}
ENDS = {
    "storey_count": ("storey_p10_count", "storey_p90_count"),
    "height_m": ("height_p10_m", "height_p90_m"),
    "construction_year": ("construction_p10_year", "construction_p90_year"),
}
WIDEST_DATED_RANGE = 20


def truth(buildings, name):
    """Return what is known of an attribute, NaN where nothing is."""
    if name == "construction_year":
        first, last = (buildings[column].to_numpy(dtype=float) for column in TAGS[name])
        return np.where(last - first <= WIDEST_DATED_RANGE, (first + last) / 2.0, np.nan)
    return buildings[TAGS[name][0]].to_numpy(dtype=float)


def hidden_ranges(parts, stock, name, *, fold_count=4, block_m=300.0, shift_m=0.0, true=None):
    """Return one row per hidden heated building: its true value and the range that was found without it."""
    buildings, landuse, points = parts
    known = truth(buildings, name) if true is None else np.asarray(true, dtype=float)
    labelled = ~np.isnan(known)
    center = buildings.geometry.centroid
    fold = np.full(len(buildings), -1)
    fold[labelled] = spatial_folds(
        center.x.to_numpy()[labelled] + shift_m, center.y.to_numpy()[labelled] + shift_m, block_m, fold_count
    )
    rows = []
    for number in range(fold.max() + 1):
        out = fold == number
        blind = buildings.copy()
        for column in set(TAGS[name]) & set(blind.columns):
            blind.loc[out, column] = np.nan
        model = learn_attributes(blind, landuse, points, stock)
        found = add_attributes(blind, landuse, points, model)
        low, high = (found[column].to_numpy(dtype=float)[out] for column in ENDS[name])
        method = model.quality.set_index("attribute").loc[name, "method"]
        part = pd.DataFrame({"true": known[out], "low": low, "high": high, "method": method})
        rows.append(part[found["heated"].to_numpy()[out]])
    return pd.concat(rows)


def held_share(rows):
    """Return the share of true values inside their ranges."""
    return float(((rows["true"] >= rows["low"] - 1e-9) & (rows["true"] <= rows["high"] + 1e-9)).mean())
