"""Chance, seeded once: shared factors and each building's own part.

Every uncertain quantity is split into a part that all buildings of a run share (the country's
U-values are all a little too high, or all too low) and a building's own part. With own parts only,
a city's total would look certain while every building is not. Both parts are made from hashes of
names and ids, never from the order of rows, so that tiles, sorting and subsets change nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from layers.core.types import FloatArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def _mix(state: np.ndarray) -> np.ndarray:
    """Scramble 64-bit states (the SplitMix64 finaliser; Steele, Lea and Flood 2014)."""
    mixed = (state ^ (state >> np.uint64(30))) * _MIX_1
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX_2
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), dtype=np.uint64)


def _name_key(seed: int, name: str) -> np.uint64:
    digest = hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def _normals(state: np.ndarray) -> FloatArray:
    """Turn scrambled states into standard normal numbers by the inverse distribution."""
    uniform = ((state >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53
    return np.asarray(ndtri(uniform), dtype=np.float64)


def hash_ids(ids: pd.Index) -> np.ndarray:
    """Return one stable 64-bit hash per id, equal on every machine."""
    return np.asarray(pd.util.hash_array(ids.astype(str).to_numpy(dtype=object)), dtype=np.uint64)


@dataclass(frozen=True)
class Draws:
    """A seeded source of standard normal numbers for `count` Monte Carlo draws."""

    seed: int = 1
    count: int = 200

    def shared(self, name: str) -> FloatArray:
        """Return the draws of a factor that all buildings share.

        Returns
        -------
        (count,) array
            Standard normal numbers, the same for the same seed and name.

        Examples
        --------
        >>> draws = Draws(seed=1, count=3)
        >>> bool((draws.shared("u_value:DE") == draws.shared("u_value:DE")).all())
        True
        """
        with np.errstate(over="ignore"):
            steps = np.arange(1, self.count + 1, dtype=np.uint64) * _GOLDEN
            return _normals(_mix(_name_key(self.seed, name) + steps))

    def shared_evenly(self, name: str) -> FloatArray:
        """Return the draws of a shared factor, one from each of `count` equally likely parts.

        A few hundred independent draws miss the middle of a city's total by more than one percent;
        these do not, because every part of the distribution is hit once, in an order that depends on
        seed and name (Latin hypercube sampling; McKay, Beckman and Conover 1979).

        Returns
        -------
        (count,) array
            Standard normal numbers.

        Examples
        --------
        >>> from scipy.special import ndtr
        >>> draws = Draws(seed=1, count=4)
        >>> np.sort(np.floor(4 * ndtr(draws.shared_evenly("u_value:DE")))).astype(int).tolist()
        [0, 1, 2, 3]
        """
        with np.errstate(over="ignore"):
            steps = np.arange(1, self.count + 1, dtype=np.uint64) * _GOLDEN
            order = _mix(_name_key(self.seed, f"{name}#order") + steps)
            within = _mix(_name_key(self.seed, f"{name}#within") + steps)
        part = np.empty(self.count)
        part[np.argsort(order, kind="stable")] = np.arange(self.count)
        inside = ((within >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53
        return np.asarray(ndtri((part + inside) / self.count), dtype=np.float64)

    def shared_along(self, weights: Mapping[str, float]) -> dict[str, FloatArray]:
        """Return draws of several shared factors of which one weighted sum is met evenly.

        The factors are standard normal and independent, as `shared_evenly` gives them, but turned
        together, so that the `count` equally likely parts are those of their weighted sum. Where a total
        answers mostly to that sum, its p10 and p90 need far fewer draws. Turning changes no distribution,
        whatever the weights; they only decide which sum is met evenly.

        Parameters
        ----------
        weights : mapping of name to number
            By how much a total answers to one standard deviation of each factor; not all zero.

        Returns
        -------
        dict of (count,) arrays

        Examples
        --------
        >>> from scipy.special import ndtr
        >>> found = Draws(seed=1, count=4).shared_along({"u_value": 3.0, "set_point": 4.0})
        >>> total = (3.0 * found["u_value"] + 4.0 * found["set_point"]) / 5.0
        >>> np.sort(np.floor(4 * ndtr(total))).astype(int).tolist()
        [0, 1, 2, 3]
        """
        direction = np.array(list(weights.values()), dtype=np.float64)
        direction = direction / np.sqrt((direction**2).sum())
        even = np.array([self.shared_evenly(name) for name in weights])
        # the mirror image (Householder 1958) that takes the first axis to the direction
        mirror = -direction
        mirror[0] += 1.0
        length = float(mirror @ mirror)
        if length > 0.0:
            even = even - np.outer(mirror, 2.0 / length * (mirror @ even))
        return dict(zip(weights, even, strict=True))

    def own(self, ids: pd.Index, name: str, draw: int) -> FloatArray:
        """Return each building's own part of a factor in one draw.

        Parameters
        ----------
        ids : Index of n ids
        name : str
            Name of the factor.
        draw : int
            Number of the draw, from 0 to `count` - 1.

        Returns
        -------
        (n,) array
            Standard normal numbers that depend on seed, name, draw and id only.
        """
        return self.own_from_hashes(hash_ids(ids), name, draw)

    def own_from_hashes(self, hashes: np.ndarray, name: str, draw: int) -> FloatArray:
        """Return the same as `own` for ids that were hashed before.

        The second half of the draws mirrors the first, so that own parts add nothing to a mean.
        """
        half = self.count // 2
        mirrored = draw >= half and draw < 2 * half
        with np.errstate(over="ignore"):
            key = _name_key(self.seed, f"{name}#{draw - half if mirrored else draw}")
            drawn = _normals(_mix(hashes * _GOLDEN + key))
        return -drawn if mirrored else drawn
