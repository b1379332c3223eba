"""Which retrofit package a building qualifies for, which one is chosen, and in which order savings come.

A building qualifies for a package when something is done that saves enough of its heat, and when heritage
rules do not stand against insulation outside its walls. Of the packages for which it qualifies, the one with
the lowest yearly cost per saved kWh is chosen among those that save `choice_saving_share`; where none saves
so much, among all. Between equal costs the larger saving wins.
"""

from __future__ import annotations

import numpy as np

from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray

STATUSES = ("unheated", "no_need", "check_first", "possible")


def cost_per_kwh(yearly_eur: FloatArray, saving_kwh: FloatArray) -> FloatArray:
    """Return the yearly cost over the yearly saving; NaN where nothing is saved.

    Examples
    --------
    >>> cost_per_kwh(np.array([100.0, 100.0]), np.array([1000.0, 0.0]))
    array([0.1, nan])
    """
    out = np.full(np.shape(saving_kwh), np.nan)
    np.divide(yearly_eur, saving_kwh, out=out, where=saving_kwh > 0.0)
    return out


def choose_package(
    eur_per_kwh: FloatArray,
    saving_share: FloatArray,
    qualifies: BoolArray,
    considered: BoolArray,
    choice_saving_share: float,
) -> IntArray:
    """Return the position of the package that is chosen for each building, -1 for none.

    Parameters
    ----------
    eur_per_kwh, saving_share : (p, n) arrays
    qualifies : (p, n) array of bool
    considered : (p,) array of bool
        Packages from which a choice is made.

    Examples
    --------
    The roof is cheapest but saves too little; of the other two the cheaper one is taken.

    >>> costs = np.array([[0.05], [0.12], [0.15]])
    >>> shares = np.array([[0.1], [0.4], [0.6]])
    >>> choose_package(costs, shares, np.ones((3, 1), bool), np.ones(3, bool), 0.2)
    array([1])
    """
    possible = qualifies & considered[:, None]
    enough = possible & (saving_share >= choice_saving_share)
    is_enough = np.logical_or.reduce(enough, axis=0)
    candidates = np.where(is_enough[None, :], enough, possible)
    price = np.where(candidates, eur_per_kwh, np.inf)
    cheapest = candidates & (price <= price.min(axis=0, initial=np.inf)[None, :])
    best = np.argmax(np.where(cheapest, saving_share, -np.inf), axis=0)
    return np.where(possible.any(axis=0), best, -1).astype(np.int64)


def retrofit_status(
    heated: BoolArray, protected: BoolArray, works: BoolArray, qualifies: BoolArray
) -> ObjectArray:
    """Return what is to be said of each building; `works` and `qualifies` are (p, n) arrays.

    Examples
    --------
    >>> flags = [np.array(one) for one in ([True, False], [False, False])]
    >>> retrofit_status(*flags, np.array([[True, False]]), np.array([[True, False]])).tolist()
    ['possible', 'unheated']
    """
    status = np.where(qualifies.any(axis=0), "possible", "no_need").astype(object)
    status = np.where(protected & works.any(axis=0), "check_first", status)
    return np.where(heated, status, "unheated").astype(object)


def saving_curve(
    saving_kwh: FloatArray, yearly_eur: FloatArray, investment_eur: FloatArray, most_count: int
) -> tuple[FloatArray, FloatArray, FloatArray, IntArray]:
    """Return how much is saved below which cost: buildings in the order of their cost per saved kWh.

    Parameters
    ----------
    saving_kwh, yearly_eur, investment_eur : (n,) arrays
        Of buildings that save something.
    most_count : int
        Steps that are given back; they divide the saving evenly, the last one is the whole.

    Returns
    -------
    saving_kwh, eur_per_kwh, investment_eur, building_count : (m,) arrays
        Saving, investment and buildings up to and with each step, and the cost there.

    Examples
    --------
    >>> saving_curve(np.array([10.0, 30.0]), np.array([4.0, 3.0]), np.array([40.0, 60.0]), 10)
    (array([30., 40.]), array([0.1, 0.4]), array([ 60., 100.]), array([1, 2]))
    """
    price = cost_per_kwh(yearly_eur, saving_kwh)
    # larger savings first among equal costs: the order of rows does not show
    order = np.lexsort((investment_eur, -saving_kwh, price))
    total = np.cumsum(saving_kwh[order])
    spent = np.cumsum(investment_eur[order])
    if len(order) > most_count:
        wanted = np.linspace(0.0, total[-1], most_count + 1)[1:]
        steps = np.unique(np.minimum(np.searchsorted(total, wanted), len(order) - 1))
    else:
        steps = np.arange(len(order))
    return total[steps], price[order][steps], spent[steps], steps + 1
