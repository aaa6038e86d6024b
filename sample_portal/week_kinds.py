"""The kinds of `--week` by name, each in its group of faults and harmless look-alikes."""

from sample_portal import week_bodies as wb
from sample_portal import week_outages as wo
from sample_portal import week_refusals as wr
from sample_portal.week import Kind

KINDS: dict[str, Kind] = {
    "down-later": Kind("outage", False, wo.down_later),
    "down-and-back": Kind("outage", False, wo.down_and_back),
    "gone": Kind("outage", False, wo.gone),
    "gone-later": Kind("outage", False, wo.gone_later),
    "certificate-expired": Kind("outage", False, wo.certificate_expired),
    "flapping": Kind("outage", False, wo.flapping),
    "steady": Kind("outage", True, wo.steady),
    "bad-minute": Kind("outage", True, wo.bad_minute),
    "bad-answer": Kind("outage", True, wo.bad_answer),
    "bad-hour": Kind("outage", True, wo.bad_hour),
    "head-refused": Kind("outage", True, wo.head_refused),
    "certificate-ending": Kind("outage", True, wo.certificate_ending),
    "moved-later": Kind("outage", True, wo.moved_later),
    "blocked-later": Kind("refusal", False, wr.blocked_later),
    "wall": Kind("refusal", False, wr.wall),
    "key-wanted": Kind("refusal", False, wr.key_wanted),
    "robots-forbid": Kind("refusal", False, wr.robots_forbid),
    "parameters-wanted": Kind("refusal", False, wr.parameters_wanted),
    "template-bare": Kind("refusal", False, wr.template_bare),
    "template-example": Kind("refusal", True, wr.template_example),
    "throttled": Kind("refusal", True, wr.throttled),
    "nameless-refused": Kind("refusal", True, wr.nameless_refused),
    "robots-elsewhere": Kind("refusal", True, wr.robots_elsewhere),
    "refused-once": Kind("refusal", True, wr.refused_once),
    "error-page-later": Kind("wrong body", False, wb.error_page_later),
    "error-body-later": Kind("wrong body", False, wb.error_body_later),
    "login-later": Kind("wrong body", False, wb.login_later),
    "worded": Kind("wrong body", True, wb.worded),
    "declared-page": Kind("wrong body", True, wb.declared_page),
    "shrunk-later": Kind("wrong body", True, wb.shrunk_later),
    "error-field": Kind("wrong body", True, wb.error_field),
    "stamped": Kind("change", False, wb.stamped),
    "tagged-daily": Kind("change", True, wb.tagged_daily),
    "bare-daily": Kind("change", True, wb.bare_daily),
    "proved": Kind("change", True, wb.proved),
    "range-honoured": Kind("change", True, wb.range_honoured),
    "range-ignored": Kind("change", True, wb.range_ignored),
}
