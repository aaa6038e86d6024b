"""What each job of the watch does: the steps, put together. What wants doing is read, never guessed."""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from harvester import replies, steps
from harvester.clock import iso, parse_iso
from harvester.errors import GaveWayError, NotOurDatabaseError, SettingsError
from harvester.fold import fold_at
from harvester.place import Place, StepOutcome
from harvester.status import in_words
from harvester.store import due
from harvester.store.visits import Which
from harvester.watch_settings import Job, Settings
from harvester.watch_work import Did
from publish.notices.notify import notify
from publish.notices.waiting import since
from publish.unpublished import is_behind

APIS_SOONER = 0.75
"""Of the time between two hours of the APIs: one asked late in the last is asked again in this."""
PUBLISHED = "SELECT max(finished) FROM run WHERE kind = 'publish' AND state = 'done'"
GIVE_WAY_EVERY = timedelta(minutes=15)
"""What is under way stops for an officer this often at most, so that many wishes do not keep a scan from its end."""
VISITORS = ("scan", "links", "apis", "deep")
"""Jobs that give way to an officer."""
CHANGERS = ("links", "apis", "deep", "asked")
"""Jobs after which there may be something to publish; a scan publishes by itself."""


@dataclass
class Jobs:
    """The real work. ``rubrics`` and ``notices`` (a settings file, None: nobody is told) are read anew each time."""

    place: Place
    catalog: Path
    rubrics: Sequence[Path]
    notices: Path | None = None
    unsure: bool = True
    """Whether something was done since we last looked whether the catalogue is behind."""
    gave_way: datetime | None = None
    """When a job last gave way to an officer."""
    cut: bool = False
    """Whether that job has not gone on yet: what it left half done is neither judged nor scored for a publication."""

    def do(self, job: Job, settings: Settings) -> Did:
        """Do one job. Raises what its steps raise."""
        if job in CHANGERS:
            self.unsure = True
        if job in VISITORS:
            self.cut = False
        place = replace(self.place, stored=self._give_way) if settings.asked else self.place
        if job == "scan":
            return told(steps.run(place, self.catalog, self.rubrics, None))
        if job in ("links", "apis"):
            return self._visit(place, job, settings)
        if job == "deep":
            return told(steps.deepen(place, settings.whole))
        if job == "publish" and self.cut:
            return told([steps.publish(self.place, self.catalog)])
        if job == "publish":
            return told(steps.publish_news(self.place, self.catalog, self.rubrics))
        return {"fold": self._fold, "asked": self._asked, "notices": self._notify}[job](settings)

    def wanted(self, job: Job, settings: Settings) -> datetime | None:
        """Return since when there is something for a job that no clock makes due; None where nothing is."""
        if not self.place.db.exists():
            return None
        with suppress(sqlite3.Error, NotOurDatabaseError):  # what cannot be read now is looked for at the next look
            if job == "asked" and settings.asked:
                waiting = replies.waiting(replies.beside(self.place.db))
                return parse_iso(waiting[0].asked) if waiting else None
            if job == "publish" and self.unsure:
                behind = is_behind(self.place.db, self.catalog)
                self.unsure = False
                return self.place.clock() if behind else None
            if job == "notices" and settings.notices and self.notices:
                return self._untold() or since(self.place.db, self.notices, self.place.clock)
        return None

    def scanned(self) -> datetime | None:
        """Return when the last scan began; None where there is none, or it can be taken up."""
        with suppress(NotOurDatabaseError):
            return steps.last_scan(self.place)
        return None

    def _give_way(self) -> None:
        """Raise GaveWayError where an officer waits and nothing gave way for a while: a scan may take hours."""
        now = self.place.clock()
        if self.gave_way and abs(now - self.gave_way) < GIVE_WAY_EVERY:
            return
        with suppress(sqlite3.Error, NotOurDatabaseError):
            if wishes := replies.waiting(replies.beside(self.place.db)):
                self.gave_way, self.cut = now, True
                raise GaveWayError(f"An officer waits for {wishes[0].dataset}: that is looked at first.")

    def _visit(self, place: Place, job: Job, settings: Settings) -> Did:
        which = Which(apis=settings.rhythms["apis"].period * APIS_SOONER) if job == "apis" else Which()
        checked = steps.check_due(place, which)
        if checked is None:
            return Did("Nothing was due.")
        did = told([checked.outcome])
        counts = {"links": checked.outcome.counts.get("urls", 0), "changed": len(checked.changes)}
        return Did(did.told, counts, did.failed)

    def _fold(self, settings: Settings) -> Did:
        outcome = fold_at(self.place, settings.visits.days)
        with due.account(self.place.db) as db:
            aged = due.age(db, iso(self.place.clock() - settings.account))
        return Did(told([outcome]).told, {"entries_added_up": aged}, outcome.failed)

    def _asked(self, _settings: Settings) -> Did:
        """Look again at each dataset an officer waits for; one that cannot be looked at at all is told so."""
        officers = replies.beside(self.place.db)
        done = failed = 0
        for wanted in replies.waiting(officers):
            try:
                found = replies.outcome(steps.recheck_dataset(self.place, self.rubrics, wanted.dataset))
            except SettingsError as error:
                found, failed = {"failed": [str(error)]}, failed + 1
            replies.settled(officers, wanted, found, self.place.clock)
            done += 1
        return Did(f"{done} datasets were looked at again.", {"datasets": done}, failed)

    def _untold(self) -> datetime | None:
        """Return when a catalogue was published that nobody was told of yet."""
        with due.account(self.place.db) as db:
            published = db.execute(PUBLISHED).fetchone()[0]
            last = due.newest(db, "notices")
        return parse_iso(published) if published and (last is None or last.moment < published) else None

    def _notify(self, _settings: Settings) -> Did:
        if self.notices is None:
            return Did()
        sent = notify(self.place.db, self.catalog, self.notices, self.place.clock)
        counts = {"sent": sent.sent, "not_sent": sent.failed, "given_up": sent.given_up}
        return Did(" ".join(sent.notes), counts, sent.failed)


def told(outcomes: Sequence[StepOutcome]) -> Did:
    """Return what steps did in a sentence, and how many items failed."""
    words = [f"{outcome.kind}: {in_words(outcome.counts) or 'nothing to do'}" for outcome in outcomes]
    return Did("; ".join(words), {}, sum(outcome.failed for outcome in outcomes))
