from hypothesis import given
from hypothesis import strategies as st

from layers.core.text import clean_name, number_text, percent_text, slug, spreadsheet_safe


@given(st.text())
def test_a_slug_is_always_a_safe_file_name(text):
    name = slug(text)
    assert name
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not name.startswith("-")
    assert len(name) <= 60


@given(st.text(max_size=400))
def test_a_clean_name_has_one_line_and_no_direction_marks(text):
    name = clean_name(text)
    assert len(name) <= 200
    assert not set(name) & set("\u202e\u202d\u2066\u200f\x00\n\r\t\x1b")


@given(st.text())
def test_no_spreadsheet_takes_a_text_for_a_formula(text):
    assert not spreadsheet_safe(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_names_of_the_network_keep_their_letters_in_slugs():
    assert [slug(n) for n in ("Sønderborg", "Veszprém", "Reykjavík", "Vitoria-Gasteiz")] == [
        "sonderborg", "veszprem", "reykjavik", "vitoria-gasteiz",
    ]  # fmt: skip


def test_numbers_in_sentences_have_three_figures_at_most():
    assert [number_text(value) for value in (9274.3, 1_050.0, 999.6, 12.4, 0.0)] == [
        "9,270", "1,050", "1,000", "12", "0",
    ]  # fmt: skip
    assert [number_text(value, 2) for value in (0.4362, 21.64, 216.4, -1.234)] == [
        "0.44",
        "21.6",
        "216",
        "-1.23",
    ]
    assert percent_text(0.616) == "62 %"
