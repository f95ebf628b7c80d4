from __future__ import annotations

import pytest

from twin.dns.resolver import CachingResolver, Resolution, ResolutionError


class World:
    """A DNS server and a clock under the test's hand."""

    def __init__(self) -> None:
        self.now = 100.0
        self.answers = {"app.example": Resolution("app.example", ("127.0.1.2",), 20)}
        self.asked: list[str] = []
        self.is_down = False

    def ask(self, name: str) -> Resolution:
        self.asked.append(name)
        if self.is_down:
            raise ResolutionError(f"{name}: no answer")
        return self.answers.get(name, Resolution(name, (), 5))


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def resolver(world: World) -> CachingResolver:
    return CachingResolver(world.ask, lambda: world.now)


def test_a_client_stays_with_a_dead_region_until_the_ttl_ends(world: World, resolver: CachingResolver) -> None:
    assert resolver.resolve("app.example") == ("127.0.1.2",)
    world.answers["app.example"] = Resolution("app.example", ("127.0.2.2",), 20)
    world.now += 19.9
    assert resolver.resolve("app.example") == ("127.0.1.2",)
    world.now += 0.1
    assert resolver.resolve("app.example") == ("127.0.2.2",)
    assert world.asked == ["app.example"] * 2


def test_it_reports_what_it_holds_and_until_when(world: World, resolver: CachingResolver) -> None:
    resolver.resolve("app.example")
    assert [(kept.resolution.addresses, kept.until) for kept in resolver.cached()] == [(("127.0.1.2",), 120.0)]
    world.now = 120.0
    assert resolver.cached() == ()


def test_a_name_that_is_not_there_is_remembered_too(world: World, resolver: CachingResolver) -> None:
    for _ in range(2):
        with pytest.raises(ResolutionError, match=r"gone\.example: no such name"):
            resolver.resolve("gone.example")
    assert world.asked == ["gone.example"]
    world.now += 5
    world.answers["gone.example"] = Resolution("gone.example", ("127.0.1.2",), 20)
    assert resolver.resolve("gone.example") == ("127.0.1.2",)


def test_a_silent_server_does_not_make_an_old_answer_good_again(world: World, resolver: CachingResolver) -> None:
    resolver.resolve("app.example")
    world.is_down = True
    world.now += 20
    with pytest.raises(ResolutionError):
        resolver.resolve("app.example")
    world.is_down = False
    assert resolver.resolve("app.example") == ("127.0.1.2",)


def test_a_ttl_of_zero_is_asked_every_time(world: World, resolver: CachingResolver) -> None:
    world.answers["app.example"] = Resolution("app.example", ("127.0.1.2",), 0)
    resolver.resolve("app.example")
    resolver.resolve("app.example")
    assert len(world.asked) == 2


def test_a_restarted_client_has_forgotten(world: World, resolver: CachingResolver) -> None:
    resolver.resolve("app.example")
    resolver.flush()
    resolver.resolve("app.example")
    assert len(world.asked) == 2
