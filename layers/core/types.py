"""Names for the array types that the whole project passes around."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
# geometries and texts live in object arrays
ObjectArray = NDArray[np.object_]
AnyArray = NDArray[Any]
