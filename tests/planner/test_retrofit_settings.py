"""Retrofit packages as a person writes them into a settings file."""

import pytest

from layers.core.errors import UsageProblem
from planner.config import read_settings, settings_text
from planner.parameters import RunConfig


def settings(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return read_settings(path, {}).retrofit


def test_one_value_of_a_package_is_changed_and_the_others_stay(tmp_path):
    mine = settings(tmp_path, "[retrofit.packages.deep]\nwall_insulation_m = 0.2\n")
    usual = RunConfig().retrofit
    assert mine.packages["deep"]["wall_insulation_m"] == 0.2
    assert mine.packages["deep"] | {"wall_insulation_m": 0.24} == usual.packages["deep"]
    assert mine.packages["light"] == usual.packages["light"]


def test_a_package_of_ones_own_joins_the_usual_ones(tmp_path):
    mine = settings(tmp_path, "[retrofit.packages.attic]\nroof_insulation_m = 0.24\n")
    assert list(mine.packages) == ["light", "deep", "windows", "roof", "attic"]


def test_what_planner_init_writes_reads_back_as_the_same_settings(tmp_path):
    assert settings(tmp_path, settings_text(RunConfig())) == RunConfig().retrofit


@pytest.mark.parametrize(("text", "sentence"), [
    ("[retrofit.packages.deep]\nwall_insulation_m = -0.1\n", r"is -0\.1; it must be 0 to 0\.5"),
    ("[retrofit.packages.light]\nwindow_u_w_per_m2_k = 10\n", r"is 10; it must be 0\.4 to 6\.5"),
    ('[retrofit.packages.light]\nwall_insulation_m = "thick"\n', r"wall_insulation_m.*valid number"),
    ("[retrofit.packages.ligth]\n", r"ligth is not known; did you mean 'light'"),
    ('[retrofit]\nchosen_from = ["windos"]\n', r"names 'windos'; did you mean 'windows'"),
    ("[retrofit]\ninterest = 0.04\n", r"unknown setting retrofit\.interest; did you mean 'interest_share'"),
    ("[retrofit]\nprice_level_ratio = 50\n", r"price_level_ratio is 50; it must be 0\.1 to 5"),
])  # fmt: skip
def test_a_wrong_setting_is_named_with_its_cure(tmp_path, text, sentence):
    with pytest.raises(UsageProblem, match=sentence):
        settings(tmp_path, text)
