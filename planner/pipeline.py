"""The three sentences: what stands there, what it needs and can give, what follows.

Inside each, one call a step; every step's table is checked against its contract. What needs the whole
city (districts, the models behind imputed attributes) is learned first and then applied to buildings.
"""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import pandas as pd

from layers import (
    archetypes,
    attributes,
    cells,
    cooling,
    district_heating,
    districts,
    electricity,
    envelope,
    footprints,
    form,
    heat_demand,
    hourly_demand,
    retrofit,
    roof_solar,
    street_heat,
    totals,
)
from layers.core import crs as crs_of
from layers.core.countries import known_countries
from layers.core.draws import Draws
from layers.core.facts import Fact
from layers.physics.facade_sun import facade_sun
from layers.physics.irradiance import facade_irradiation, plane_tables
from layers.physics.shaded_months import month_tables
from layers.sources.own_archetypes import override_archetypes
from layers.sources.stock import read_stock_periods
from planner import __version__
from planner.acquire import Inputs
from planner.calibrated import calibrate, with_calibration
from planner.catalogue import Place
from planner.climate_choice import choose_climate
from planner.hourly_steps import with_hours
from planner.network_steps import STEP as NETWORKS
from planner.network_steps import with_networks
from planner.parameters import RunConfig
from planner.place_check import check_place
from planner.solar_steps import STEPS as SOLAR_STEPS
from planner.solar_steps import with_solar
from planner.state import City, Energy, share_by_origin
from planner.steps import StepLog
from planner.unknowns import with_sensitivity
from replication import indicators, lighthouses, similarity
from replication.context import CityContext, city_context
from replication.network import read_cities
from reports.inputs import Assessment, HeatRaster

STEP_NAMES = (
    "clean", "form", "districts", "attributes", "envelope", "archetypes", "heat", "cooling", "electricity",
    "roof solar", "retrofit", "hourly profiles", "sensitivity", *SOLAR_STEPS, "street heat", "cells",
    "totals", "district heating", NETWORKS, "indicators", "similarity", "tables", "maps", "summary",
)  # fmt: skip

# the step that only a run with known totals has
CALIBRATION = "calibration"


def step_names(*, is_calibrated: bool) -> tuple[str, ...]:
    """Return the names of the steps of a run, in order."""
    if not is_calibrated:
        return STEP_NAMES
    place = STEP_NAMES.index("heat") + 1
    return (*STEP_NAMES[:place], CALIBRATION, *STEP_NAMES[place:])


HA_PER_KM2 = 100.0

# a raster's file is named without its unit, which stands inside
RASTER_NAMES = {"heat_density_mwh_per_ha": "heat_density", "plot_ratio": "plot_ratio"}


def assess_city(inputs: Inputs, config: RunConfig, log: StepLog, facts_used: set[Fact]) -> Assessment:
    """Assess a city: the three sentences, one after the other."""
    city = describe_city(inputs, config, log)
    energy = simulate_energy(city, config, log)
    return plan_city(city, energy, config, log, facts_used)


def describe_city(inputs: Inputs, config: RunConfig, log: StepLog) -> City:
    """Say what stands there: clean footprints, form, districts, attributes, envelope, archetypes."""
    extract, place, known = inputs.extract, inputs.place, inputs.known_totals
    hints = check_place(place, extract)
    for hint in hints:
        log.progress.say(f"note: {hint.text}")
    buildings, notes = footprints.clean_footprints(extract, params=config.footprints)
    buildings = log.step("clean", buildings, footprints.ADDS)
    metric = buildings.crs
    streets, barriers, places, landuse, points, background = (
        crs_of.to_crs(table, metric)
        for table in (
            extract.streets, extract.barriers, extract.places, extract.landuse, extract.points,
            extract.background,
        )
    )  # fmt: skip
    sources = None if extract.heat_sources is None else crs_of.to_crs(extract.heat_sources, metric)
    pipes = extract.heat_pipes if extract.heat_pipes is not None and len(extract.heat_pipes) else None
    has_map = inputs.existing_network is not None
    pairs = form.find_wall_pairs(buildings, config.form)
    buildings = form.add_form(buildings, config.form, wall_pairs=pairs)
    buildings = log.step("form", buildings, form.ADDS, text=f"{len(pairs):,} shared walls")
    outlines, network = (
        None if table is None else crs_of.to_crs(table, metric)
        for table in (inputs.outlines, inputs.existing_network if has_map else pipes)
    )
    buildings, quarters = districts.learn_districts(
        buildings, streets, barriers, places, config.districts, outlines=outlines, names=inputs.names
    )
    quarters = log.step("districts", quarters, districts.DISTRICT_COLUMNS, of="districts")
    model = attributes.learn_attributes(
        buildings, landuse, points, read_stock_periods(place.country), config.attributes
    )
    buildings = attributes.add_attributes(buildings, landuse, points, model, config.attributes)
    if inputs.corrections is not None:
        buildings = attributes.apply_corrections(buildings, inputs.corrections, config.attributes)
    buildings = log.step("attributes", buildings, (*districts.ADDS, *attributes.ADDS))
    buildings = envelope.add_envelope(buildings, pairs, params=config.envelope)
    buildings = log.step("envelope", buildings, envelope.ADDS, text=_floor_text(buildings))
    longitude_deg, latitude_deg = crs_of.centre_deg(buildings)
    chosen = choose_climate(inputs, longitude_deg, latitude_deg, config.seed, config.weather)
    table = archetypes.read_archetypes(
        place.country, config.archetypes, coldest_month_c=float(chosen.climate.temperature_c.min())
    )
    if inputs.own_archetypes is not None:
        table = override_archetypes(table, inputs.own_archetypes, archetypes.archetype_ids)
    buildings = archetypes.add_archetypes(buildings, place.country, table, config.archetypes)
    buildings = log.step("archetypes", buildings, archetypes.ADDS, text=archetypes.origin_text(buildings))
    return City(
        place=_with_subtitle(place, buildings, quarters, inputs),
        buildings=buildings,
        streets=streets,
        districts=quarters,
        background=background,
        places=places,
        existing_network=network,
        archetypes=table,
        climate=chosen.climate,
        weather=chosen.weather,
        quality=model.quality,
        sources=(*extract.sources, *chosen.sources, *inputs.own_records),
        notes=(*hints, *extract.notes, *notes, *chosen.notes),
        known_totals=known,
        roofs=extract.roofs,
        landuse=landuse,
        heat_sources=sources,
        network_streets=inputs.network_streets,
        has_tagged_network=not has_map and network is not None,
    )


def simulate_energy(city: City, config: RunConfig, log: StepLog) -> Energy:
    """Say what a city needs and can give; pure, no disk: called once per scenario, draw or year."""
    draws = Draws(seed=config.seed, count=config.draw_count)
    tables = plane_tables(city.weather, config.planes, sun_offset_h=city.weather.sun_offset_h)
    sun = facade_sun(
        city.weather, facade_irradiation(tables), config.planes, sun_offset_h=city.weather.sun_offset_h
    )
    country, kinds = city.place.country, city.archetypes
    also = {
        **cooling.cooling_demands(kinds, country, config.cooling),
        **electricity.electricity_demands(kinds, country, config.electricity),
    }
    heat = heat_demand.simulate_heat(
        city.buildings, kinds, city.climate, sun, draws, params=config.heat, also=also
    )
    buildings = log.step(
        "heat", heat.buildings, heat_demand.ADDS, text=_gwh_text(heat.buildings, "heat_demand_kwh")
    )
    calibrated = calibrate(city, buildings, heat, draws, config, log)
    if calibrated is not None:
        buildings = calibrated.buildings
    buildings = cooling.add_cooling(
        buildings, kinds, country, heat.case, heat.also["cooling_demand"], params=config.cooling
    )
    buildings = log.step("cooling", buildings, cooling.ADDS, text=_gwh_text(buildings, "cooling_demand_kwh"))
    buildings = electricity.add_electricity(
        buildings, kinds, country, heat.case, heat.also["electricity_demand"], params=config.electricity
    )
    buildings = log.step(
        "electricity", buildings, electricity.ADDS, text=_gwh_text(buildings, "electricity_demand_kwh")
    )
    months = month_tables(city.weather, config.planes, sun_offset_h=city.weather.sun_offset_h)
    solar = roof_solar.simulate_solar(
        buildings, tables, draws, config.solar, survey=city.roofs, months=months
    )
    buildings = log.step(
        "roof solar", solar.buildings, roof_solar.ADDS, text=_gwh_text(solar.buildings, "pv_calibrated_kwh")
    )
    better = retrofit.add_retrofit(
        solar.buildings, heat.case, heat.shares, draws,
        mean_ratio=heat.years_mean_ratio, heat=config.heat, params=config.retrofit,
        summer=retrofit.summer_of(kinds, config.cooling),
    )  # fmt: skip
    buildings = log.step("retrofit", better.buildings, better.columns, text=_saving_text(better.buildings))
    energy = Energy(
        buildings,
        draws={
            "heat_demand": heat.district_draws,
            **{name: drawn.district_draws for name, drawn in heat.also.items()},
            "pv_calibrated": solar.district_draws,
        },
        city_draws={
            "heat_demand": heat.city_draws,
            **{name: drawn.city_draws for name, drawn in heat.also.items()},
            "pv_calibrated": solar.city_draws,
        },
        tables=better.tables,
    )
    energy = with_hours(energy, city, sun, config, log)
    energy = with_sensitivity(energy, heat, draws, log)
    energy = with_solar(energy, city, solar, draws, config, log)
    return energy if calibrated is None else with_calibration(energy, calibrated)


def plan_city(
    city: City, energy: Energy, config: RunConfig, log: StepLog, facts_used: set[Fact]
) -> Assessment:
    """Say what follows: streets, cells, totals, district heating, likeness to lighthouses."""
    buildings, streets = street_heat.add_street_heat(energy.buildings, city.streets, config.street_heat)
    streets = log.step("street heat", streets, street_heat.STREET_COLUMNS, of="streets")
    squares, rasters = cells.make_cells(buildings, config.cells)
    squares = log.step("cells", squares, cells.CELL_COLUMNS, of="cells")
    quarters = totals.add_district_totals(city.districts, buildings, streets, energy.draws)
    quarters = hourly_demand.add_largest_hours(quarters, energy.tables["hourly_peaks"])
    added = (*totals.columns_of(energy.draws), *hourly_demand.DISTRICT_COLUMNS)
    quarters = log.step("totals", quarters, added, of="districts")
    rules = district_heating.read_rules(config.rules)
    quarters = district_heating.add_district_heating(
        quarters, squares, rules, district_heating_share=city.place.district_heating_share,
        country=city.place.country, existing_network=city.existing_network,
        is_whole_network=not city.has_tagged_network, params=config.district_heating,
    )  # fmt: skip
    quarters = log.step("district heating", quarters, district_heating.ADDS, of="districts")
    planned = with_networks(quarters, buildings, streets, squares, city, energy, config, log)
    quarters, streets = planned.districts, planned.streets
    compared = indicators.compute_indicators(buildings, streets, quarters, _context(city))
    log.step("indicators", compared.values, of="indicators")
    library = lighthouses.read_lighthouses()
    likeness = similarity.compare_districts(compared, library, config.seed, config.similarity)
    quarters = quarters.join(likeness.district_columns)
    quarters = log.step("similarity", quarters, similarity.ADDS, of="districts")
    return Assessment(
        slug=city.place.slug,
        title=city.place.title,
        subtitle=city.place.subtitle,
        country=city.place.country,
        buildings=buildings,
        streets=streets,
        districts=quarters,
        cells=squares,
        background=city.background,
        places=city.places,
        archetypes=city.archetypes,
        lighthouses=lighthouses.lighthouse_table(library),
        indicators=compared.values,
        similarities=likeness.similarities,
        totals=totals.city_totals(buildings, streets, energy.city_draws),
        origins=share_by_origin(buildings),
        quality=city.quality,
        climate=city.climate,
        rasters=tuple(HeatRaster(RASTER_NAMES[name], *grid) for name, grid in rasters.items()),
        sources=city.sources,
        notes=city.notes + energy.notes,
        facts_used=tuple(sorted(facts_used, key=lambda fact: (fact.subject, fact.id))),
        rules_name=config.rules,
        version=__version__,
        statements={**_borrowed(city), "lighthouses": likeness.theme.statement},
        tables={**energy.tables, **planned.tables},
        hourly=energy.hourly,
        pipes=planned.pipes,
        building_hours=energy.building_hours,
    )


def _context(city: City) -> CityContext:
    """Return what is known of the city beside its footprints."""
    known = next((one for one in read_cities() if one.slug == city.place.slug), None)
    context = city_context(city.climate, known)
    if known is not None or city.place.district_heating_share is None:
        return context
    # a sample is no city of the network, but its district heating is known, as an estimate
    return dataclasses.replace(
        context,
        district_heating_share=city.place.district_heating_share,
        estimates=context.estimates | {"district_heating_share"},
    )


def _borrowed(city: City) -> dict[str, str]:
    """Say whose archetypes stand in where a country has none of its own."""
    names = known_countries()
    origins = city.buildings["archetype_origin"].astype(str).unique()
    codes = [origin.removeprefix("proxy:") for origin in origins if origin.startswith("proxy:")]
    lenders = sorted(names[code] for code in codes)
    if not lenders:
        return {}
    home = names[city.place.country]
    return {
        "archetypes": f"Typical buildings of {home} are not published in a usable form; those of "
        f"{' and '.join(lenders)} stand in for them."
    }


def _with_subtitle(
    place: Place, buildings: gpd.GeoDataFrame, quarters: gpd.GeoDataFrame, inputs: Inputs
) -> Place:
    """Say what the data are where the place does not say so itself."""
    if place.subtitle:
        return place
    area_km2 = quarters["area_ha"].sum() / HA_PER_KM2
    date = inputs.extract.sources[0].date
    origin = f"{inputs.extract.sources[0].title}{', ' + date if date else ''}"
    extent = f"{len(buildings):,} buildings on {area_km2:.1f} km²"
    return dataclasses.replace(place, subtitle=f"{origin} ({extent})")


def _floor_text(buildings: pd.DataFrame) -> str:
    return f"{buildings['heated_floor_area_m2'].sum() / 1e6:.2f} million m² of heated floor"


def _saving_text(buildings: pd.DataFrame) -> str:
    saving = _gwh_text(buildings, "retrofit_saving_kwh")
    return f"{saving} saved in {int(buildings['retrofit_package'].notna().sum()):,} buildings"


def _gwh_text(buildings: pd.DataFrame, column: str) -> str:
    return f"{buildings[column].sum() / 1e6:,.1f} GWh a year"
