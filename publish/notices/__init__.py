"""Telling officers what opened, what was mended and what came back: one message a provider, by mail or chat."""

from publish.notices.notify import notify
from publish.notices.records import Message, Notified

__all__ = ["Message", "Notified", "notify"]
