"""Squares, districts and the city: three ways of adding the same buildings up."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layers import cells, totals
from layers.core.contracts import find_problems
from layers.core.crs import RASTER
from layers.core.errors import UsageProblem
from tests.layers.samples import sample


def town(crs: str, *boxes: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    count = len(boxes)
    return gpd.GeoDataFrame(
        {
            "district_id": [f"d{k % 2 + 1:02d}" for k in range(count)],
            "street_id": pd.array(["way/1"] * (count - 1) + [None], dtype=object),
            "service_pipe_m": [5.0] * count,
            "footprint_area_m2": 80.0,
            "heat_demand_kwh": 1000.0 * np.arange(1, count + 1),
            "heated_floor_area_m2": 200.0,
            "pv_technical_kwh": 3000.0, "pv_technical_kwp": 3.0,
            "pv_calibrated_kwh": 2000.0, "pv_calibrated_kwp": 2.0,
        },
        geometry=[shapely.box(*box) for box in boxes],
        index=[f"way/{k}" for k in range(count)],
        crs=crs,
    )  # fmt: skip


WEST, SOUTH = 5_250_000.0, 4_200_000.0


def test_a_house_on_a_line_of_the_grid_is_divided_by_area():
    house = town(RASTER, (WEST + 70, SOUTH + 10, WEST + 110, SOUTH + 30))
    squares, rasters = cells.make_cells(house)
    assert squares["heat_demand_mwh"].to_dict() == {"100mN42000E52500": 0.75, "100mN42000E52501": 0.25}
    assert squares["heat_density_mwh_per_ha"].tolist() == pytest.approx([0.75, 0.25])  # 1 ha each
    assert squares["plot_ratio"].tolist() == [150 / 10_000, 50 / 10_000]
    values, west, north, cell_m = rasters["heat_density_mwh_per_ha"]
    assert values.tolist() == [[0.75, 0.25]]
    assert (west, north, cell_m) == (WEST, SOUTH + 100, 100.0)


def test_the_first_row_of_a_raster_lies_in_the_north():
    two = town(RASTER, (WEST, SOUTH, WEST + 9, SOUTH + 9), (WEST + 250, SOUTH + 150, WEST + 259, SOUTH + 159))
    values, west, north, _ = cells.make_cells(two)[1]["heat_density_mwh_per_ha"]
    assert values.shape == (2, 3)
    assert (values[1, 0], values[0, 2]) == (1.0, 2.0)
    assert np.isnan(values[0, 0])
    assert (west, north) == (WEST, SOUTH + 200)


@pytest.mark.parametrize("name", ["helsinki", "karhula"])
def test_squares_add_up_to_the_buildings(name):
    buildings = sample(name)["buildings"]
    size = buildings.area.to_numpy()
    filled = buildings.assign(
        heat_demand_kwh=size * 111, pv_calibrated_kwh=size, heated_floor_area_m2=size * 3
    )
    squares, rasters = cells.make_cells(filled)
    assert squares["heat_demand_mwh"].sum() == pytest.approx(size.sum() * 0.111, rel=1e-9)
    assert squares["floor_area_m2"].sum() == pytest.approx(size.sum() * 3, rel=1e-9)
    assert squares["footprint_area_m2"].sum() == pytest.approx(size.sum(), rel=1e-9)
    assert (squares.bounds % 100 == 0).all().all()
    assert find_problems(squares, cells.CELL_COLUMNS, name="cells") == []
    assert np.nansum(rasters["plot_ratio"][0]) == pytest.approx(squares["plot_ratio"].sum(), rel=1e-6)
    # outlines are a few parts in a thousand larger or smaller in the European system than in UTM
    assert (squares["footprint_area_m2"] <= 100**2 * 1.01).all()


def test_towns_at_opposite_ends_of_europe_get_no_raster_of_gigabytes():
    far = town(RASTER, (0, 0, 9, 9), (4_000_000, 4_000_000, 4_000_009, 4_000_009))
    with pytest.raises(UsageProblem, match="squares apart"):
        cells.make_cells(far)


def test_an_empty_city_has_no_squares():
    squares, rasters = (
        cells.make_cells(town(RASTER).iloc[:0])
        if False
        else cells.make_cells(town(RASTER, (0, 0, 1, 1)).iloc[:0])
    )
    assert len(squares) == 0
    assert np.isnan(rasters["plot_ratio"][0]).all()


def hand_made() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    buildings = town(RASTER, *[(WEST + 20 * k, SOUTH, WEST + 20 * k + 10, SOUTH + 8) for k in range(4)])
    index = pd.Index(["d01", "d02", "d03"], name="district_id")
    districts = gpd.GeoDataFrame(
        {"area_ha": [2.0, 1.0, 5.0]}, geometry=[shapely.box(0, 0, 1, 1)] * 3, index=index, crs=RASTER
    )
    streets = pd.DataFrame(
        {"length_m": [60.0, 9.0], "connected_heat_mwh": [6.0, 0.0]}, index=["way/1", "way/2"]
    )
    return buildings, districts, streets


def test_districts_add_up_to_the_buildings_and_know_their_own_range():
    buildings, districts, streets = hand_made()
    heat = pd.DataFrame([[3000.0, 4000.0, 5000.0], [6000.0, 6000.0, 6000.0]], index=["d01", "d02"])
    made = totals.add_district_totals(
        districts, buildings, streets, {"heat_demand": heat, "pv_calibrated": heat / 2}
    )
    # buildings of 1 and 3 MWh in d01, 2 and 4 MWh in d02; the one of 4 MWh has no street
    assert made["heat_demand_mwh"].tolist() == [4, 6, 0]
    assert made["heat_density_mwh_per_ha"].tolist() == [2, 6, 0]
    assert made["heat_demand_p10_mwh"].iloc[:2].tolist() == pytest.approx([3.2, 6.0])
    assert made["heat_demand_p90_mwh"].iloc[:2].tolist() == pytest.approx([4.8, 6.0])
    assert np.isnan(made["heat_demand_p10_mwh"].iloc[2])
    assert made["connected_heat_mwh"].tolist() == [4, 2, 0]
    # the 60 m of street serve d01 with 4 of 6 MWh
    assert made["street_length_m"].tolist() == pytest.approx([40, 20, 0])
    assert made["linear_heat_density_mwh_per_m"].tolist() == pytest.approx([0.1, 0.1, 0])
    assert made["service_pipe_m"].tolist() == [10, 5, 0]
    assert made["plot_ratio"].tolist() == [400 / 20_000, 400 / 10_000, 0]
    assert find_problems(made, totals.ADDS, name="districts") == []


def test_every_yearly_quantity_adds_up_and_has_its_range_where_it_was_drawn():
    buildings, districts, streets = hand_made()
    chance = np.random.default_rng(2)
    names = ("cooling_demand", "cooling_electricity", "appliance_electricity", "electricity_demand")
    buildings = buildings.assign(**{f"{name}_kwh": chance.uniform(0, 5e4, 4) for name in names})
    draws = {
        name: pd.DataFrame(chance.uniform(1e4, 2e5, (2, 100)), index=["d01", "d02"])
        for name in ("heat_demand", *names, "pv_calibrated")
    }
    made = totals.add_district_totals(districts, buildings, streets, draws)
    assert find_problems(made, totals.columns_of(draws), name="districts") == []
    city = totals.city_totals(
        buildings, streets, {name: all_.sum().to_numpy() for name, all_ in draws.items()}
    )
    for name in names:
        whole = buildings[f"{name}_kwh"].sum() / 1000
        assert made[f"{name}_mwh"].sum() == pytest.approx(whole, rel=1e-9)
        assert city[f"{name}_mwh"] == pytest.approx(whole, rel=1e-9)
        assert city[f"{name}_p10_mwh"] > made[f"{name}_p10_mwh"].sum()
        assert city[f"{name}_p90_mwh"] < made[f"{name}_p90_mwh"].sum()


def test_the_city_adds_up_to_its_districts_and_its_range_is_not_the_sum_of_ranges():
    buildings, districts, streets = hand_made()
    rng = np.random.default_rng(1)
    draws = pd.DataFrame(rng.normal(5000, 500, (2, 400)), index=["d01", "d02"])
    city = totals.city_totals(
        buildings, streets, {"heat_demand": draws.sum().to_numpy(), "pv_calibrated": draws.sum().to_numpy()}
    )
    made = totals.add_district_totals(
        districts, buildings, streets, {"heat_demand": draws, "pv_calibrated": draws}
    )
    for name in ("heat_demand_mwh", "pv_calibrated_mwh", "pv_technical_kwp", "heated_floor_area_m2"):
        assert city[name] == pytest.approx(made[name].sum(), rel=1e-9)
    assert city["heat_demand_p90_mwh"] < made["heat_demand_p90_mwh"].sum()
    assert city["unconnected_heat_mwh"] == 4
    assert city["unconnected_building_count"] == 1
    assert city["served_street_length_m"] == 60
