"""A layer gives back, never changes: every table of every step is looked at again after the whole line."""

import pytest

from planner.acquire import Request, read_inputs
from planner.config import RunConfig
from planner.pipeline import STEP_NAMES, assess_city
from planner.progress import Progress
from planner.steps import StepLog, table_checksum

pytestmark = pytest.mark.slow


class Watching(StepLog):
    """Keep each table that passed, with what it was."""

    def __init__(self, progress):
        super().__init__(progress)
        self.seen = []

    def step(self, name, table, adds=(), *, of="buildings", text=""):
        result = super().step(name, table, adds, of=of, text=text)
        self.seen.append((name, result, self.records[-1].checksum))
        return result


@pytest.fixture(scope="module")
def watched():
    log = Watching(Progress((), quiet=True))
    inputs = read_inputs(Request("karhula"))
    names = ("buildings", "streets", "barriers", "landuse", "places", "points", "background")
    read = {name: table_checksum(getattr(inputs.extract, name)) for name in names}
    assess_city(inputs, RunConfig(draw_count=20), log, set())
    return inputs, read, log


def test_what_was_read_is_as_it_was(watched):
    inputs, read, _ = watched
    for name, checksum in read.items():
        assert table_checksum(getattr(inputs.extract, name)) == checksum, name


def test_no_later_step_changed_an_earlier_table(watched):
    _, _, log = watched
    assert len(log.seen) >= 13
    for name, table, checksum in log.seen:
        assert table_checksum(table) == checksum, f"the table of {name!r} was changed afterwards"


def test_the_steps_are_those_that_progress_announces(watched):
    _, _, log = watched
    assert tuple(record.name for record in log.records) == STEP_NAMES[: len(log.records)]
