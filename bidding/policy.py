"""Who can open a box: the groups of keyholders, any one of which suffices (protocol 3.3, 3.9, 3.10).

Pure. A group is a tuple of holder ids, in the order in which pieces are split; the groups of a lane stand in the box in
the order in which they are tried.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from itertools import combinations

Group = tuple[str, ...]
Groups = tuple[Group, ...]

MAX_GROUPS = 10  # as the box allows
MIN_MEMBERS, MAX_MEMBERS = 3, 5


class HolderPolicy(StrEnum):
    """Which keyholders a tender has."""

    SERVICES = "services"  # automatic: the release services of the settings
    COMMITTEE = "committee"  # people, each with a key file of their own
    HYBRID = "hybrid"  # the first service, and as many people as the committee needs


class Medium(StrEnum):
    """From what a holder read its key when it opened a test envelope."""

    FIRST = "medium-1"
    SECOND = "medium-2"
    RESTORED = "restored"  # a service: its own backup
    DAY_BEFORE = "T-24h"
    HOUR_BEFORE = "T-1h"


BEFORE_PUBLICATION = {"member": (Medium.FIRST, Medium.SECOND), "service": (Medium.RESTORED,)}


def threshold(count: int) -> int:
    """How many of `count` equal holders open together: the majority (1 of 1, 2 of 2, 2 of 3, 3 of 4, 3 of 5)."""
    return count // 2 + 1


def k_of_n(holders: Sequence[str], needed: int) -> Groups:
    """Every group of `needed` holders, in the order of `holders`. ValueError for more groups than a box carries."""
    groups = tuple(combinations(holders, needed))
    if not 1 <= needed <= len(holders) or len(groups) > MAX_GROUPS:
        raise ValueError(f"{needed} of {len(holders)} holders make {len(groups)} groups")
    return groups


def groups_of(policy: HolderPolicy, services: Sequence[str], members: Sequence[str]) -> Groups:
    """The groups of a tender. ValueError where the policy lacks the holders that it needs."""
    if policy == HolderPolicy.SERVICES:
        return k_of_n(services, threshold(len(services)))
    if not MIN_MEMBERS <= len(members) <= MAX_MEMBERS:
        raise ValueError(f"a committee has {MIN_MEMBERS} to {MAX_MEMBERS} members")
    groups = k_of_n(members, threshold(len(members)))
    if policy == HolderPolicy.COMMITTEE:
        return groups
    if not services:
        raise ValueError("a hybrid needs a service")
    return tuple((services[0], *group) for group in groups)


def can_open(groups: Groups, there: Collection[str]) -> bool:
    """Whether the holders that are there make up a whole group."""
    return any(set(group) <= set(there) for group in groups)


def has_spare(groups: Groups, there: Collection[str]) -> bool:
    """Whether any one of those that are there could still fall away (`k + 1` of a k-of-n), or all there are, are."""
    holders = {holder for group in groups for holder in group}
    return holders <= set(there) or all(can_open(groups, set(there) - {holder}) for holder in there or {""})


def first_group(groups: Groups, missing: Collection[str] = ()) -> Group | None:
    """The first group that does without every holder in `missing`; None where there is none."""
    return next((group for group in groups if not set(group) & set(missing)), None)


def single_operators(groups: Groups, operators: Mapping[str, str]) -> frozenset[str]:
    """Operators who hold a whole group by themselves: each could read the bids early. An unnamed one is `""`."""
    found = [{operators.get(holder, "") for holder in group} for group in groups]
    return frozenset(next(iter(names)) for names in found if len(names) == 1)
