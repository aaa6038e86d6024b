"""Whatever a server does to us ends in bounded time and memory with the right outcome, and hurts no other visit."""

from collections.abc import Iterator

import pytest

from tests.attacks import ATTACKS
from tests.loopback import HASTY, LIMITS, Loopback, serving
from tests.siege import MOST_BYTES, Attack, suffer

MOST_SECONDS = 2 * HASTY["total_seconds"] + 1
"""A visit and the robots.txt before it, and a second for a busy machine."""
MOST_MEGABYTES = 25
"""What the attacker itself builds to send, 16 MB at most, is counted in; unbounded reading would take hundreds."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loopback]:
    with serving(tmp_path_factory.mktemp("hostile")) as loopback:
        yield loopback


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_is_survived(attack: Attack, server: Loopback) -> None:
    """Each attack ends in time, within memory, as what it is; then the same Web still fetches a good page."""
    server.talks.clear()
    suffered = suffer(attack, server)
    visit = suffered.visit
    assert visit.outcome == attack.outcome
    assert suffered.seconds < MOST_SECONDS
    assert suffered.megabytes < MOST_MEGABYTES
    assert (suffered.after.outcome, suffered.after.bytes) == ("ok", 4)
    if attack.complete is None:
        assert visit.error
    else:
        assert (visit.complete, visit.error) == (attack.complete, None)
        assert 0 < (visit.bytes or 0) <= MOST_BYTES
    if visit.outcome in ("not-public", "bad-address") and not attack.talks:
        assert suffered.asked == ()
    assert len(suffered.asked) <= LIMITS.max_redirects + 1
    for request in suffered.asked:
        assert "x-injected" not in [line.partition(":")[0].lower() for line in request.split("\r\n")]
        assert len(request) < 64_000
    assert all(text is None or text.isprintable() for text in (visit.content_type, visit.etag, visit.error))


def test_every_attack_has_its_own_name() -> None:
    """The table of attacks can be read: no two are called the same."""
    names = [attack.name for attack in ATTACKS]
    assert len(set(names)) == len(names) > 70
