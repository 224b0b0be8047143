"""A request to stop is never lost, and never heard where something is half done."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest

from app.embedded.stopping import SIGNALS, Stopped, StopRequest


@pytest.fixture
def request_to_stop() -> Iterator[StopRequest]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    made = StopRequest()
    made.listen()
    yield made
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_it_is_remembered_while_something_is_half_done_and_heard_at_the_next_pause(
    request_to_stop: StopRequest, number: signal.Signals
) -> None:
    os.kill(os.getpid(), number)
    assert request_to_stop.has_come
    with pytest.raises(Stopped):
        request_to_stop.pause(30)


def test_it_cuts_a_pause_short(request_to_stop: StopRequest) -> None:
    signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    began = time.monotonic()
    with pytest.raises(Stopped):
        request_to_stop.pause(30)
    assert time.monotonic() - began < 25


def test_a_second_one_does_not_interrupt_the_stopping(request_to_stop: StopRequest) -> None:
    os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(Stopped):
        request_to_stop.pause(0)
    os.kill(os.getpid(), signal.SIGINT)  # nothing is raised here
    assert request_to_stop.has_come
