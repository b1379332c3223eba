import numpy as np
import pandas as pd
import pytest

from layers.core.contracts import Column, check_table, find_problems, origin_column
from layers.core.errors import ContractProblem

HEIGHT = Column("height_m", "height", lowest=0, highest=500)


def table(**columns):
    return pd.DataFrame(columns, index=[f"way/{n}" for n in range(len(next(iter(columns.values()))))])


def test_a_good_table_has_no_problems():
    assert find_problems(table(height_m=[3.0, 12.0]), [HEIGHT], name="buildings") == []


def test_all_problems_are_told_at_once_with_rows_and_values():
    broken = table(height_m=[-1.0, np.nan], use_origin=["guessed", "tagged"])
    with pytest.raises(ContractProblem) as caught:
        check_table(broken, [HEIGHT, origin_column("use"), Column("area_m2", "area")], name="buildings")
    message = str(caught.value)
    assert "height_m has no value in 1 of 2 rows: way/1" in message
    assert "below 0 (lowest -1)" in message
    assert "'guessed'" in message
    assert "buildings.area_m2 is missing" in message
    assert caught.value.exit_code == 3


def test_gaps_are_allowed_where_the_contract_says_so():
    column = Column("height_m", "height", gaps=True)
    assert find_problems(table(height_m=[np.nan, 1.0]), [column], name="b") == []


def test_infinite_values_and_broken_counts_are_found():
    problems = find_problems(
        table(height_m=[np.inf, 1.0], storey_count=[1.5, 2.0]),
        [Column("height_m", "h"), Column("storey_count", "storeys", "whole")],
        name="b",
    )
    assert len(problems) == 2
    assert "infinite" in problems[0]
    assert "whole number" in problems[1]


def test_a_flag_must_be_true_or_false():
    problems = find_problems(table(heated=[1, 0]), [Column("heated", "is heated", "flag")], name="b")
    assert "not true/false" in problems[0]
    assert not find_problems(table(heated=[True, False]), [Column("heated", "x", "flag")], name="b")


def test_repeated_ids_are_a_problem():
    repeated = pd.DataFrame({"height_m": [1.0, 2.0]}, index=["way/1", "way/1"])
    assert "1 repeated ids: way/1" in find_problems(repeated, [HEIGHT], name="b")[0]


def test_a_number_without_unit_cannot_be_declared():
    with pytest.raises(ValueError, match="does not end in a unit"):
        Column("height", "height")
    with pytest.raises(ValueError, match="without a list"):
        Column("use", "use", "category")
