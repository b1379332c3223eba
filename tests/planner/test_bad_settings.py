"""Every number that can be set refuses what is absurd, in a sentence that helps."""

import dataclasses
import itertools
import math
import re

import pytest
import tomli_w

from layers.core.errors import UsageProblem
from planner.config import RunConfig, read_settings, settings_dict

ABSURD = (1e9, -1e9, math.nan)
# a seed is any number that is not negative, and never a gap
ANY_SIZE = {("seed",), ("districts", "seed")}


def numbers_in(value, place=()):
    """Yield where the numbers of a tree of settings are: names of fields, keys, positions in lists."""
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield place
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from numbers_in(item, (*place, name))
    elif isinstance(value, list) and value and all(isinstance(item, int | float) for item in value):
        yield (*place, 0)
        yield (*place, len(value) - 1)


def replaced(tree, place, number):
    """Return a copy of a tree in which one number is another."""
    name, *rest = place
    if isinstance(tree, list):
        return [replaced_or(item, rest, number) if at == name else item for at, item in enumerate(tree)]
    return {key: replaced_or(item, rest, number) if key == name else item for key, item in tree.items()}


def replaced_or(item, rest, number):
    if rest:
        return replaced(item, rest, number)
    return int(number) if isinstance(item, int) and math.isfinite(number) else number


DEFAULTS = settings_dict(RunConfig())
ALL_PLACES = [place for place in dict.fromkeys(numbers_in(DEFAULTS)) if place not in ANY_SIZE]
# of a table of numbers its first and its last
PLACES = list(
    dict.fromkeys(
        one
        for _, group in itertools.groupby(ALL_PLACES, key=lambda place: place[:2])
        for places in [list(group)]
        for one in (places[0], places[-1])
    )
)


def file_with(place, number):
    """Return a settings file that states one field, one number of it replaced."""
    group, field = place[0], place[1] if len(place) > 1 else None
    changed = replaced(DEFAULTS, place, number)
    return tomli_w.dumps({group: {field: changed[group][field]} if field else changed[group]})


def name_of(place):
    return [part for part in place if isinstance(part, str)]


def test_the_tree_of_settings_has_many_numbers():
    fields = [field for field in dataclasses.fields(RunConfig) if dataclasses.is_dataclass(field.type)]
    assert len(PLACES) > 100
    assert len({place[0] for place in PLACES}) >= len(fields)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(str(part) for part in place))
def test_an_absurd_number_is_refused_with_its_name_and_range(tmp_path, place):
    for number in ABSURD:
        path = tmp_path / "planner.toml"
        path.write_text(file_with(place, number), encoding="utf-8")
        with pytest.raises(UsageProblem) as refused:
            read_settings(path, {})
        sentence = str(refused.value)
        assert refused.value.exit_code == 2
        # the field, or the field of the table in which it stands
        assert any(name in sentence for name in name_of(place)[-2:]), sentence
        shown = {"nan", "1e+09", "-1e+09", "1000000000", "-1000000000"}
        assert any(text in sentence for text in shown), f"{number} is not told: {sentence}"
        assert re.search(r"\d", re.sub(r"1e\+09|1000000000|nan", "", sentence)), f"no range: {sentence}"


@pytest.mark.parametrize("number", [math.nan, -1.0])
def test_a_seed_is_a_whole_number_that_is_not_negative(tmp_path, number):
    path = tmp_path / "planner.toml"
    path.write_text(tomli_w.dumps({"seed": number}), encoding="utf-8")
    with pytest.raises(UsageProblem, match="seed"):
        read_settings(path, {})
