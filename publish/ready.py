"""What is done before the first reader comes, so that none of them waits for what is done once."""

import gc
import sys

from harvester.records import LANGUAGES
from publish import render

TURN = 0.0005
"""Seconds after which a thread that draws lets another go on. Python's own 5 ms are long for the thread that answers:
it gives way at each read and write, and would wait as long again each time."""


def ready() -> None:
    """Compile the templates of all languages, and have the process share its time between those who ask.

    What is compiled stays for good, so it is taken out of what Python's collector looks through again and again.
    """
    sys.setswitchinterval(TURN)
    for language in LANGUAGES:
        environment = render.environment(language)
        for name in environment.list_templates():
            environment.get_template(name)
    gc.collect()
    gc.freeze()
