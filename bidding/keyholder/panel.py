"""All the keyholder services that the application may ask, as its settings name them; several are asked at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from app.errors import DomainError, KeyholderRefused, TemporarilyUnavailable
from bidding.keyholder.client import KeyholderClient, Who

Answer = TypeVar("Answer")
Failure = DomainError


@dataclass(frozen=True, slots=True)
class Service:
    """One release service: its id in boxes, who runs it (empty: the operator of this site), and how to ask it."""

    holder: str
    operator: str
    client: KeyholderClient

    def who(self) -> Who:
        """Raises TemporarilyUnavailable if it does not answer, KeyholderRefused if it is another than the named."""
        who = self.client.who()
        if who.holder != self.holder:
            raise KeyholderRefused(f"keyholder {self.holder} says that it is {who.holder}", holder=self.holder)
        return who


@dataclass(frozen=True, slots=True)
class Panel:
    """The services in the order of the settings, which is their order in every box."""

    services: tuple[Service, ...]

    @property
    def holders(self) -> tuple[str, ...]:
        return tuple(service.holder for service in self.services)

    def __iter__(self) -> Iterator[Service]:
        return iter(self.services)

    def at_once(
        self, ask: Callable[[Service], Answer], holders: Collection[str] | None = None
    ) -> tuple[dict[str, Answer], dict[str, Failure]]:
        """Ask every service, or those in `holders`, in parallel: what each answered, and why another did not.

        A slow one takes its own time-out and nobody else's answer. `ask` runs in a thread: no session, no context.
        A holder that the settings do not name has not answered either.
        """
        wanted = [service for service in self.services if holders is None or service.holder in holders]
        answers: dict[str, Answer] = {}
        failures: dict[str, Failure] = {
            holder: TemporarilyUnavailable(f"the settings name no keyholder {holder}", holder=holder)
            for holder in (holders or ())
            if holder not in self.holders
        }
        if not wanted:
            return answers, failures
        with ThreadPoolExecutor(len(wanted), thread_name_prefix="keyholder") as pool:
            asked = {service.holder: pool.submit(ask, service) for service in wanted}
            for holder, future in asked.items():
                try:
                    answers[holder] = future.result()
                except (KeyholderRefused, TemporarilyUnavailable) as failure:
                    failures[holder] = failure
        return answers, failures

    def all_of(self, ask: Callable[[Service], Answer]) -> dict[str, Answer]:
        """The same where every one has to answer. Raises the first failure, in the order of the settings."""
        answers, failures = self.at_once(ask)
        for holder in self.holders:
            if holder in failures:
                raise failures[holder]
        return answers


def failures_of(failures: Mapping[str, Failure]) -> dict[str, str]:
    """By holder, the code that the log keeps: `no-answer`, or `refused`."""
    return {
        holder: "refused" if isinstance(failure, KeyholderRefused) else "no-answer"
        for holder, failure in failures.items()
    }
