"""Datasets of two portals for the golden cases of metadata: DATA.GOV.HK as it is, and one whose records say all."""

import json
from dataclasses import replace

from scoring.facts import DatasetFacts, Look, PortalFacts, ResourceFacts
from tests.golden_datasets import body, dataset, resource

HONG_KONG = PortalFacts(fields=frozenset({"temporal_from", "temporal_to", "hash"}))
"""What DATA.GOV.HK's records fill of the fields that not every portal has: no keyword, area, media type or size."""
SAYS = {
    "tags": ["rainfall"], "spatial": "Hong Kong", "rights": "(c) 2026", "access_rights": "PUBLIC",
    "information_url": "https://www.weather.gov.hk/about", "contact_url": "https://www.weather.gov.hk/contact",
}  # fmt: skip
RICH = PortalFacts(fields=frozenset({*SAYS, "temporal_from", "temporal_to", "mimetype", "size"}))
DATES = {
    "created": "2026-06-24", "published": "2019-06-26", "modified": "2026-06-24", "temporal_from": "24/06/2026",
    "temporal_to": "24/06/2026",
}  # fmt: skip


def hong_kong(*resources: ResourceFacts, **changes) -> DatasetFacts:
    """A dataset of DATA.GOV.HK: one CSV that answers unless others are given, its dates, no licence, nothing more."""
    facts = dataset(*(resources or (resource(body(), **DATES),)), **{"modified": "2025-06-24", **changes})
    return replace(facts, portal=HONG_KONG)


def rich(*resources: ResourceFacts, **changes) -> DatasetFacts:
    """A dataset of a portal whose records say all there is to say."""
    said = {"modified": "2025-06-24", "licence_id": "cc-by", "extras": json.dumps({"en": SAYS}), **changes}
    whole = resource(body(), **DATES, mimetype="text/csv", size=4_000)
    return replace(dataset(*(resources or (whole,)), **said), portal=RICH)


def unvisited(**changes) -> ResourceFacts:
    """A resource nobody has visited yet."""
    return replace(resource(**changes), look=Look())
