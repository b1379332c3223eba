"""Streets in which a pipe must or must not lie, as a person writes them down."""

import pandas as pd
import pytest

from layers.core.errors import InputProblem
from layers.core.street_rules import StreetRules, find_rules
from layers.sources.network_streets import read_network_streets

STREETS = pd.Index(["way/1", "way/1:2", "way/12", "way/777"], name="street_id")


def written(tmp_path, text):
    path = tmp_path / "rules.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_rules_are_read_with_their_ids(tmp_path):
    path = written(tmp_path, "street_id,rule,reason\nway/1, Forced ,new pipe\nway/12,forbidden,tram\n")
    rules = read_network_streets(path)
    assert rules.street_id == ("way/1", "way/12")
    assert rules.rule == ("forced", "forbidden")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("street,rule\na,forced\n", "lacks the column street_id"),
        ("street_id,rule,reason\na,forced,x\nb,perhaps,y\n", "the rule 'perhaps' in line 3"),
        ("", "cannot be read as a table"),
    ],
)
def test_files_that_say_nothing_are_refused(tmp_path, text, words):
    with pytest.raises(InputProblem, match=words):
        read_network_streets(written(tmp_path, text))


def test_the_id_of_a_street_means_all_its_sections_and_that_of_a_section_only_itself():
    rules = StreetRules("rules.csv", ("way/1", "way/12"), ("forced", "forbidden"))
    found = find_rules(rules, STREETS)
    assert found.forced.tolist() == [True, True, False, False]
    assert found.forbidden.tolist() == [False, False, True, False]
    one = find_rules(StreetRules("rules.csv", ("way/1:2",), ("forbidden",)), STREETS)
    assert one.forbidden.tolist() == [False, True, False, False]
    assert one.forced is None


def test_an_unknown_street_is_refused_with_near_ids():
    with pytest.raises(InputProblem, match=r"rules\.csv names the street 'way/77', .* near are way/777"):
        find_rules(StreetRules("rules.csv", ("way/77",), ("forced",)), STREETS)


def test_a_street_cannot_be_forced_and_forbidden():
    with pytest.raises(InputProblem, match="both forces and forbids the street 'way/1'"):
        find_rules(StreetRules("rules.csv", ("way/1", "way/1"), ("forced", "forbidden")), STREETS)


def test_no_rules_mean_no_marks():
    assert find_rules(None, STREETS).forced is None
    assert find_rules(StreetRules("rules.csv", (), ()), STREETS).forbidden is None
