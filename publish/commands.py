"""Commands that only read a published catalogue; `harvester.cli` lists them among its verbs."""

import json
from pathlib import Path

import click

from harvester.records import LANGUAGES, Language
from publish.chain import chain, criteria
from publish.chain_told import chain_lines, criteria_lines
from publish.i18n import Translator
from scoring.from_catalogue import opened


@click.command()
@click.argument("dataset")
@click.argument("criterion", required=False)
@click.option(
    "--resource", metavar="R", default="", help="One of its resources: its id, the start of it, or its place."
)
@click.option("--profile", metavar="NAME", default="", help="By which profile. Default: the first that counts it.")
@click.option(
    "--catalog", type=click.Path(dir_okay=False, path_type=Path), default="catalog.db", show_default=True,
    help="The shop window: the database that is published.",
)  # fmt: skip
@click.option(
    "--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="The language of the words."
)
@click.option("--json", "as_json", is_flag=True, help="The whole chain as JSON, and nothing else.")
def explain(
    dataset: str, criterion: str | None, resource: str, profile: str, catalog: Path, lang: Language, as_json: bool
) -> None:
    """Tell what a dataset's score rests on: weight, answer, facts, visits and the bytes they brought.

    Without CRITERION: every criterion of DATASET with its answer and the points it takes.

    Example: barometer explain hk-hko-rainfall machine_readable
    """
    if resource and not criterion:
        raise click.UsageError("--resource wants a criterion: barometer explain DATASET CRITERION --resource R.")
    tr = Translator(lang)
    with opened(catalog) as db:
        if criterion:
            told = chain(db.conn, tr, dataset, criterion, resource, profile)
        else:
            told = criteria(db.conn, tr, dataset, profile)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=True, sort_keys=True))
        return
    for line in chain_lines(told, tr) if criterion else criteria_lines(told, tr):
        click.echo(line)
