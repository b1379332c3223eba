"""Known totals as people write them: right, and wrong in every way there is."""

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from layers.core.errors import CrsProblem, InputProblem
from layers.sources.known_raster import read_known_raster
from layers.sources.known_totals import cell_square_m, read_known_totals

HEAD = "level,id,sector,quantity,value,unit,year,source"
GOOD = "city,,all,heat,120,GWh,2023,city works"


def written(tmp_path, *rows, head=HEAD):
    path = tmp_path / "totals.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def raster(tmp_path, values, *, crs="EPSG:3035", name="heat.tif", side=100.0):
    path = tmp_path / name
    values = np.array(values, dtype="float32")
    with rasterio.open(
        path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1, dtype="float32",
        crs=crs, transform=from_origin(4_000_000, 3_000_000, side, side), nodata=-1,
    ) as target:  # fmt: skip
        target.write(values, 1)
    return path


def refused(tmp_path, *rows, head=HEAD):
    with pytest.raises(InputProblem) as problem:
        read_known_totals(written(tmp_path, *rows, head=head))
    assert problem.value.exit_code == 3
    return str(problem.value)


def test_totals_come_in_kilowatt_hours_of_useful_heat(tmp_path):
    rows = (
        GOOD,
        "district,d01,residential,space_heat,3600,GJ,2022,operator",
        "city,,all,fuel,100,MWh,2021,gas grid,0.9",
    )
    read = read_known_totals(written(tmp_path, *rows, head=f"{HEAD},efficiency_ratio"))
    by_level = {(total.level, total.quantity): total for total in read.totals}
    assert by_level["city", "heat"].given_kwh == pytest.approx(120e6)
    assert by_level["district", "space_heat"].given_kwh == pytest.approx(1e6)
    assert by_level["city", "fuel"].given_kwh == pytest.approx(90_000)
    assert by_level["district", "space_heat"].stated == "3600 GJ"
    assert read.records[0].sha256


def test_the_order_of_rows_changes_nothing_but_their_numbers(tmp_path):
    rows = [GOOD, "district,d02,all,heat,5,GWh,2023,x", "district,d01,all,heat,6,GWh,2023,x"]
    forth = read_known_totals(written(tmp_path, *rows)).totals
    back = read_known_totals(written(tmp_path, *reversed(rows))).totals
    assert [total.key for total in forth] == [total.key for total in back]
    assert [total.given_kwh for total in forth] == [total.given_kwh for total in back]


def test_semicolons_a_byte_mark_and_empty_lines_are_read_too(tmp_path):
    path = tmp_path / "totals.csv"
    path.write_bytes(
        ("\ufeff" + HEAD.replace(",", ";") + "\r\n\r\n" + GOOD.replace(",", ";") + "\r\n").encode()
    )
    assert len(read_known_totals(path).totals) == 1


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("town,,all,heat,120,GWh,2023,x", "level is 'town'; it must be one of city, district"),
        ("city,,all,warmth,120,GWh,2023,x", "quantity is 'warmth'; it must be one of heat"),
        ("city,,farms,heat,120,GWh,2023,x", "sector is 'farms'; it must be one of all, residential"),
        ("city,,all,heat,120,tons,2023,x", "unit is 'tons'; it must be one of kWh, MWh, GWh"),
        ("city,,all,heat,120,MWh/ha,2023,x", "a density; a total needs one of kWh"),
        ("city,,all,heat,-120,GWh,2023,x", "value is -120; it must be above zero"),
        ("city,,all,heat,0,GWh,2023,x", "above zero, a total that is not known has no row"),
        ("city,,all,heat,many,GWh,2023,x", "value is 'many', not a number"),
        ("city,,all,heat,nan,GWh,2023,x", "value is 'nan', not a number"),
        ('city,,all,heat,"1,200",GWh,2023,x', "without marks for thousands"),
        ("city,,all,heat,,GWh,2023,x", "value is empty"),
        ("city,,all,heat,120,GWh,23,x", "year is '23'; it must be 1990 to 2100"),
        ("city,,all,heat,120,GWh,2023,", "no source"),
        ("district,,all,heat,120,GWh,2023,x", "id is empty; a district needs one"),
        ("cell,d01,all,heat,120,GWh,2023,x", "100mN41234E52345"),
        ("sector,cows,,heat,120,GWh,2023,x", "sector is 'cows'"),
        ("city,,all,fuel,120,GWh,2023,x", "fuel needs efficiency_ratio"),
        ("raster,gone.tif,all,heat,,MWh/ha,2023,x", "gone.tif does not exist"),
        ("city,,all,heat,120,GWh,2023,x,more,and more", "has 10 cells, the head has 8"),
    ],
)
def test_a_wrong_row_is_named_with_what_was_found_and_what_it_must_be(tmp_path, row, words):
    sentence = refused(tmp_path, GOOD, row)
    assert "row 3: " in sentence
    assert words in sentence


def test_every_wrong_row_is_told_at_once(tmp_path):
    sentence = refused(tmp_path, "city,,all,heat,-1,GWh,2023,x", GOOD, "city,,all,heat,2,GWh,1800,x")
    assert "row 2: value" in sentence and "row 4: year" in sentence


def test_the_same_total_twice_is_refused_but_two_years_are_two_totals(tmp_path):
    assert "row 3: the same total stands in row 2" in refused(tmp_path, GOOD, GOOD)
    assert len(read_known_totals(written(tmp_path, GOOD, GOOD.replace("2023", "2022"))).totals) == 2


def test_optional_columns_have_ranges_and_percent_is_noticed(tmp_path):
    head = f"{HEAD},error_share,served_share"
    assert "error_share is 5; it must be 0.001 to 1; write 5 percent as 0.05" in refused(
        tmp_path, f"{GOOD},5,", head=head
    )
    assert "efficiency_ratio belongs to fuel" in refused(
        tmp_path, f"{GOOD},0.9", head=f"{HEAD},efficiency_ratio"
    )


def test_a_file_without_its_head_rows_or_text_is_one_sentence(tmp_path):
    assert "lacks the column sector" in refused(tmp_path, head=HEAD.replace("sector,", ""))
    assert "means nothing here" in refused(tmp_path, f"{GOOD},7", head=f"{HEAD},colour")
    assert "no rows" in refused(tmp_path)
    (tmp_path / "totals.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputProblem, match="UTF-8"):
        read_known_totals(tmp_path / "totals.csv")
    with pytest.raises(InputProblem, match="does not exist"):
        read_known_totals(tmp_path / "nowhere.csv")


def test_a_raster_of_densities_becomes_heat_by_square(tmp_path):
    raster(tmp_path, [[10.0, -1.0], [0.0, 2.5]])
    row = "raster,heat.tif,all,heat,,MWh/ha,2020,atlas"
    read = read_known_totals(written(tmp_path, row))
    assert len(read.raster_files) == 1 and len(read.records) == 2
    values = read.totals[0].raster.values
    assert values[0, 0] == pytest.approx(10_000.0)
    assert np.isnan(values[0, 1]) and values[1, 0] == 0.0


def test_a_raster_that_cannot_be_used_says_why(tmp_path):
    raster(tmp_path, [[1.0]], crs="EPSG:4326", name="degrees.tif", side=0.01)
    raster(tmp_path, [[-5.0]], name="negative.tif")
    raster(tmp_path, [[1.0]], crs=None, name="nowhere.tif")
    (tmp_path / "text.tif").write_text("no raster")
    with pytest.raises(CrsProblem, match="is in degrees"):
        read_known_raster(tmp_path / "degrees.tif")
    with pytest.raises(InputProblem, match="negative values"):
        read_known_raster(tmp_path / "negative.tif")
    with pytest.raises(CrsProblem, match="does not say"):
        read_known_raster(tmp_path / "nowhere.tif")
    with pytest.raises(InputProblem, match=r"text\.tif is text"):
        read_known_raster(tmp_path / "text.tif")


def test_squares_are_named_as_european_statistics_name_them():
    assert cell_square_m("100mN41234E52345") == (5_234_500.0, 4_123_400.0, 100.0)
    assert cell_square_m("1kmN2599E4695") == (4_695_000.0, 2_599_000.0, 1000.0)
    assert cell_square_m("0mN1E1") is None
