"""The metrics of a watch, for Prometheus. Names begin with ``barometer_``; times are Unix seconds."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from harvester.clock import parse_iso
from publish.watching_facts import Facts, Teller


class Metrics:
    """Collects the metrics anew whenever they are asked for."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def text(self) -> bytes:
        """Return the metrics in Prometheus's text format."""
        return generate_latest(self._registry)

    def describe(self) -> list[Metric]:
        """Return nothing: a description would read the workshop before anybody asks."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield every metric as it is now."""
        facts = self._teller.facts()
        yield from _runs(facts)
        states = GaugeMetricFamily("barometer_addresses", "Addresses by their state now", labels=["state"])
        for state, many in sorted(facts.states.items()):
            states.add_metric([state], many)
        sizes = GaugeMetricFamily("barometer_file_bytes", "Bytes of our files", labels=["file"])
        for name, size in sorted(facts.sizes.items()):
            sizes.add_metric([name], size)
        yield states
        yield sizes
        yield GaugeMetricFamily("barometer_hosts_refused", "Hosts that refused a request today", facts.refused_hosts)
        yield GaugeMetricFamily("barometer_requests_refused", "Requests refused today (429, 503)", facts.refused)
        yield GaugeMetricFamily("barometer_items_failed", "Items the last runs could not work on", len(facts.items))
        yield GaugeMetricFamily("barometer_workshop_readable", "1 where the workshop can be read", facts.readable)
        looked = facts.now.looked.timestamp() if facts.now.looked else 0.0
        yield GaugeMetricFamily("barometer_looked_timestamp_seconds", "When the watch looked last", looked)


def _runs(facts: Facts) -> Iterator[Metric]:
    """Yield what became of what was due, by job."""
    runs = CounterMetricFamily("barometer_due_runs", "Due runs by what became of them", labels=["job", "state"])
    good = GaugeMetricFamily("barometer_last_success_timestamp_seconds", "When a job last went well", labels=["job"])
    took = GaugeMetricFamily("barometer_last_success_seconds", "How long that took", labels=["job"])
    following = GaugeMetricFamily("barometer_next_timestamp_seconds", "When a job is due next", labels=["job"])
    at_work = GaugeMetricFamily("barometer_job_running", "1 while a job is under way", labels=["job"])
    for told in facts.jobs:
        for state in ("done", "caught-up", "failed", "skipped"):
            runs.add_metric([told.job, state], told.counts.get(state, 0))
        if told.good and told.good.finished:
            good.add_metric([told.job], parse_iso(told.good.finished).timestamp())
            took.add_metric([told.job], told.good.seconds or 0.0)
        if told.next:
            following.add_metric([told.job], parse_iso(told.next).timestamp())
        at_work.add_metric([told.job], told.job == facts.now.job)
    yield from (runs, good, took, following, at_work)
