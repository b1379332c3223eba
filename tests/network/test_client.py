"""The polite client: what it does when a service is busy, silent, gone or breaks off."""

import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from importlib import metadata

import pytest

from layers.core.errors import DataMissing, UsageProblem
from planner.network.client import Manners, Question, download, user_agent

from .conftest import Answer


@pytest.fixture
def ask(services, tmp_path):
    """Ask the recorded service; returns the answer and the waits between questions."""

    def run(*answers, url=None, largest_answer_mb=10.0, **manners):
        if answers:
            services.say("thing", *answers)
        waits, words = [], []
        target = tmp_path / "answer"
        question = Question(
            "The service", url or f"{services.url}/thing", {"q": "Põlva"}, False, largest_answer_mb
        )
        download(question, target, manners=Manners(**manners), say=words.append, wait=waits.append)
        return target.read_bytes(), waits, words

    return run


def test_an_answer_is_taken_whole_and_the_question_says_who_asks(ask, services, monkeypatch):
    monkeypatch.setenv("PLANNER_CONTACT", "heat@example.org")
    assert ask(b"hello")[0] == b"hello"
    [(_, fields, headers)] = services.asked
    assert fields == {"q": "Põlva"}
    assert headers["User-Agent"].startswith("district-planner/" + metadata.version("district-planner"))
    assert "heat@example.org" in headers["User-Agent"]


def test_a_contact_cannot_smuggle_a_header(monkeypatch):
    monkeypatch.setenv("PLANNER_CONTACT", "a\r\nX-Evil: ü1")
    assert user_agent().isascii()
    assert "\n" not in user_agent()
    assert "\r" not in user_agent()


def test_a_busy_service_is_asked_again_after_the_wait_that_it_names(ask, services):
    busy = Answer(status=429, headers={"Retry-After": "7"})
    body, waits, words = ask(busy, Answer(status=504), b"hello")
    assert body == b"hello"
    assert waits == [7.0, 4.0]
    assert "busy (429)" in words[0]
    assert services.count("thing") == 3


def test_a_date_to_come_back_at_is_understood(ask):
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=50))
    _, waits, _ = ask(Answer(status=503, headers={"Retry-After": later}), b"hello")
    assert 40 < waits[0] <= 50


def test_a_service_that_stays_busy_is_left_alone_after_four_times(ask, services):
    with pytest.raises(DataMissing, match=r"is busy \(429\), 4 times"):
        ask(Answer(status=429))
    assert services.count("thing") == 4


def test_a_service_that_asks_for_an_hour_is_not_waited_for(ask, services):
    with pytest.raises(DataMissing, match="come back in 60 minutes"):
        ask(Answer(status=429, headers={"Retry-After": "3600"}), b"hello")
    assert services.count("thing") == 1


def test_waits_double_where_the_service_names_none(ask):
    assert ask(*[Answer(status=503)] * 3, b"hello")[1] == [2.0, 4.0, 8.0]


def test_a_refused_connection_is_said_at_once(ask):
    with socket.socket() as gone:
        gone.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{gone.getsockname()[1]}/"
    with pytest.raises(DataMissing, match=r"could not be reached \(the connection was refused\)"):
        ask(url=url)


def test_a_silent_service_is_given_up(ask, services):
    with pytest.raises(DataMissing, match="did not answer in time"):
        ask(Answer(hold=True), read_timeout_s=0.3)
    assert services.count("thing") == 1


def test_an_answer_that_never_ends_is_given_up(ask):
    with pytest.raises(DataMissing, match="did not finish"):
        ask(b"x" * 1000, longest_answer_s=0.0)


def test_a_cut_answer_is_asked_for_again(ask):
    body, waits, _ = ask(Answer(b"hel", promised=500), b"hello")
    assert body == b"hello"
    assert waits == [2.0]


def test_an_answer_that_is_always_cut_is_not_handed_on(ask):
    with pytest.raises(DataMissing, match="broke off"):
        ask(Answer(b"hel", promised=500))


def test_an_empty_answer_is_not_handed_on(ask):
    with pytest.raises(DataMissing, match="empty answer"):
        ask(b"")


def test_a_closed_connection_is_tried_again(ask, services):
    services.let_go.set()
    assert ask(Answer(hold=True), b"hello")[0] == b"hello"


def test_a_refusal_is_passed_on_in_the_services_words_without_markup(ask, services):
    with pytest.raises(DataMissing, match=r"400: \{\"message\": \"Location over the sea\"\}"):
        ask(Answer(b'{"message": "Location over the sea"}', status=400))
    with pytest.raises(DataMissing) as caught:
        ask(Answer(b"<html><script>", status=403))
    assert "<" not in str(caught.value)
    assert services.count("thing") == 2


def test_an_answer_without_end_in_bytes_is_broken_off(ask):
    with pytest.raises(DataMissing, match="more than one town"):
        ask(b"x" * 2_000_000, largest_answer_mb=1.0)


def test_an_address_that_is_none_is_one_sentence(ask):
    with pytest.raises(DataMissing, match="could not be asked"):
        ask(url="gopher//nowhere")


def test_nothing_is_waited_for_when_the_first_answer_is_good(ask):
    started = time.monotonic()
    assert ask(b"hello")[1:] == ([], [])
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("text", ["soon", "0", "-3", "1e9", "nan"])
def test_a_strange_timeout_is_refused(monkeypatch, text):
    monkeypatch.setenv("PLANNER_NETWORK_TIMEOUT", text)
    with pytest.raises(UsageProblem, match="PLANNER_NETWORK_TIMEOUT"):
        Manners()
