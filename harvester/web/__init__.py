"""The one door to the network: manners, guard, limits. Nothing else in the project opens a connection."""

from harvester.web.door import Web

__all__ = ["Web"]
