"""Put a finished folder in the place of an older one in a single step, where the system can.

Two renames one after the other leave a moment without any result; a program that is killed in that
moment would take the older result with it. Linux and macOS exchange two names at once.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path

# of Linux' renameat2 and macOS' renamex_np
_RENAME_EXCHANGE = 2
_RENAME_SWAP = 2
_HERE = -100
# the system, or the file system, has no such call
_UNKNOWN = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM}


def exchange(one: Path, other: Path) -> bool:
    """Exchange the names of two folders in one step; say whether the system could.

    Raises
    ------
    OSError
        When the names may not be changed.
    """
    library = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(one), os.fsencode(other)
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        failed = library.renameat2(_HERE, names[0], _HERE, names[1], _RENAME_EXCHANGE)
    elif sys.platform == "darwin" and hasattr(library, "renamex_np"):
        failed = library.renamex_np(names[0], names[1], _RENAME_SWAP)
    else:
        return False
    if not failed:
        return True
    number = ctypes.get_errno()
    if number in _UNKNOWN:
        return False
    raise OSError(number, os.strerror(number), str(other))
