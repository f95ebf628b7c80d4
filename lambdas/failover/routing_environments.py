"""What the functions are told that route users and empty caches; ``failover.environments`` has them all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from failover.environment import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerBalancerEnvironment(Environment):
    """See ``answer_balancer``, which asks the levers and needs nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SteerRoutesEnvironment(Environment):
    """See ``steer_routes``; ``steered`` is what the document says of each route's weights."""

    quorum_table: str
    quorum_regions: tuple[str, ...]
    zone_id: str
    steered: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnUsersEnvironment(Environment):
    """See ``return_users``; ``returning`` is how users come back by each route."""

    quorum_table: str
    quorum_regions: tuple[str, ...]
    returning: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidateCachesEnvironment(Environment):
    """See ``invalidate_caches``; ``paths`` are those of each of the document's triggers."""

    distribution: str
    paths: Mapping[str, Sequence[str]]
