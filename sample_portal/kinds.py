"""The kinds of fault, each with the look-alikes that stand beside it. The names are those of the truth list."""

from collections.abc import Callable

from sample_portal import alikes_body as ab
from sample_portal import alikes_values as av
from sample_portal import alikes_wire as aw
from sample_portal import beside, wholes
from sample_portal import faults_answers as fa
from sample_portal import faults_body as fb
from sample_portal import faults_record as fr
from sample_portal import faults_values as fv
from sample_portal import faults_wire as fw
from sample_portal.planting import Planting

Planter = Callable[[Planting], None]

FILE_KINDS: dict[str, tuple[Planter, tuple[Planter, ...]]] = {
    "gone-404": (fw.gone, (aw.redirected, aw.head_refused)),
    "page-for-data": (fb.page_for_data, (ab.declared_page,)),
    "utf16-tabs": (fb.utf16_tabs, (ab.declared_tabs,)),
    "stale": (fr.stale, (ab.rested, ab.finished_year)),
    "title-rows": (fv.title_rows, (ab.legend_column,)),
    "missing-markers": (fv.missing_markers, (av.words_like_gaps,)),
    "zip-for-table": (fb.zip_for_table, (aw.archive_declared, aw.range_ignored)),
    "unnamed-fields": (fv.unnamed_fields, (av.short_labels,)),
    "shared-address": (fb.shared_address, (ab.near_addresses,)),
    "needs-parameters": (fa.needs_parameters, (aw.call_with_defaults,)),
    "blocked": (fa.blocked, (aw.robots_refused,)),
    "http-only": (fw.http_only, (aw.to_https,)),
    "script-shell": (fb.script_shell, (ab.declared_page,)),
    "spelling-varies": (fv.spelling_varies, (av.neighbours,)),
    "impossible-values": (fv.impossible_values, (av.true_extremes, av.own_grid)),
    "truncated": (fb.truncated, (ab.ends_oddly,)),
    "document-only": (fb.document_only, (ab.data_beside_document,)),
    "json-for-xml": (fb.json_for_xml, (ab.kin_format,)),
    "bom-series": (fb.marked_series, (ab.marked_throughout,)),
    "login-page": (fa.login_page, (aw.worded,)),
    "error-page": (fa.error_page, (aw.worded,)),
    "error-body": (fa.error_body, (aw.worded, aw.about_errors)),
    "server-error": (fw.server_error, (aw.busy_once,)),
    "unavailable-503": (fw.unavailable, (aw.busy_once,)),
    "timeout": (fw.timeout, (aw.slow,)),
    "drip": (fw.drip, (aw.slow, aw.big)),
    "reset": (fw.reset, (aw.reset_once,)),
    "redirect-loop": (fw.redirect_loop, (aw.redirected,)),
    "certificate-expired": (fw.expired_certificate, (aw.ending_certificate,)),
    "certificate-other-host": (fw.other_hosts_certificate, (aw.wildcard_certificate,)),
    "no-such-host": (fw.no_such_host, (aw.shouted_host,)),
    "not-public": (fw.not_public, (aw.private_looking,)),
    "bad-address": (fw.bad_address, (aw.padded_address,)),
    "wrong-type": (fw.wrong_type, (aw.plain_type,)),
    "short-body": (fw.short_body, (aw.chunked,)),
    "gzip-lie": (fw.gzip_lie, (aw.honest_gzip,)),
    "empty-body": (fw.empty_body, (aw.short_table,)),
    "throttled": (fa.throttled, (aw.throttled_once,)),
    "gated": (fa.gated, (aw.about_fees,)),
    "gone-410": (fw.gone_for_good, (aw.head_refused,)),
    "one-snapshot": (fr.one_snapshot, (ab.three_periods,)),
    "legacy-encoding": (fb.legacy_encoding, (ab.plain_ascii,)),
    "stacked-headers": (fv.stacked_headers, (ab.bilingual_labels,)),
    "no-whole": (wholes.in_pieces, (wholes.whole_answer, wholes.pieces_beside_whole)),
    "ragged-table": (fv.ragged_table, (ab.quoted_cells,)),
}
"""Faults of a file or of a dataset's figures: each has a dataset to itself."""

RECORD_KINDS: dict[str, tuple[Planter, tuple[Planter, ...]]] = {
    "simplified-in-traditional": (fr.simplified_in_traditional, (ab.same_characters,)),
    "dictionary-differs": (beside.dictionary_differs, (beside.dictionary_in_other_words,)),
    "language-lacking": (fr.language_lacking, (ab.padded_texts,)),
    "language-differs": (fr.language_differs, (ab.same_address,)),
    "tables-differ": (beside.tables_differ, (beside.tables_agree,)),
    "metadata-empty": (fr.metadata_empty, (ab.padded_texts,)),
    "dictionary-lost": (fr.dictionary_lost, (ab.moved_dictionary,)),
    "dictionary-document": (fr.dictionary_as_document, (ab.moved_dictionary,)),
    "contact-lacking": (fr.contact_lacking, (ab.odd_contact,)),
    "schedule-unreadable": (fr.schedule_unreadable, (ab.odd_frequency,)),
    "dates-wrong": (fr.dates_wrong, (ab.equal_dates,)),
    "misplaced": (fv.misplaced, (av.places_abroad,)),
    "far-dates": (fv.far_dates, (av.far_and_true,)),
}
"""Faults of a record, or of one more file: each rides on a dataset whose own fault is of another sort, so that the two
do not blur."""

CARRIERS = (
    "wrong-type", "http-only", "spelling-varies", "impossible-values", "missing-markers", "legacy-encoding",
    "title-rows", "stacked-headers", "ragged-table", "utf16-tabs", "json-for-xml", "stale",
    "shared-address",
)  # fmt: skip
"""The file faults that carry another fault: their files can be had, so that nothing else of the record suffers."""

SLOW = frozenset({"timeout", "drip"})
"""Kinds that cost a visitor a minute each; few of them, however big the catalogue."""

ALONE = frozenset({"rested", "finished_year", "three_periods", "whole_answer"})
"""Look-alikes that choose the dataset's own period, length or files, so that they come first on one of their own."""
