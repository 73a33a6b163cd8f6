"""What may be spent, and whether something fits into it."""

from pydantic import BaseModel, ConfigDict

from debate_server.core.events import Usage


class Budget(BaseModel):
    """US dollars and tokens, in and out together; None: as much as one likes."""

    model_config = ConfigDict(frozen=True)

    usd: float | None = None
    tokens: int | None = None

    @property
    def limited(self) -> bool:
        return self.usd is not None or self.tokens is not None

    def within(self, limit: "Budget") -> "Budget":
        """As much of it as the limit lets it have."""
        usd = [one for one in (self.usd, limit.usd) if one is not None]
        tokens = [one for one in (self.tokens, limit.tokens) if one is not None]
        return Budget(usd=min(usd, default=None), tokens=min(tokens, default=None))

    def covers(self, usage: Usage) -> bool:
        """Whether that fits in. A cost that is unknown fits into no budget in dollars."""
        if self.tokens is not None and usage.input + usage.output > self.tokens:
            return False
        return self.usd is None or (usage.cost_usd is not None and usage.cost_usd <= self.usd)
