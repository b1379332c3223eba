from dataclasses import replace

import pandas as pd

from reports import sections
from reports.exports import write_csv
from reports.sections.section import Section, render_section, templates
from reports.summary import make_summary
from reports.words import read_words
from tests.reports.sample_assessment import HOSTILE, make_assessment

WORDS = read_words()


def _greeting(assessment, words):
    return Section("greeting", "Good <morning>", f"<p>{len(assessment.buildings)} buildings</p>")


def _silent(assessment, words):
    return None


def test_a_section_stands_on_the_page_with_its_heading_escaped(monkeypatch):
    monkeypatch.setattr(sections, "SECTIONS", (_silent, _greeting))
    assessment = make_assessment()
    page = make_summary(assessment)
    assert '<section id="greeting">' in page
    assert "<h2>Good &lt;morning&gt;</h2>" in page
    assert f"<p>{len(assessment.buildings)} buildings</p>" in page
    assert [section.name for section in sections.make_sections(assessment, WORDS)] == ["greeting"]


def test_a_sections_template_escapes_texts_of_the_data(monkeypatch, tmp_path):
    (tmp_path / "sections").mkdir()
    (tmp_path / "sections" / "made.html.j2").write_text("<p>{{ text }}</p>")
    monkeypatch.setattr(templates().loader, "searchpath", [str(tmp_path)])
    for text in HOSTILE.values():
        body = render_section("made", "Made", WORDS, text=text).body
        assert "<script" not in body and "<img" not in body and "<svg" not in body


def test_every_section_names_itself_once():
    assessment = replace(make_assessment(), tables={})
    names = [section.name for section in sections.make_sections(assessment, WORDS)]
    assert len(names) == len(set(names))


def test_a_table_without_names_of_rows_is_written_without_them(tmp_path):
    write_csv(pd.DataFrame({"district_id": ["d01"], "heat_mwh": [1.5]}), tmp_path / "plain.csv")
    named = pd.DataFrame({"heat_mwh": [1.5]}, index=pd.Index(["d01"], name="district_id"))
    write_csv(named, tmp_path / "named.csv")
    assert (tmp_path / "plain.csv").read_bytes() == (tmp_path / "named.csv").read_bytes()
