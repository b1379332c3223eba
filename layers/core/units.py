"""The units that may end a numeric name, with what they mean.

A name such as `heat_demand_kwh` is read from the right: the longest suffix in `UNITS` is its unit.
The house rules hold every numeric column and every numeric parameter to this list.
"""

from __future__ import annotations

UNITS: dict[str, str] = {
    "m": "m",
    "m2": "m²",
    "m3": "m³",
    "km": "km",
    "km2": "km²",
    "mm": "mm",
    "ha": "ha",
    "per_ha": "1/ha",
    "per_km2": "1/km²",
    "m_per_ha": "m/ha",
    "kwh": "kWh/a",
    "mwh": "MWh/a",
    "gwh": "GWh/a",
    "kwh_capacity": "kWh",
    "kwh_per_m2": "kWh/(m² a) of heated floor area",
    "kwh_per_m2_land": "kWh/(m² a) of land",
    "kwh_per_m2_plane": "kWh/(m² a) of a roof plane or façade",
    "m2_per_m2_land": "m² per m² of land",
    "mwh_per_ha": "MWh/(ha a)",
    "mwh_per_m": "MWh/(m a)",
    "kw": "kW",
    "kwp": "kWp",
    "kwh_per_kwp": "kWh/(kWp a)",
    "kwp_per_m2": "kWp/m²",
    "w": "W",
    "w_per_m2": "W/m²",
    "w_per_m2_k": "W/(m² K)",
    "w_per_m2_k2": "W/(m² K²)",
    "ws_per_m3_k": "W s/(m³ K)",
    "w_per_m3_k": "Wh/(m³ K)",
    "w_per_k": "W/K",
    "w_per_m": "W/m",
    "w_per_m_k": "W/(m K)",
    "wh_per_m2_k": "Wh/(m² K)",
    "wh_per_k": "Wh/K",
    "pa": "Pa",
    "pa_s": "Pa s",
    "mpa_s": "mPa s",
    "pa_per_m": "Pa/m",
    "kg_per_s": "kg/s",
    "kg_per_m3": "kg/m³",
    "j_per_kg_k": "J/(kg K)",
    "per_h": "1/h",
    "per_k": "1/K",
    "per_year": "1/a",
    "m3_per_m2_h": "m³/(m² h)",
    "m_per_s": "m/s",
    "eur": "€",
    "eur_per_kwh": "€/kWh",
    "ct_per_kwh": "ct/kWh",
    "eur_per_mwh": "€/MWh",
    "eur_per_m": "€/m",
    "eur_per_m2": "€/m²",
    "eur_per_m3": "€/m³",
    "eur_per_kw": "€/kW",
    "kg_co2e": "kg CO₂e/a",
    "t_co2e": "t CO₂e/a",
    "kg_co2e_per_kwh": "kg CO₂e/kWh",
    "share": "share (0…1)",
    "ratio": "ratio",
    "deg": "°",
    "c": "°C",
    "k": "K",
    "kd": "K d/a",
    "h": "h",
    "s": "s",
    "days": "d",
    "count": "count",
    "year": "year",
    "years": "a",
    "id": "identifier",
    "bytes": "bytes",
}

_BY_LENGTH = sorted(UNITS, key=lambda suffix: -len(suffix))


def unit_suffix(name: str) -> str | None:
    """Return the longest unit that ends a name, or None.

    Examples
    --------
    >>> unit_suffix("linear_heat_density_mwh_per_m")
    'mwh_per_m'
    >>> unit_suffix("heat_demand_p10_kwh"), unit_suffix("geometry")
    ('kwh', None)
    """
    for suffix in _BY_LENGTH:
        if name == suffix or name.endswith("_" + suffix):
            return suffix
    return None


def unit_label(name: str) -> str:
    """Return the unit of a name as a person writes it, or an empty text.

    Examples
    --------
    >>> unit_label("heat_density_mwh_per_ha"), unit_label("similarity_share"), unit_label("use")
    ('MWh/(ha a)', 'share (0…1)', '')
    """
    suffix = unit_suffix(name)
    return UNITS[suffix] if suffix else ""
