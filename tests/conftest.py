"""Settings of all tests.

Properties are tried on the same examples every time, so that a failure is one for everybody; look for new
ones with PLANNER_EXPLORE=1.
"""

import os

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile("explore" if os.environ.get("PLANNER_EXPLORE") else "steady")
