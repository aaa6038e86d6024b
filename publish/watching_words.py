"""The words of the status page: what each job is, what became of a run, why, and what to do about it."""

from publish.i18n import mark

JOBS = {
    "scan": mark("Nightly scan: records, links, files, scores, publication"),
    "deep": mark("Deep validation: files read whole and judged anew"),
    "fold": mark("Roll-up of old visits"),
    "links": mark("Links that are due"),
    "apis": mark("APIs"),
    "publish": mark("Publication of what changed"),
    "asked": mark("Re-checks that officers asked for"),
    "notices": mark("Notices to those who asked for them"),
}
STATES = {
    "done": mark("done"),
    "caught-up": mark("done late"),
    "failed": mark("failed"),
    "skipped": mark("left out: a later run stood for it"),
    "waiting": mark("waiting"),
    "running": mark("under way"),
}
WHYS = {
    "first-start": mark("The watch began after the hour of this run."),
    "asleep": mark("The machine slept. Keep it awake, or leave it: what was missed is caught up."),
    "stopped": mark("The watch was stopped. It went on when it was started again."),
    "killed": mark("The watch was killed, or the power went. It went on when it was started again."),
    "clock-forward": mark("The machine's clock was set forward. Keep it right by NTP."),
    "gave-way": mark("An officer waited for a dataset, which was looked at first. Nothing is to be done."),
    "at-work": mark("Another job was under way. Nothing is to be done, unless this is so every day."),
    "busy": mark("Another command was at work on the workshop. It is tried again by itself."),
    "database-locked": mark("Another program held the database. End it; it is tried again by itself."),
    "disk-full": mark("The disk refused. Free some space; it is tried again by itself."),
    "portal-away": mark("The portal did not answer as it should. It is tried again by itself."),
    "network-away": mark("This machine's network was gone. Mend the connection; it is tried again by itself."),
    "settings": mark("A setting or a file of yours makes no sense. Mend it; the log says which."),
    "error": mark("Something went wrong. The log says what."),
    "late": mark("The watch looked late. The machine may be overloaded."),
}
