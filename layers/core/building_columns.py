"""What every reader says about a building, in the project's own names.

A reader translates the names and values of its format into these columns and adds nothing else; a
value that the data do not have, or that cannot be true, is a gap. The layers that follow decide what
to do with gaps.
"""

from __future__ import annotations

from layers.core.contracts import Column
from layers.core.uses import USES

# shapes that a roof model can draw; other words of the data become gaps
ROOF_SHAPES = (
    "flat",
    "gabled",
    "hipped",
    "half-hipped",
    "gambrel",
    "mansard",
    "pyramidal",
    "skillion",
    "saltbox",
    "sawtooth",
    "butterfly",
    "round",
    "dome",
    "onion",
    "cone",
    "many",
)
ROOF_ORIENTATIONS = ("along", "across")

# what can be true of a building in Europe; outside, the value is an error of the data
LOWEST_HEIGHT_M, HIGHEST_HEIGHT_M = 1.0, 500.0
LOWEST_STOREY_COUNT, HIGHEST_STOREY_COUNT = 0.5, 120.0
EARLIEST_YEAR, LATEST_YEAR = 1000, 2035
HIGHEST_ROOF_HEIGHT_M = 150.0
STEEPEST_ROOF_DEG = 85.0
# the largest roofs of Europe carry some 20 MW
HIGHEST_SOLAR_KWP = 50_000.0

BUILDING_COLUMNS: tuple[Column, ...] = (
    Column("name", "name of the building", "text", gaps=True),
    Column("street_name", "street of its address", "text", gaps=True),
    Column("house_number", "number of its address", "text", gaps=True),
    Column("building_tag", "the data's own word for the kind of building", "text", gaps=True),
    Column("tagged_use", "class of use that the data state", "category", gaps=True, allowed=USES),
    Column(
        "tagged_height_m",
        "height from the ground to the top of the roof that the data state",
        lowest=LOWEST_HEIGHT_M,
        highest=HIGHEST_HEIGHT_M,
        gaps=True,
    ),
    Column(
        "tagged_storey_count",
        "storeys above ground without those inside the roof that the data state; not whole where "
        "parts of the building differ",
        lowest=LOWEST_STOREY_COUNT,
        highest=HIGHEST_STOREY_COUNT,
        gaps=True,
    ),
    Column(
        "tagged_first_year",
        "earliest year of construction that the data allow",
        "whole",
        lowest=EARLIEST_YEAR,
        highest=LATEST_YEAR,
        gaps=True,
    ),
    Column(
        "tagged_last_year",
        "latest year of construction that the data allow",
        "whole",
        lowest=EARLIEST_YEAR,
        highest=LATEST_YEAR,
        gaps=True,
    ),
    Column("roof_shape", "shape of the roof", "category", gaps=True, allowed=ROOF_SHAPES),
    Column("roof_direction_deg", "direction that the roof faces", lowest=0.0, highest=360.0, gaps=True),
    Column(
        "roof_orientation",
        "ridge along or across the long side",
        "category",
        gaps=True,
        allowed=ROOF_ORIENTATIONS,
    ),
    Column("roof_angle_deg", "slope of the roof", lowest=0.0, highest=STEEPEST_ROOF_DEG, gaps=True),
    Column(
        "roof_height_m",
        "height of the roof from eaves to ridge",
        lowest=0.0,
        highest=HIGHEST_ROOF_HEIGHT_M,
        gaps=True,
    ),
    Column("roof_material", "what the roof is covered with", "text", gaps=True),
    Column(
        "roof_planes",
        "planes of the roof in a 3D model: slope, direction, area on the slope, lower side, upper side and "
        "length of the slope of each, parted by strokes",
        "text",
        gaps=True,
    ),
    Column("has_solar_tag", "the data show photovoltaic modules on the roof", "flag"),
    Column(
        "solar_tag_kwp",
        "power of these modules that the data state",
        lowest=0.0,
        highest=HIGHEST_SOLAR_KWP,
        gaps=True,
    ),
    Column("is_height_measured", "the height comes from a 3D model or a surface model", "flag"),
    Column("is_home_tag", "the data say that people live there, but not in which size of house", "flag"),
    Column("is_outbuilding_tag", "the data say that it is a garage, shed, roof or the like", "flag"),
    Column("is_protected_tag", "the data say that it is heritage, historic or a place of worship", "flag"),
    Column("official_class", "class in the national topographic database", "text", gaps=True),
)
