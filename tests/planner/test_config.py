import tomllib

import pytest

from layers.core.errors import InputProblem, UsageProblem
from planner.config import RunConfig, read_settings, settings_dict, settings_text


def write(tmp_path, text):
    path = tmp_path / "planner.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_no_file_means_the_defaults():
    assert read_settings(None, {}) == RunConfig()


def test_the_written_file_gives_the_same_settings_back(tmp_path):
    path = write(tmp_path, settings_text(RunConfig()))
    assert read_settings(path, {}) == RunConfig()


def test_every_setting_stands_in_the_written_file():
    written = tomllib.loads(settings_text(RunConfig()))
    assert written == settings_dict(RunConfig())
    assert len(written) > 8


def test_the_command_line_goes_before_the_file(tmp_path):
    path = write(tmp_path, "seed = 5\ndraw_count = 40\n")
    config = read_settings(path, {"seed": 9, "draw_count": None})
    assert (config.seed, config.draw_count) == (9, 40)


def test_an_unknown_key_gets_a_hint(tmp_path):
    with pytest.raises(UsageProblem, match="unknown setting seeed; did you mean 'seed'"):
        read_settings(write(tmp_path, "seeed = 1\n"), {})


def test_an_unknown_key_in_a_table_is_named_with_its_place(tmp_path):
    with pytest.raises(UsageProblem, match=r"unknown setting form\.shared_wall"):
        read_settings(write(tmp_path, "[form]\nshared_wall = 1\n"), {})


def test_a_value_of_the_wrong_kind_says_where_and_what_was_found(tmp_path):
    with pytest.raises(UsageProblem, match=r"seed.*'many'"):
        read_settings(write(tmp_path, 'seed = "many"\n'), {})


def test_a_value_out_of_range_is_refused(tmp_path):
    with pytest.raises(UsageProblem, match="draw_count"):
        read_settings(write(tmp_path, "draw_count = 1\n"), {})


def test_a_layer_refuses_what_is_out_of_its_range_and_the_file_is_named(tmp_path):
    with pytest.raises(UsageProblem, match=r"planner\.toml: .*near_m is 5; it must be 20 to 1000"):
        read_settings(write(tmp_path, "[form]\nnear_m = 5.0\n"), {})


def test_a_file_that_is_no_toml_says_where_it_breaks(tmp_path):
    with pytest.raises(InputProblem, match="line 1"):
        read_settings(write(tmp_path, "seed = = 1"), {})
    with pytest.raises(InputProblem, match="cannot be read"):
        read_settings(tmp_path / "missing.toml", {})


def test_an_unknown_rule_set_lists_the_known_ones(tmp_path):
    with pytest.raises(UsageProblem, match="kwp"):
        read_settings(write(tmp_path, 'rules = "cheese"\n'), {})


def test_the_limits_of_the_readers_are_settings(tmp_path):
    path = tmp_path / "settings.toml"
    path.write_text(
        "[join]\nleast_overlap_share = 0.5\n[surface]\ntop_share = 0.95\n[coast]\nend_m = 100.0\n",
        encoding="utf-8",
    )
    config = read_settings(path, {})
    assert config.join.least_overlap_share == 0.5
    assert config.surface.top_share == 0.95
    assert config.coast.end_m == 100.0
