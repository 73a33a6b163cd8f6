"""Who watches, and since when nobody has."""

from debate_server.engine.audience import Audience


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_nobody_is_absent_while_one_of_many_watches() -> None:
    clock = Clock()
    audience = Audience(clock)
    audience.expect("d")
    audience.come(["d"])
    audience.come(["d", "other"])
    clock.now += 50
    audience.go(["d", "other"])
    clock.now += 50
    assert audience.absent("d") == 0
    audience.go(["d"])
    clock.now += 7
    assert audience.absent("d") == 7


def test_absence_counts_from_the_start_and_from_every_poll() -> None:
    clock = Clock()
    audience = Audience(clock)
    audience.expect("d")
    clock.now += 30
    assert audience.absent("d") == 30
    audience.glance("d")
    clock.now += 8
    assert audience.absent("d") == 8


def test_a_debate_that_is_over_leaves_nothing_behind() -> None:
    audience = Audience(Clock())
    audience.expect("d")
    audience.come(["d"])
    audience.forget("d")
    audience.go(["d"])
    assert (audience._seen, dict(audience._viewers)) == ({}, {})
