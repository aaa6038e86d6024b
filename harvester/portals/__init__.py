"""What a harvest asks of a portal, and one small adapter for each kind of portal (docs/portals.md)."""

from harvester.portals.base import MissingError, Portal, WithheldError
from harvester.portals.choose import choose
from harvester.portals.ckan import Ckan
from harvester.portals.data_gov_hk import DataGovHk

__all__ = ["Ckan", "DataGovHk", "MissingError", "Portal", "WithheldError", "choose"]
