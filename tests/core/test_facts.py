import pytest

from layers.core import facts


def test_facts_that_are_read_are_noted_while_somebody_records():
    with facts.recording() as used:
        facts.value("heat", "monthly_utilisation_a0")
    assert {f.id for f in used} == {"monthly_utilisation_a0"}


def test_recordings_do_not_see_each_other():
    with facts.recording() as outer:
        with facts.recording() as inner:
            facts.value("heat", "monthly_utilisation_a0")
        facts.value("heat", "monthly_utilisation_tau0")
    assert len(inner) == 1
    assert {f.id for f in outer} == {"monthly_utilisation_tau0"}


def test_an_unknown_fact_is_an_error_that_names_it():
    with pytest.raises(KeyError, match="no fact 'nonsense' about 'heat'"):
        facts.value("heat", "nonsense")
    with pytest.raises(KeyError, match="no facts about 'cheese'"):
        facts.read_facts("cheese")
