import pytest

from layers.core.units import UNITS, unit_label, unit_suffix


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("heat_demand_kwh", "kwh"),
        ("heat_density_mwh_per_ha", "mwh_per_ha"),
        ("u_wall_w_per_m2_k", "w_per_m2_k"),
        ("district_id", "id"),
        ("name", None),
        ("geometry", None),
        ("forum", None),
    ],
)
def test_a_name_is_read_from_the_right(name, suffix):
    assert unit_suffix(name) == suffix


def test_every_unit_has_words():
    assert all(unit_label(f"x_{suffix}") for suffix in UNITS)
