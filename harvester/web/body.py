"""Reading a body: decoded as it streams, hashed as it goes, never held, and never past its limit."""

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from harvester.errors import BarometerError
from harvester.web.verdict import BodyError

CHUNK = 64 * 1024
HEAD_BYTES = 4096
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Received:
    """What was read of a body: decoded bytes, whether that was all, their sha256, and the first of them."""

    size: int
    complete: bool
    sha256: str
    head: bytes


def receive(raw: Any, encoding: str, sink: BinaryIO | None, limit: int) -> Received:
    """Stream a urllib3 response into ``sink``, decoded from ``encoding``, up to ``limit`` bytes.

    Raises BodyError where the bytes are not what the headers say, and whatever urllib3 raises.
    """
    digest = hashlib.sha256()
    size = 0
    head = b""
    for piece in _decoded(raw, encoding):
        kept = piece[: limit - size]
        if len(head) < HEAD_BYTES:
            head += kept[: HEAD_BYTES - len(head)]
        digest.update(kept)
        _write(sink, kept)
        size += len(kept)
        if len(kept) < len(piece):
            return Received(size, complete=False, sha256=digest.hexdigest(), head=head)
    return Received(size, complete=True, sha256=digest.hexdigest(), head=head)


def _write(sink: BinaryIO | None, piece: bytes) -> None:
    """Write a piece; a full disk is our trouble and must never be told as a server's."""
    try:
        if sink is not None:
            sink.write(piece)
    except OSError as error:
        raise BarometerError(f"A body could not be stored ({error}): free some space, then run it again.") from error


def _decoded(raw: Any, encoding: str) -> Iterator[bytes]:
    """Yield decoded pieces; nothing is decompressed further than the next piece asks for."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        yield from _pieces(raw)
    elif name in ("gzip", "x-gzip", "deflate"):
        yield from _inflate(_pieces(raw), name)
    else:
        raise BodyError(f"The answer is packed as {encoding[:40]!r}, which was not asked for.")


def _pieces(raw: Any) -> Iterator[bytes]:
    while piece := raw.read(CHUNK, decode_content=False):
        yield piece


def _inflate(pieces: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Yield what gzip (several members, RFC 1952) or deflate (with or without its zlib frame) holds.

    Bytes after a whole gzip member that are no member themselves are passed over, as browsers do.
    """
    window = zlib.MAX_WBITS | 16 if name != "deflate" else zlib.MAX_WBITS
    unpacker = zlib.decompressobj(window)
    started = False
    for piece in pieces:
        waiting = piece
        while waiting:
            if unpacker.eof:
                if name == "deflate" or not waiting.startswith(_GZIP_MAGIC):
                    return
                unpacker = zlib.decompressobj(window)
            try:
                out = unpacker.decompress(waiting, CHUNK)
            except zlib.error as error:
                if name == "deflate" and not started:
                    unpacker, started = zlib.decompressobj(-zlib.MAX_WBITS), True
                    continue
                raise BodyError(f"The answer says it is packed as {name}, and is not.") from error
            started = True
            waiting = unpacker.unconsumed_tail or unpacker.unused_data
            if out:
                yield out
    while started and not unpacker.eof and (out := unpacker.decompress(b"", CHUNK)):
        yield out
    if started and not unpacker.eof:
        raise BodyError(f"The answer's {name} packing ends in the middle.")
