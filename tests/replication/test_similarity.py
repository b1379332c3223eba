import re

import numpy as np
import pandas as pd
import pytest

from replication.chance import lighthouse_values, measure_point_limits, measure_scale, read_scale
from replication.dictionary import compared_indicators, read_indicators, read_rows
from replication.distance import point_distance
from replication.district_table import DistrictIndicators
from replication.lighthouses import FOLDER, Library, read_lighthouses
from replication.pairs import SimilarityParams, draw_block_weights
from replication.similarity import ADDS, compare_districts
from replication.statements import LESSONS_TITLE, NEAREST_TITLE, make_theme

FEW_DRAWS = SimilarityParams(draw_count=200)


def compare(indicators, library, params=FEW_DRAWS):
    return compare_districts(indicators, library, 1, params)


@pytest.fixture
def comparison(make_indicators, typical, library):
    return compare(make_indicators(typical), library)


def test_a_lighthouse_is_its_own_nearest(make_indicators, library):
    named = tuple(one for one in library.compared() if one.may_be_named())
    values = lighthouse_values(named)
    found = compare(DistrictIndicators(values, values.notna().astype(float)), library).district_columns
    assert found["nearest_lighthouse_id"].tolist() == list(values.index)
    assert found["similarity_share"].tolist() == [1.0] * len(named)
    assert (found["similarity_class"] == "close").all()


def test_a_nordic_panel_estate_is_like_tartu_and_then_sab_22(comparison):
    row = comparison.district_columns.loc["nordic_panel_1960s"]
    assert row["lighthouse_id"] == "tartu_khrushchyovka"
    assert row["similarity_class"] == "close"
    pairs = comparison.similarities.query("district_id == 'nordic_panel_1960s' and may_be_named")
    order = pairs.sort_values("cautious_similarity_share", ascending=False)["lighthouse_id"].tolist()
    assert order[:2] == ["tartu_khrushchyovka", "sonderborg_sab22"]


def test_detached_houses_by_the_mediterranean_have_no_close_analogue(comparison):
    row = comparison.district_columns.loc["mediterranean_detached"]
    assert row["similarity_class"] == "no close analogue"
    assert pd.isna(row["lighthouse_id"])
    assert row["similarity_note"].startswith("No close analogue;")
    assert row["reasons_different"]


def test_new_centres_and_old_mills_find_theirs(comparison):
    found = comparison.district_columns["lighthouse_id"]
    assert found["new_mixed_use_centre"] in ("espoo_sello", "espoo_lippulaiva")
    assert found["industrial_heritage"] == "leipzig_spinnerei"
    assert comparison.theme.title == NEAREST_TITLE


def test_a_tie_is_said(comparison):
    row = comparison.district_columns.loc["new_mixed_use_centre"]
    assert row["tied_lighthouse_ids"] == "espoo_lippulaiva"
    assert row["similarity_note"] == "Sello and Lippulaiva are about equally near."


def test_a_lighthouse_known_from_documents_only_is_never_named(comparison):
    """Perimeter blocks are nearest to Coronación by every number, but too little of it is documented."""
    pairs = comparison.similarities.set_index(["district_id", "lighthouse_id"]).loc["german_perimeter_block"]
    assert pairs["cautious_similarity_share"].idxmax() == "vitoria_coronacion"
    assert pairs.loc["vitoria_coronacion", "similarity_class"] == "known from documents only"
    assert pairs.loc["vitoria_coronacion", "first_probability_share"] == 0
    assert (comparison.district_columns["nearest_lighthouse_id"] != "vitoria_coronacion").all()
    assert "Coronación is known from documents only" in comparison.theme.statement
    assert "3 of 5 districts have an analogue" in comparison.theme.statement
    assert "all of them close" in comparison.theme.statement


def test_plans_systems_and_portfolios_are_not_compared(comparison):
    compared = set(comparison.similarities["lighthouse_id"])
    assert not compared & {"espoo_kera", "leipzig_west_virtual", "sonderborg_housing"}
    assert len(compared) == 8


def test_the_reasons_are_the_distance(comparison):
    """Every indicator's part, added up, is one minus the similarity, to the last digits."""
    pairs = comparison.similarities.set_index(["district_id", "lighthouse_id"])["similarity_share"]
    for (district_id, lighthouse_id), similarity in pairs.items():
        parts = comparison.explain(district_id, lighthouse_id)
        assert parts.min() >= 0
        assert parts.sum() == pytest.approx(1 - similarity, abs=1e-8)


def test_one_indicator_that_differs_is_the_whole_distance(make_indicators, library):
    sab = library.lighthouses["sonderborg_sab22"]
    values = {name: feature.value for name, feature in sab.features.items()} | {"residential_share": 0.53}
    found = compare(make_indicators({"d01": values}), library)
    parts = found.explain("d01", "sonderborg_sab22")
    assert parts.index[0] == "residential_share"
    assert parts.iloc[1:].sum() == pytest.approx(0, abs=1e-12)
    weights = {one.name: one.weight_share for one in compared_indicators()}
    compared = sum(weights.get(name, 0.0) for name in values)
    assert parts.iloc[0] == pytest.approx((0.93 - 0.53) * weights["residential_share"] / compared)
    reasons = found.similarities.set_index("lighthouse_id").loc["sonderborg_sab22", "reasons_different"]
    assert reasons == "less housing (53 % against 93–100 %, an estimate)"


def test_inside_the_documented_interval_there_is_no_distance(make_indicators, library):
    tartu = library.lighthouses["tartu_khrushchyovka"]
    found = compare(
        make_indicators({"d01": {name: one.high for name, one in tartu.features.items()}}), library
    )
    assert found.explain("d01", "tartu_khrushchyovka").sum() == pytest.approx(0, abs=1e-12)


def test_the_distance_of_two_districts_has_no_direction(typical):
    names = sorted(typical)
    for left in names:
        assert point_distance(typical[left], typical[left]) == 0
        for right in names:
            there, back = (
                point_distance(typical[left], typical[right]),
                point_distance(typical[right], typical[left]),
            )
            assert there == pytest.approx(back, abs=1e-15)


def test_owners_lie_as_far_apart_as_the_table_says():
    far = {"ownership": "single_commercial"}
    assert point_distance({"ownership": "housing_association"}, {"ownership": "municipal_company"}) == 0.3
    assert point_distance({"ownership": "condominium_private"}, {"ownership": "private_landlord"}) == 0.5
    assert point_distance({"ownership": "housing_association"}, far) == 1


def test_order_and_copies_of_districts_change_nothing(make_indicators, typical, library, comparison):
    turned = dict(reversed(typical.items()))
    doubled = turned | {f"{name}_again": values for name, values in typical.items()}
    found = compare(make_indicators(doubled), library).district_columns
    pd.testing.assert_frame_equal(found.loc[list(typical)], comparison.district_columns)
    copies = found.loc[[f"{name}_again" for name in typical]].set_axis(comparison.district_columns.index)
    pd.testing.assert_frame_equal(copies, comparison.district_columns)


def test_a_copy_of_a_lighthouse_shares_its_first_places(make_indicators, typical, library):
    import dataclasses

    copy = dataclasses.replace(library.lighthouses["tartu_khrushchyovka"], id="tartu_again")
    both = Library({**library.lighthouses, "tartu_again": copy})
    found = compare(make_indicators(typical), both).similarities.set_index(["district_id", "lighthouse_id"])
    row = found["first_probability_share"]["nordic_panel_1960s"]
    assert row["tartu_again"] == row["tartu_khrushchyovka"] == pytest.approx(0.5, abs=0.01)


def test_what_is_not_known_lowers_the_coverage_and_is_never_filled_in(make_indicators, typical, library):
    values = typical["nordic_panel_1960s"]
    whole = compare(make_indicators({"d01": values}), library).district_columns.loc["d01"]
    last = whole["coverage_share"]
    for name in ("plot_ratio", "ownership", "heat_demand_kwh_per_m2", "built_1961_1975_share"):
        values = {key: value for key, value in values.items() if key != name}
        found = compare(make_indicators({"d01": values}), library)
        assert found.district_columns.loc["d01", "coverage_share"] < last
        assert found.explain("d01", "tartu_khrushchyovka")[name] == 0
        last = found.district_columns.loc["d01", "coverage_share"]


def test_values_that_are_half_known_count_half(make_indicators, typical, library):
    full = compare(make_indicators(typical), library).district_columns["coverage_share"]
    half = compare(make_indicators(typical, known=0.5), library).district_columns["coverage_share"]
    assert (half < full).all() and (half > 0.45 * full).all()


def test_less_than_half_compared_is_at_most_partial(make_indicators, typical, library):
    half_known = compare(make_indicators(typical, known=0.5), library).district_columns
    assert (half_known["coverage_share"] < 0.5).all()
    assert not (half_known["similarity_class"] == "close").any()


def test_a_wood_is_not_assessable(make_indicators, library):
    climate = {"heating_degree_days_kd": 4300.0, "irradiation_kwh_per_m2_land": 980.0}
    row = compare(make_indicators({"d01": climate}), library).district_columns.loc["d01"]
    assert row["similarity_class"] == "not assessable"
    assert pd.isna(row["lighthouse_id"]) and pd.isna(row["nearest_lighthouse_id"])
    assert "Too little is known" in row["similarity_note"]
    assert row["reasons_alike"] == ""


def test_without_a_lighthouse_that_may_be_named_the_first_line_says_so(make_indicators, typical, library):
    found = compare(
        make_indicators(typical), library, SimilarityParams(draw_count=50, least_coverage_share=0.9)
    )
    assert found.theme.title == LESSONS_TITLE
    assert "known from documents only" in found.theme.statement
    assert found.district_columns["nearest_lighthouse_id"].isna().all()
    assert (found.district_columns["similarity_class"] == "no close analogue").all()
    assert (found.similarities["first_probability_share"] == 0).all()


def test_an_empty_town_is_compared_without_a_word(library):
    nothing = pd.DataFrame(index=pd.Index([], name="district_id"))
    found = compare(DistrictIndicators(nothing, nothing), library)
    assert found.similarities.empty and found.district_columns.empty


def test_first_places_add_up_and_the_weights_stay_around_their_values(comparison):
    sums = comparison.similarities.groupby("district_id")["first_probability_share"].sum()
    assert np.allclose(sums, 1, atol=1e-6)
    drawn = draw_block_weights(SimilarityParams(draw_count=4000), 1)
    assert np.allclose(drawn.sum(axis=0), 1)
    assert np.allclose(drawn.mean(axis=1), [0.25, 0.10, 0.20, 0.25, 0.10, 0.05, 0.05], atol=0.01)


def test_another_seed_moves_the_first_places_but_not_the_similarity(
    make_indicators, typical, library, comparison
):
    other = compare_districts(make_indicators(typical), library, 2, FEW_DRAWS)
    same = ["similarity_share", "coverage_share", "similarity_class", "reasons_alike"]
    pd.testing.assert_frame_equal(other.similarities[same], comparison.similarities[same])
    moved = other.similarities["first_probability_share"] - comparison.similarities["first_probability_share"]
    assert 0 < moved.abs().max() < 0.15


def test_the_carried_class_limits_are_those_of_the_library():
    measured, carried = measure_scale(), read_scale()
    assert measured.pool_median_share == pytest.approx(carried.pool_median_share, abs=1e-6)
    assert measured.partial_limit_share == pytest.approx(carried.partial_limit_share, abs=1e-6)
    assert measured.close_limit_share == pytest.approx(carried.close_limit_share, abs=1e-6)


def test_shuffled_districts_reach_what_was_published_for_points():
    partial, close = measure_point_limits()
    assert (round(partial, 2), round(close, 2)) == (0.81, 0.85)
    rows = {row["id"]: float(row["value"]) for row in read_rows(FOLDER.parent / "similarity_scale.csv")}
    assert rows["point_partial_limit_share"] == pytest.approx(partial, abs=1e-6)
    assert rows["point_close_limit_share"] == pytest.approx(close, abs=1e-6)


def test_reasons_are_few_each_of_another_topic_and_sunshine_is_never_the_first(comparison):
    by_text = {
        template.split(" (")[0].split(": {")[0]: one
        for one in read_indicators().values()
        for template in (one.alike_text, one.higher_text, one.lower_text)
        if template
    }
    for column in ("reasons_alike", "reasons_different"):
        for text in comparison.similarities[column]:
            reasons = [one for one in text.split("; ") if one]
            found = [by_text[reason.split(" (")[0].split(": ")[0]] for reason in reasons]
            assert len(found) <= 3
            assert len({one.topic for one in found}) == len(found)
            assert sum(one.scope == "city" for one in found) <= 1
            assert not found or found[0].scope == "district"


def test_reasons_are_in_words_a_resident_reads(comparison):
    text = " ".join(comparison.similarities["reasons_alike"] + comparison.similarities["reasons_different"])
    assert not re.search(r"_share|_m2|Gower|p10|\bnan\b|None|condominium|\bratio\b", text)


def test_the_columns_keep_their_contract(comparison):
    from layers.core.contracts import find_problems

    assert find_problems(comparison.district_columns, ADDS, name="districts") == []
    assert set(comparison.district_columns.columns) == {column.name for column in ADDS}


def test_a_coach_who_adds_a_lighthouse_leaves_the_ruler_as_it_is(
    tmp_path, make_indicators, typical, comparison
):
    text = (FOLDER / "leipzig_duncker.toml").read_text(encoding="utf-8").replace("leipzig_duncker", "own", 1)
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    found = compare(make_indicators(typical), read_lighthouses(tmp_path))
    kept = found.similarities.query("lighthouse_id != 'own'").reset_index(drop=True)
    same = ["district_id", "lighthouse_id", "similarity_share", "cautious_similarity_share"]
    pd.testing.assert_frame_equal(kept[same], comparison.similarities[same])


def test_planted_types_with_an_analogue_are_told_from_those_without(make_indicators, typical, library):
    """Numbers 25 % off and three in ten features missing: 95 % of all pairs are still in the right order."""
    chance = np.random.default_rng(1)
    copies = {}
    for name, values in typical.items():
        for number in range(60):
            kept = {key: value for key, value in values.items() if chance.random() > 0.3}
            copies[f"{name}#{number}"] = {
                key: value if isinstance(value, str) else value * chance.uniform(0.75, 1.25)
                for key, value in kept.items()
            }
    found = compare(make_indicators(copies), library, SimilarityParams(draw_count=20)).district_columns
    kind = found.index.str.split("#").str[0]
    is_unseen = kind.isin(["mediterranean_detached", "german_perimeter_block"])
    likeness = found["cautious_similarity_share"].to_numpy()
    in_order = likeness[~is_unseen][:, None] > likeness[is_unseen][None, :]
    assert in_order.mean() >= 0.95
    assert (found.loc[~is_unseen, "similarity_class"] != "no close analogue").mean() >= 0.95
    assert (found.loc[is_unseen, "similarity_class"] == "no close analogue").mean() >= 0.9
    panel = found[kind == "nordic_panel_1960s"]["nearest_lighthouse_id"]
    assert panel.isin(["tartu_khrushchyovka", "sonderborg_sab22"]).mean() >= 0.9


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (
            ["partial"] * 5,
            "All 5 districts have an analogue among the 7 lighthouses compared: partial ones, none",
        ),
        (["close", "partial", "no close analogue"], "2 of 3 districts have an analogue"),
        (["close", "partial", "no close analogue"], "compared: 1 close and 1 partial."),
        (["partial", "no close analogue"], "1 of 2 districts has an analogue"),
        (["partial", "no close analogue"], "compared: a partial one, not a close one."),
    ],
)
def test_the_statement_says_whether_an_analogue_is_close(classes, expected):
    assert expected in make_theme(pd.Series(classes), read_lighthouses()).statement
