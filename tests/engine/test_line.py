"""Time in line at an endpoint is no time that a debate ran."""

from debate_server.engine.line import Line


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_counts_is_the_time_in_which_some_wait_and_none_is_on_its_way() -> None:
    clock = Clock()
    line = Line(clock)
    clock.now = 1.0
    with line.request() as leave:
        clock.now = 3.0
        assert line.spent == 2.0
        with line.request():
            clock.now = 4.0
            leave()  # one is on its way: the other holds nobody up
            clock.now = 10.0
            assert line.spent == 3.0
        clock.now = 11.0
    clock.now = 12.0
    assert line.spent == 3.0
    with line.request():
        clock.now = 14.0
    assert line.spent == 5.0
