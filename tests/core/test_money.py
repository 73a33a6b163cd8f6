"""What tokens cost."""

import pytest

from debate_server.core.money.price import MOST, Price, dollars


def test_a_price_is_per_million_tokens() -> None:
    assert Price(2.5, 10.0).cost(1_000_000, 0) == 2.5
    assert Price(2.5, 10.0).cost(0, 1_000_000) == 10.0
    assert Price(2.5, 10.0).cost(400, 50) == pytest.approx(0.0015)


@pytest.mark.parametrize(
    ("told", "amount"), [(0, 0.0), (0.95, 0.95), ("0.00000015", 1.5e-7), ("2e-7", 2e-7), (MOST, MOST)]
)
def test_an_amount_is_a_number_or_written_as_one(told: object, amount: float) -> None:
    assert dollars(told) == amount


@pytest.mark.parametrize(
    "told",
    [None, -1, "-1", "", "free", "nan", "inf", float("nan"), 1e308, 10**400, True, [0.1], {"usd": 0.1}, 2 * MOST],
)
def test_what_is_no_amount_is_none(told: object) -> None:
    assert dollars(told) is None
