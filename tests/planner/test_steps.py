import io

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from layers.core.contracts import Column
from layers.core.errors import ContractProblem
from planner.progress import Progress
from planner.steps import StepLog, table_checksum


def log(stream=None, quiet=True):
    return StepLog(Progress(("one", "two"), quiet=quiet, stream=stream or io.StringIO()))


def squares(side=1.0, name="a"):
    return gpd.GeoDataFrame(
        {"height_m": [3.0, 4.0], "name": [name, None]},
        geometry=[shapely.box(0, 0, 1, 1), shapely.box(0, 0, side, 2)], index=["way/1", "way/2"], crs=32635,
    )  # fmt: skip


def test_a_checksum_sees_every_kind_of_change():
    base = table_checksum(squares())
    assert table_checksum(squares()) == base
    assert table_checksum(squares(side=1.0000001)) != base
    assert table_checksum(squares(name="b")) != base
    assert table_checksum(squares().assign(height_m=[3.0, 4.0000001])) != base
    assert table_checksum(squares().rename(columns={"name": "title"})) != base
    assert table_checksum(squares().rename(index={"way/1": "way/3"})) != base
    assert table_checksum(squares().iloc[::-1]) != base


def test_a_step_checks_what_earlier_steps_promised():
    steps = log()
    promise = (Column("height_m", "height", lowest=0),)
    steps.step("one", squares(), promise)
    with pytest.raises(ContractProblem, match="height_m is below 0"):
        steps.step("two", squares().assign(height_m=[-1.0, 2.0]))
    with pytest.raises(ContractProblem, match="height_m is missing"):
        steps.step("two", squares().drop(columns="height_m"))


def test_contracts_of_tables_do_not_mix():
    steps = log()
    steps.step("one", squares(), (Column("height_m", "height"),), of="buildings")
    steps.step("two", pd.DataFrame({"length_m": [1.0]}), (Column("length_m", "length"),), of="streets")
    assert [record.row_count for record in steps.records] == [2, 1]


def test_progress_is_one_line_a_step_where_there_is_no_terminal():
    stream = io.StringIO()
    steps = log(stream, quiet=False)
    steps.step("one", squares(), text="two houses")
    assert "[ 1/2] one" in stream.getvalue()
    assert "two houses" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_quiet_is_quiet():
    stream = io.StringIO()
    steps = log(stream, quiet=True)
    steps.progress.say("hello")
    steps.step("one", squares())
    steps.progress.close()
    assert stream.getvalue() == ""
