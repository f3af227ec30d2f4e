"""The page: it holds what it must, loads nothing, runs nothing, and is the same every time."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evdiag.inputs import Mark, TransmitDecision
from evdiag.report.contents import document_of
from evdiag.report.html import html_page
from evdiag.report.model import Sending, Sent, Spoken
from evdiag.reporting import words
from tests.guide.stories import shipped as story
from tests.guide.stranded import Stranded
from tests.report.guided import VIN, answers_only, journal_of
from tests.report.reading import STORIES, Page, html, loads, report, shipped, shipped_html

SECTIONS = (
    "How it stood at the end",
    "Timeline",
    "Attempts to get the plug out",
    "Findings",
    "Which part, which end",
    "Frames transmitted",
    "Raw facts",
)


@pytest.mark.parametrize("name", STORIES)
def test_every_shipped_recording_gives_a_whole_page(name: str) -> None:
    text = shipped_html(name)
    page = Page(text)
    assert loads(page) == []
    places = [page.text.index(title) for title in SECTIONS]
    assert places == sorted(places)
    assert {"svg", "table", "h1"} <= page.names
    assert f"{name}.log" in page.text
    assert hashlib.sha256(Path(shipped(name)).read_bytes()).hexdigest() in page.text


def test_the_verdict_is_one_sentence_with_how_sure_it_is() -> None:
    page = Page(shipped_html("relock-before-pull")).text
    before_the_rest = page[: page.index("How it stood")]
    assert "The lock opened and closed again by itself 10.0 s after it opened" in before_the_rest
    assert "Certain · F6" in before_the_rest
    assert "Do first: stand at the port, unlock, and pull at once." in before_the_rest
    assert "Nothing wrong was found" in Page(shipped_html("healthy-dc")).text


def test_attempts_and_the_card_are_in_it() -> None:
    page = Page(shipped_html("relock-before-pull")).text
    assert "1 0:16.1 fob 1.3 s 10.0 s – ✘ opened, and locked again" in page
    assert "✔ cleared" in page
    assert "? cannot tell" in page
    assert "told to open after 1.1 s" in page


def test_facts_of_the_car_show_their_evidence_level() -> None:
    page = Page(shipped_html("healthy-ac")).text
    assert "This car opens its lock within 3.5 s of the last cause (simulated car only)." in page
    assert "Signals read, simulated car only" in page


def test_a_recording_by_somebody_else_is_not_said_to_have_sent_nothing() -> None:
    assert "The recording does not say of its frames" in Page(shipped_html("frozen")).text


def test_the_same_recording_gives_the_same_bytes() -> None:
    assert html(shipped("healthy-dc")) == shipped_html("healthy-dc")


def test_it_says_its_language_and_keeps_english_sentences_marked() -> None:
    page = Page(shipped_html("fob-not-heard", "de"))
    assert ("html", {"lang": "de"}) in page.tags
    assert "Der Funkschlüssel wird nicht gehört" in page.text
    assert "Welches Teil, welches Ende" in page.text
    marked = [a for tag, a in page.tags if tag == "span" and a.get("lang") == "en"]
    assert marked == [], "every sentence of a shipped recording is translated"


@pytest.mark.parametrize("name", STORIES)
def test_what_is_said_of_shipped_recordings_is_translated(name: str) -> None:
    assert re.findall(r'<span lang="en">([^<]*)', shipped_html(name, "de")) == []


# -- guided --------------------------------------------------------------------------------------


def guided(tmp_path: Path) -> Path:
    driver = Stranded(story("fob-not-heard"))
    assert driver.be_guided() == "released"
    hostile = Mark(0, "<script>alert('mark')</script>")
    asked = TransmitDecision(0, "<b>read the VIN</b>", False, ("level is LISTEN",))
    return journal_of(driver, tmp_path, [hostile, asked])


def test_a_guided_recording_shows_its_steps_and_how_it_ended(tmp_path: Path) -> None:
    text = html(str(guided(tmp_path)))
    page = Page(text)
    assert "Steps tried" in page.text
    assert "unlock at the driver's door" in page.text
    assert re.search(r"On the bus \w+ 1: .*door, opened after 0\.\d s", page.text)
    assert "The guide ended: It is out" in page.text
    assert "What helped: unlock at the driver's door" in page.text
    assert VIN in page.text
    assert "None. evdiag transmitted nothing." in page.text
    assert "refused level is LISTEN" in page.text
    assert loads(page) == []
    assert "<script" not in text.lower()
    assert "&lt;script&gt;" in text
    assert "&lt;b&gt;read the VIN" in text


def test_every_step_passed_over_says_why(tmp_path: Path) -> None:
    path = str(guided(tmp_path))
    walk = report(path).walk
    assert walk is not None
    over = [step.line for step in walk.steps if step.line.passed_over]
    assert over
    page = Page(html(path)).text
    for line in over:
        assert line.result in page
        assert ": " in line.result


def test_a_journal_of_answers_alone_has_the_steps_and_no_car(tmp_path: Path) -> None:
    answers = (("danger", "no"), ("which-end", "charge_point"))
    page = Page(html(str(answers_only(tmp_path, *answers))))
    assert "No bus was connected" in page.text
    assert "1. look for heat" in page.text
    assert "Timeline" not in page.text
    assert "svg" not in page.names


def test_a_danger_comes_before_every_finding(tmp_path: Path) -> None:
    page = Page(html(str(answers_only(tmp_path, ("danger", "yes")))))
    assert "STOP" in page.text[: page.text.index("Steps tried")]
    assert ("div", {"class": "verdict fault"}) in page.tags


# -- foreign text --------------------------------------------------------------------------------

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</svg><script>x</script>",
    "]]></style><script>",
    "&lt;script&gt;",
    "a\x00b\x1b[31m\u202ec",
    "$\\frac{a}{b}$",
    "' onload='x",
)


def poisoned(text: str) -> str:
    """Put a hostile text wherever a text can come from outside."""
    whole = report(shipped("relock-before-pull"))
    assert whole.car is not None
    facts = replace(
        whole.facts,
        recording=text,
        channels=((text, 1),),
        oddities=(text,),
        recorded_with=((text, text),),
        files=tuple(each._replace(name=text) for each in whole.facts.files),
        definitions=tuple(each._replace(name=text) for each in whole.facts.definitions),
    )
    car = replace(
        whole.car,
        name=text,
        vin=text,
        facts=tuple(fact._replace(source=text) for fact in whole.car.facts),
    )
    sent = Sending((Sent(text, "0x123", "00", 1, 0, 0),), (), True, True)
    bad = replace(
        whole, facts=facts, car=car, sending=sent, marks=(Spoken(0, text),), warnings=(text,)
    )
    return html_page(document_of(bad, words("en")), words("en"))


def test_a_recording_with_a_hostile_name_and_hostile_channels(tmp_path: Path) -> None:
    path = tmp_path / "<img src=x onerror=alert(1)>&'\".log"
    lines = Path(shipped("frozen")).read_text().replace(" can0 ", " <script>x ")
    path.write_text(lines)
    text = html(str(path))
    page = Page(text)
    assert "img" not in page.names
    assert loads(page) == []
    assert "&lt;script&gt;x" in text
    assert path.name in page.text


@pytest.fixture(scope="module")
def harmless() -> list[tuple[str, tuple[str, ...]]]:
    return shape(poisoned("harmless"))


def shape(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return every tag and the names of its attributes: what foreign text must never change."""
    return [(tag, tuple(attributes)) for tag, attributes in Page(text).tags]


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_text_is_shown_and_never_read(
    text: str, harmless: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert shape(poisoned(text)) == harmless


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet=st.sampled_from("<>&\"'/=a! -\x00\x1b\u2028\ufffe"), max_size=30))
def test_no_text_changes_the_page_around_it(
    text: str, harmless: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert shape(poisoned(text)) == harmless


def test_a_recording_of_another_car_gets_a_page_that_promises_nothing(tmp_path: Path) -> None:
    other = tmp_path / "other.log"
    other.write_text(re.sub(" [0-9A-F]+#", " 7AA#", Path(shipped("healthy-ac")).read_text()))
    made = report(str(other), vehicle="reference")
    for language, said in (("en", "nothing can be said of it"), ("de", "nichts zu sehen")):
        text = html_page(document_of(made, words(language)), words(language))
        assert 'class="verdict doubt"' in text
        assert said in Page(text).text
        assert loads(Page(text)) == []
