"""Print what each attack of the hostile server suite came to: outcome, seconds, megabytes of memory.

Run as `make hostile`. The limits are those of the tests (1.6 seconds and 300 KB a visit), so that it takes seconds.
"""

import sys
import tempfile
from pathlib import Path

from tests.attacks import ATTACKS
from tests.loopback import serving
from tests.siege import suffer


def main() -> int:
    """Suffer every attack; return 1 where one did not end as it should, or hurt the visit after it."""
    wrong, slowest, largest = 0, 0.0, 0.0
    print(f"{'attack':46}  {'outcome':13}  {'seconds':>7}  {'MB':>5}")
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        for attack in ATTACKS:
            server.talks.clear()
            suffered = suffer(attack, server)
            sound = suffered.visit.outcome == attack.outcome and suffered.after.outcome == "ok"
            wrong += not sound
            slowest, largest = max(slowest, suffered.seconds), max(largest, suffered.megabytes)
            verdict = (
                "" if sound else f"  expected {attack.outcome}, and the visit after it is {suffered.after.outcome}"
            )
            print(
                f"{attack.name[:46]:46}  {suffered.visit.outcome:13}  {suffered.seconds:7.2f}  "
                f"{suffered.megabytes:5.1f}{verdict}"
            )
    print(f"hostile: attacks={len(ATTACKS)} wrong={wrong} max_seconds={slowest:.2f} max_mb={largest:.1f}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
