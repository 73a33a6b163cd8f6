"""``/metrics``: what the process has counted, in the text format of Prometheus."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Final

from aiohttp import web

from debate_server.core.measures import Histogram
from debate_server.web.keys import LOG, UPSTREAM, VIEWERS
from debate_server.web.operation import Operation

# How often the event loop's lag is looked at, in seconds.
PROBE_SECONDS: Final = 0.5

routes = web.RouteTableDef()


@routes.get("/metrics", allow_head=False)
@Operation(gives={200: ("text/plain",)})
async def metrics(request: web.Request) -> web.Response:
    """What the process has counted, for Prometheus."""
    # Loaded when it is asked for: most never do.
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

    log, viewers, limits = request.app[LOG], request.app[VIEWERS], request.app[UPSTREAM].limits()
    measures = log.measures

    def histogram(name: str, about: str, of: Histogram) -> HistogramMetricFamily:
        return HistogramMetricFamily(name, about, buckets=list(_cumulative(of)), sum_value=of.total)

    def gauges(name: str, about: str, label: str, numbers: Mapping[str, int]) -> GaugeMetricFamily:
        family = GaugeMetricFamily(name, about, labels=[label])
        for of, number in numbers.items():
            family.add_metric([of], number)
        return family

    class Counted:
        def collect(self) -> Iterator[Metric]:
            yield gauges("debate_debates", "Debates in the log, by state.", "state", log.count())
            yield CounterMetricFamily("debate_turns", "Speeches that came to their end.", measures.turns)
            yield CounterMetricFamily("debate_tokens", "Tokens that agents spoke.", measures.tokens)
            yield CounterMetricFamily("debate_retries", "Attempts after the first one of a turn.", measures.retries)
            yield GaugeMetricFamily("debate_streams", "Open streams.", len(viewers))
            yield CounterMetricFamily(
                "debate_dropped_viewers", "Viewers dropped since they did not read.", measures.dropped_viewers
            )
            yield CounterMetricFamily("debate_stream_bytes", "Bytes written to streams.", measures.stream_bytes)
            yield CounterMetricFamily("debate_unreadable_requests", "What was no HTTP request.", measures.unreadable)
            refused = "Requests at a time to an endpoint that refused more."
            yield gauges("debate_upstream_limit", refused, "endpoint", limits)
            yield histogram(
                "debate_first_token_seconds", "From a request to the model to its first token.", measures.first_token
            )
            yield histogram(
                "debate_event_lag_seconds", "From an event to its having been written to viewers.", measures.event_lag
            )
            yield histogram("debate_commit_seconds", "One commit of the log.", measures.commit)
            yield histogram("debate_loop_lag_seconds", "How late the event loop was.", measures.loop_lag)

    registry = CollectorRegistry()
    registry.register(Counted())
    return web.Response(body=generate_latest(registry), headers={"Content-Type": "text/plain; version=0.0.4"})


def _cumulative(of: Histogram) -> Iterator[tuple[str, float]]:
    number = 0
    for bound, more in zip([*map(str, of.bounds), "+Inf"], of.counts, strict=True):
        number += more
        yield bound, number


async def probe(app: web.Application) -> AsyncIterator[None]:
    """Look at the event loop's lag for as long as the application runs; a cleanup context."""
    probing = asyncio.create_task(_probe(app[LOG].measures.loop_lag))
    yield
    probing.cancel()
    await asyncio.wait([probing])


async def _probe(lag: Histogram) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + PROBE_SECONDS
        await asyncio.sleep(PROBE_SECONDS)
        lag.observe(max(0.0, loop.time() - due))
