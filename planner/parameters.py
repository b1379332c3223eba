"""The settings of a run: the parameters of every layer, joined in one tree."""

from __future__ import annotations

from dataclasses import dataclass, field

from layers.archetypes import ArchetypeParams
from layers.calibration import CalibrationParams
from layers.cells import CellParams
from layers.core.attribute_settings import AttributeParams
from layers.core.cooling_settings import CoolingParams
from layers.core.hourly_settings import HourlyParams
from layers.core.network_settings import NetworkParams
from layers.district_heating import DistrictHeatingParams, rule_names
from layers.districts import DistrictParams
from layers.electricity import ElectricityParams
from layers.envelope import EnvelopeParams
from layers.footprints import FootprintParams
from layers.form import FormParams
from layers.heat_demand import HeatParams
from layers.heat_sources import HeatSourceParams
from layers.peaks import PeakParams
from layers.physics.irradiance import PlaneParams
from layers.physics.weather import WeatherParams
from layers.retrofit import RetrofitParams
from layers.roof_solar import SolarParams
from layers.solar_economics import SolarEconomicsParams
from layers.solar_thermal import SolarThermalParams
from layers.sources.coast import CoastParams
from layers.sources.join import JoinParams
from layers.sources.surface import SurfaceParams
from layers.street_heat import StreetHeatParams
from replication.similarity import SimilarityParams

# fewer draws make no range, more only make it slower
FEWEST_DRAWS, MOST_DRAWS = 20, 10_000


@dataclass(frozen=True)
class RunConfig:
    """Everything that a person may set.

    Attributes
    ----------
    seed : int
        Seed of all chance; equal seeds give equal results.
    draw_count : int
        Draws behind every range; more make the ranges steadier.
    rules : str
        Rule set that decides where district heating is suitable.
    hourly_buildings : bool
        Whether the hours of every single building are written; large.
    """

    seed: int = 1
    draw_count: int = 200
    rules: str = "kwp"
    hourly_buildings: bool = False
    coast: CoastParams = field(default_factory=CoastParams)
    join: JoinParams = field(default_factory=JoinParams)
    surface: SurfaceParams = field(default_factory=SurfaceParams)
    footprints: FootprintParams = field(default_factory=FootprintParams)
    form: FormParams = field(default_factory=FormParams)
    districts: DistrictParams = field(default_factory=DistrictParams)
    attributes: AttributeParams = field(default_factory=AttributeParams)
    envelope: EnvelopeParams = field(default_factory=EnvelopeParams)
    archetypes: ArchetypeParams = field(default_factory=ArchetypeParams)
    weather: WeatherParams = field(default_factory=WeatherParams)
    planes: PlaneParams = field(default_factory=PlaneParams)
    heat: HeatParams = field(default_factory=HeatParams)
    cooling: CoolingParams = field(default_factory=CoolingParams)
    electricity: ElectricityParams = field(default_factory=ElectricityParams)
    hourly: HourlyParams = field(default_factory=HourlyParams)
    calibration: CalibrationParams = field(default_factory=CalibrationParams)
    solar: SolarParams = field(default_factory=SolarParams)
    solar_economics: SolarEconomicsParams = field(default_factory=SolarEconomicsParams)
    solar_thermal: SolarThermalParams = field(default_factory=SolarThermalParams)
    retrofit: RetrofitParams = field(default_factory=RetrofitParams)
    street_heat: StreetHeatParams = field(default_factory=StreetHeatParams)
    cells: CellParams = field(default_factory=CellParams)
    district_heating: DistrictHeatingParams = field(default_factory=DistrictHeatingParams)
    heat_sources: HeatSourceParams = field(default_factory=HeatSourceParams)
    networks: NetworkParams = field(default_factory=NetworkParams)
    peaks: PeakParams = field(default_factory=PeakParams)
    similarity: SimilarityParams = field(default_factory=SimilarityParams)

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, found {self.seed}")
        if not FEWEST_DRAWS <= self.draw_count <= MOST_DRAWS:
            raise ValueError(
                f"draw_count must lie between {FEWEST_DRAWS} and {MOST_DRAWS}, found {self.draw_count}"
            )
        if self.rules not in rule_names():
            raise ValueError(f"rules must be one of {', '.join(rule_names())}, found {self.rules!r}")
