"""Run the program without the rights that let an administrator read and write everything."""

import ctypes
import os
import sys

# of Linux' prctl and capabilities
_DROP_FROM_BOUND = 24
_OVERRIDE_RIGHTS, _READ_ANYTHING = 1, 2


def drop_rights():
    """Give up the rights to ignore permissions; they are gone after the next program starts."""
    if os.geteuid() != 0:
        return
    library = ctypes.CDLL(None, use_errno=True)
    for capability in (_OVERRIDE_RIGHTS, _READ_ANYTHING):
        if library.prctl(_DROP_FROM_BOUND, capability, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "the rights of an administrator cannot be given up here")


if __name__ == "__main__":
    drop_rights()
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
