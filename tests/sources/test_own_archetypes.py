"""A city's own typology: what it replaces, where it divides periods, and what is refused."""

import numpy as np
import pytest

from layers.archetypes import ARCHETYPE_COLUMNS, archetype_ids, match_archetypes, read_archetypes
from layers.core.contracts import find_problems
from layers.core.errors import InputProblem
from layers.sources.own_archetypes import override_archetypes, read_own_archetypes

FINLAND = read_archetypes("FI")


def own(tmp_path, text):
    path = tmp_path / "own.csv"
    path.write_text(text, encoding="utf-8")
    return read_own_archetypes(path, ARCHETYPE_COLUMNS)


def overridden(tmp_path, text):
    return override_archetypes(FINLAND, own(tmp_path, text), archetype_ids)


def refused(tmp_path, text):
    with pytest.raises(InputProblem) as problem:
        overridden(tmp_path, text)
    assert problem.value.exit_code == 3
    return str(problem.value)


def test_a_row_replaces_what_it_states_and_nothing_else(tmp_path):
    table = overridden(tmp_path, "archetype_id,u_wall_w_per_m2_k,source\nFI.SFH.1961-1970,0.5,survey\n")
    row, before = table.loc["FI.SFH.1961-1970"], FINLAND.loc["FI.SFH.1961-1970"]
    assert row["u_wall_w_per_m2_k"] == 0.5
    assert row["archetype_origin"] == "user"
    assert "own values: u_wall_w_per_m2_k (survey)" in row["note"]
    same = [name for name in FINLAND.columns if name not in ("u_wall_w_per_m2_k", "archetype_origin", "note")]
    assert (row[same] == before[same]).all()
    others = table.drop("FI.SFH.1961-1970")
    assert others.sort_index().equals(FINLAND.drop("FI.SFH.1961-1970").sort_index())


def test_a_period_of_its_own_divides_those_of_the_country(tmp_path):
    table = overridden(
        tmp_path, "use,first_year,last_year,set_point_c,source\nresidential_single,1965,1972,22,city\n"
    )
    houses = table[table["use"] == "residential_single"].sort_values("first_year")
    own_years = houses[houses["archetype_origin"] == "user"]
    assert own_years["first_year"].min() == 1965 and own_years["last_year"].max() == 1972
    assert (own_years["set_point_c"] == 22).all()
    # no year is lost and none is there twice
    gaps = houses["first_year"].to_numpy()[1:] - houses["last_year"].to_numpy()[:-1]
    assert (gaps == 1).all() and table.index.is_unique
    ids = match_archetypes(np.array(["SFH"] * 3, dtype=object), np.array([1964, 1965, 1973]), table)
    assert [table.loc[name, "archetype_origin"] == "user" for name in ids] == [False, True, False]
    assert find_problems(table, ARCHETYPE_COLUMNS, name="archetypes") == []


def test_without_years_every_period_of_the_use_is_meant(tmp_path):
    table = overridden(tmp_path, "use,hot_water_kwh_per_m2,source\nhotel,40,city\n")
    assert (table.loc[table["use"] == "hotel", "hot_water_kwh_per_m2"] == 40).all()
    assert (table.loc[table["use"] != "hotel", "archetype_origin"] != "user").all()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "use,u_wall_w_per_m2_k,source\noffice,12,x\n",
            "row 2: u_wall_w_per_m2_k is '12'; it must be 0.05 to 4 W/(m² K)",
        ),
        ("use,set_point_c,source\noffice,-5,x\n", "row 2: set_point_c is '-5'; it must be 10 to 30 °C"),
        ("use,set_point_c,source\noffice,nan,x\n", "set_point_c is 'nan'"),
        ("use,set_point_c,source\noffice,warm,x\n", "set_point_c is 'warm'"),
        ("use,set_point_c,source\noffices,21,x\n", "use is 'offices'; it must be one of"),
        ("use,set_point_c,source\noffice,21,\n", "row 2: no source"),
        ("use,set_point_c,source\noffice,,x\n", "row 2: states no value"),
        ("use,set_point_c,source\n,21,x\n", "neither archetype_id nor use"),
        ("use,first_year,last_year,set_point_c,source\noffice,1990,1960,21,x\n", "1990 lies after"),
        ("archetype_id,set_point_c,source\nFI.SFH.1961-1979,21,x\n", "near it are FI.SFH.1961-1970"),
        ("use,setpoint_c,source\noffice,21,x\n", "unknown column 'setpoint_c'; near it are set_point_c"),
        ("use,set_point_c\noffice,21\n", "it needs the column source"),
        ("set_point_c,source\n21,x\n", "it needs the column archetype_id or use"),
        ("use,source\noffice,x\n", "it states no value"),
        ("use,set_point_c,source\n", "no rows below its head"),
        (
            "use,set_point_c,source\noffice,21,x\noffice,22,x\n",
            "row 3: set_point_c of the same buildings stands in row 2",
        ),
    ],
)  # fmt: skip
def test_what_is_absurd_or_unknown_is_refused_with_its_row_and_range(tmp_path, text, words):
    assert words in refused(tmp_path, text)
