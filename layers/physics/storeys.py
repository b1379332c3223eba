"""Storeys, heights and sizes of dwellings by rule, as arrays.

These rules speak where a place has no labels of its own to learn from. A house is taken to have the
floor area that houses usually have, so that a small footprint means two storeys and a large one one;
what is not a house has the storeys that its use usually has where it is, or is not, densely built.
"""

from __future__ import annotations

import numpy as np

from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray

# most storeys that a house of one family gets by rule
_MOST_HOUSE_STOREYS = 2.0
# from this many storeys on a residential building is never one family's house
_BLOCK_STOREYS = 3.5
_TOWN_HOUSE_STOREYS = 2.75
# nobody stacks flats below this: a large dwelling on one floor is a row of houses
_FLAT_STOREYS = 1.75


def house_storeys(footprint_m2: FloatArray, gross_area_m2: float) -> FloatArray:
    """Return the storeys on which a house of the usual floor area stands.

    Examples
    --------
    >>> house_storeys(np.array([80.0, 150.0, 20.0]), 160.0)
    array([2., 1., 2.])
    """
    storeys = np.round(gross_area_m2 / np.maximum(footprint_m2, 1.0))
    return np.asarray(np.clip(storeys, 1.0, _MOST_HOUSE_STOREYS), dtype=np.float64)


def house_range(
    footprint_m2: FloatArray,
    gross_area_m2: tuple[float, float, float],
    storey_count: tuple[float, float, float],
) -> FloatArray:
    """Return (n, 3) usual, low and high storeys of houses.

    The usual storeys follow from the footprint. A large footprint alone does not make it sure that a
    house has one storey: the ends of the range are at least those that houses have anywhere.

    Parameters
    ----------
    footprint_m2 : (n,) array
    gross_area_m2, storey_count : (usual, low, high)
        Floor area and storeys of a house.

    Examples
    --------
    >>> house_range(np.array([220.0]), (160.0, 123.0, 238.0), (2.0, 1.0, 2.0))
    array([[1., 1., 2.]])
    """
    found = np.column_stack([house_storeys(footprint_m2, gross) for gross in gross_area_m2])
    found[:, 1] = np.minimum(found[:, 1], storey_count[1])
    found[:, 2] = np.maximum(found[:, 2], storey_count[2])
    return found


def is_row_house(
    box_length_m: FloatArray,
    box_width_m: FloatArray,
    *,
    shortest_row_m: float,
    least_elongation_ratio: float,
    widest_m: float = 16.0,
) -> BoolArray:
    """Say which outlines look like a row of terraced houses drawn as one building.

    Examples
    --------
    >>> is_row_house(np.array([40.0, 12.0, 60.0]), np.array([10.0, 10.0, 25.0]),
    ...              shortest_row_m=22.0, least_elongation_ratio=2.2)
    array([ True, False, False])
    """
    long_enough = box_length_m >= np.maximum(shortest_row_m, least_elongation_ratio * box_width_m)
    return np.asarray(long_enough & (box_width_m <= widest_m), dtype=bool)


def residential_size(
    storey_count: FloatArray,
    footprint_m2: FloatArray,
    shared_wall_share: FloatArray,
    is_row: BoolArray,
    *,
    largest_house_m2: float,
    least_shared_share: float,
) -> ObjectArray:
    """Return the size class of residential buildings.

    From four storeys on it is an apartment building. A house of three storeys is a town house when it
    is small, else an apartment building. Of the lower ones, rows, houses wedged between others and large
    ones on one floor are terraced, small ones single, and what is left holds several families.

    Examples
    --------
    A tower, a cottage, a row and a house between two others:

    >>> residential_size(np.array([8.0, 1.0, 2.0, 2.0]), np.array([400.0, 110.0, 420.0, 60.0]),
    ...                  np.array([0.0, 0.0, 0.0, 0.6]), np.array([False, False, True, False]),
    ...                  largest_house_m2=300.0, least_shared_share=0.3).tolist()
    ['residential_multi', 'residential_single', 'residential_terraced', 'residential_terraced']
    """
    wedged = shared_wall_share >= least_shared_share
    high = storey_count >= _TOWN_HOUSE_STOREYS
    # a town house of three storeys stands on half the ground that the largest house may take
    limit_m2 = np.where(high, largest_house_m2 / 2.0, largest_house_m2)
    small = footprint_m2 <= limit_m2
    size = np.full(len(storey_count), "residential_multi", dtype=object)
    size[small] = "residential_single"
    is_row_of_houses = is_row & ~high & (footprint_m2 >= largest_house_m2 / 2.0)
    is_spread_out = ~small & (storey_count < _FLAT_STOREYS)
    size[(small & wedged) | is_row_of_houses | is_spread_out] = "residential_terraced"
    size[storey_count >= _BLOCK_STOREYS] = "residential_multi"
    return size


def rule_storeys(
    use_code: IntArray,
    is_dense: BoolArray,
    is_house: BoolArray,
    house: FloatArray,
    dense_count: FloatArray,
    sparse_count: FloatArray,
) -> FloatArray:
    """Return (n, 3) usual, low and high storeys.

    Parameters
    ----------
    use_code : (n,) array
        Positions in `USES`.
    is_dense, is_house : (n,) arrays
        Where it is densely built; what looks like one house or a row.
    house : (n, 3) array
        Usual, low and high storeys of a house with this footprint.
    dense_count, sparse_count : (uses, 3) arrays
        Usual, low and high storeys of each use.
    """
    by_use = np.where(is_dense[:, None], dense_count[use_code], sparse_count[use_code])
    return np.asarray(np.where(is_house[:, None], house, by_use), dtype=np.float64)


def eaves_height_m(
    storey_count: FloatArray, floor_height_m: FloatArray, plinth_height_m: float
) -> FloatArray:
    """Return the height of the walls above ground.

    Examples
    --------
    >>> eaves_height_m(np.array([2.0]), np.array([2.8]), 0.4)
    array([6.])
    """
    return np.asarray(plinth_height_m + storey_count * floor_height_m, dtype=np.float64)


def roof_rise_m(
    height_m: FloatArray,
    width_m: FloatArray,
    is_pitched: BoolArray,
    known_rise_m: FloatArray,
    known_angle_deg: FloatArray,
    angle_deg: float,
    highest_share: float = 0.5,
) -> FloatArray:
    """Return how much of a total height is roof.

    A known rise counts as it is; else a pitched roof rises over half the width at its angle. It never
    takes more than a part of the height.

    Examples
    --------
    >>> nothing = np.array([np.nan])
    >>> roof_rise_m(np.array([9.0]), np.array([10.0]), np.array([True]), nothing, nothing, 45.0).round(2)
    array([4.5])
    >>> roof_rise_m(np.array([9.0]), np.array([10.0]), np.array([False]), nothing, nothing, 45.0)
    array([0.])
    """
    slope = np.tan(np.radians(np.where(np.isnan(known_angle_deg), angle_deg, known_angle_deg)))
    by_angle = np.where(is_pitched, slope * width_m / 2.0, 0.0)
    rise = np.where(np.isnan(known_rise_m), by_angle, known_rise_m)
    return np.asarray(np.minimum(rise, highest_share * height_m), dtype=np.float64)


def storeys_in_height(
    height_m: FloatArray, floor_height_m: FloatArray, plinth_height_m: float, is_hall: BoolArray
) -> FloatArray:
    """Return the storeys that fit below the eaves; a hall has one, however high it is.

    Examples
    --------
    >>> storeys_in_height(np.array([9.0, 9.0]), np.array([3.0, 3.0]), 0.3, np.array([False, True]))
    array([3., 1.])
    """
    fits = np.maximum(np.round((height_m - plinth_height_m) / floor_height_m), 1.0)
    return np.asarray(np.where(is_hall, 1.0, fits), dtype=np.float64)


def height_spread_m(storeys: FloatArray, floor_height_m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return how far the height may lie below and above the usual one.

    Parameters
    ----------
    storeys, floor_height_m : (n, 3) arrays
        Usual, low and high. Their deviations are independent, so their squares add up.

    Examples
    --------
    >>> below, above = height_spread_m(np.array([[2.0, 2.0, 3.0]]), np.array([[3.0, 2.5, 3.0]]))
    >>> below.tolist(), above.tolist()
    ([1.0], [3.0])
    """
    usual = storeys[:, 0] * floor_height_m[:, 0]
    by_storeys = storeys * floor_height_m[:, [0]] - usual[:, None]
    by_floor = storeys[:, [0]] * floor_height_m - usual[:, None]
    spread = np.sqrt(by_storeys**2 + by_floor**2)
    return spread[:, 1], spread[:, 2]
