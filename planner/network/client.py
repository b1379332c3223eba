"""A polite client: own name, timeouts, few and patient repetitions, a limit of size.

Every way in which a network can fail ends in `DataMissing` with one sentence; nothing that came
incomplete is handed on.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from layers.core.errors import DataMissing, UsageProblem
from layers.core.text import clean_name
from planner import __version__

if TYPE_CHECKING:
    import requests

TIMEOUT_VARIABLE = "PLANNER_NETWORK_TIMEOUT"
CONTACT_VARIABLE = "PLANNER_CONTACT"
BYTES_PER_MB = 1_000_000
_CHUNK_BYTES = 1 << 18
_LONGEST_REASON = 160
# the service is busy or asks for patience: the same question may be asked again later
_COME_BACK = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


def _default_timeout_s() -> float:
    """Return the seconds to wait for the next byte of an answer."""
    text = os.environ.get(TIMEOUT_VARIABLE, "").strip()
    if not text:
        return 240.0
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.0 < seconds <= 3600.0:
        raise UsageProblem(f"{TIMEOUT_VARIABLE} is {text!r}; it must be seconds between 0 and 3600.")
    return seconds


@dataclass(frozen=True)
class Manners:
    """How long to wait, how often to ask and how much to take.

    Attributes
    ----------
    try_count : int
        Questions at most, the first included.
    first_wait_s, longest_wait_s : float
        Wait before the second question, doubled each time; a service that asks for a longer wait than
        the longest is not asked again.
    connect_timeout_s, read_timeout_s : float
        Until the connection stands, and until the next byte comes.
    longest_answer_s : float
        For the whole answer.
    """

    try_count: int = 4
    first_wait_s: float = 2.0
    longest_wait_s: float = 120.0
    connect_timeout_s: float = 10.0
    read_timeout_s: float = field(default_factory=_default_timeout_s)
    longest_answer_s: float = 1800.0


@dataclass(frozen=True)
class Question:
    """One request to one service.

    Attributes
    ----------
    service : str
        As a person knows it, for messages.
    url : str
    fields : mapping
        Of the query, or of the form where `is_form`.
    largest_answer_mb : float
        Beyond it the answer is broken off.
    """

    service: str
    url: str
    fields: Mapping[str, str]
    is_form: bool = False
    largest_answer_mb: float = 1500.0


class _ComeBackError(Exception):
    """The question may be asked again, after so many seconds where the service said so."""

    def __init__(self, reason: str, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


def user_agent() -> str:
    """Return the name under which the program asks, with the user's contact where one is set."""
    contact = clean_name(os.environ.get(CONTACT_VARIABLE, ""), 100)
    contact = contact.encode("ascii", "ignore").decode()
    return f"district-planner/{__version__} (district energy planning{'; ' + contact if contact else ''})"


def download(
    question: Question,
    target: Path,
    *,
    manners: Manners | None = None,
    say: Callable[[str], None] = lambda text: None,
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Write a service's complete answer to a file.

    Parameters
    ----------
    question : Question
    target : Path
        Written anew for each try.
    manners : Manners, optional
    say : callable
        Told why something takes longer.
    wait : callable
        Sleeps; tests hand over their own.

    Raises
    ------
    DataMissing
        When the service cannot be reached, refuses, is busy for too long, or breaks off.
    """
    manners = manners or Manners()
    pause_s = manners.first_wait_s
    for number in range(1, manners.try_count + 1):
        try:
            _ask(question, target, manners)
            return
        except _ComeBackError as problem:
            pause = pause_s if problem.wait_s is None else problem.wait_s
            if number == manners.try_count:
                raise DataMissing(f"{question.service} {problem}, {number} times") from problem
            if pause > manners.longest_wait_s:
                raise DataMissing(
                    f"{question.service} {problem} and asks to come back in {pause / 60:.0f} minutes"
                ) from problem
            say(f"{question.service} {problem}; asking again in {pause:.0f} s")
            wait(pause)
            pause_s = min(2 * pause_s, manners.longest_wait_s)


def _ask(question: Question, target: Path, manners: Manners) -> None:
    """Ask once."""
    # only who really asks pays for the library
    import requests

    fields = dict(question.fields)
    try:
        with requests.Session() as session:
            answer = session.request(
                "POST" if question.is_form else "GET",
                question.url,
                params=None if question.is_form else fields,
                data=fields if question.is_form else None,
                headers={"User-Agent": user_agent()},
                timeout=(manners.connect_timeout_s, manners.read_timeout_s),
                stream=True,
            )
            with answer:
                _check_status(question, answer)
                _write(question, answer, target, manners)
    except requests.exceptions.Timeout as problem:
        raise DataMissing(f"{question.service} did not answer in time") from problem
    except requests.exceptions.ChunkedEncodingError as problem:
        raise _ComeBackError("broke off in the middle of its answer") from problem
    except requests.exceptions.ConnectionError as problem:
        raise _connection_problem(question, problem) from problem
    except (requests.exceptions.RequestException, UnicodeError) as problem:
        reason = clean_name(str(problem), _LONGEST_REASON)
        raise DataMissing(f"{question.service} could not be asked ({reason})") from problem


def _connection_problem(question: Question, problem: Exception) -> Exception:
    text = str(problem)
    if "Read timed out" in text:
        return DataMissing(f"{question.service} did not answer in time")
    if "reset" in text or "RemoteDisconnected" in text or "Connection aborted" in text:
        return _ComeBackError("closed the connection without an answer")
    if "refused" in text:
        reason = "the connection was refused"
    elif "resolve" in text or "getaddrinfo" in text or "NameResolution" in text:
        reason = "its name is not known here; is there a network?"
    elif "CERTIFICATE" in text.upper():
        reason = "its certificate could not be checked"
    else:
        reason = "there is no connection"
    return DataMissing(f"{question.service} could not be reached ({reason})")


def _check_status(question: Question, answer: requests.Response) -> None:
    if answer.status_code == HTTPStatus.OK:
        return
    if answer.status_code in _COME_BACK:
        raise _ComeBackError(f"is busy ({answer.status_code})", _retry_after_s(answer))
    start = next(answer.iter_content(1000), b"").decode("utf-8", "replace")
    said = f": {clean_name(start, _LONGEST_REASON)}" if start and "<" not in start else ""
    raise DataMissing(f"{question.service} refused the question ({answer.status_code}{said})")


def _retry_after_s(answer: requests.Response) -> float | None:
    """Return the seconds that the header `Retry-After` asks for: a number or a date."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isdigit():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())


def _write(question: Question, answer: requests.Response, target: Path, manners: Manners) -> None:
    started = time.monotonic()
    limit = int(question.largest_answer_mb * BYTES_PER_MB)
    size = 0
    with target.open("wb") as stream:
        for chunk in answer.iter_content(_CHUNK_BYTES):
            size += len(chunk)
            if size > limit:
                raise DataMissing(
                    f"{question.service} sends more than {question.largest_answer_mb:,.0f} MB; "
                    "that is more than one town"
                )
            if time.monotonic() - started > manners.longest_answer_s:
                raise DataMissing(f"{question.service} did not finish its answer in time")
            stream.write(chunk)
    if size == 0:
        raise _ComeBackError("sent an empty answer")
