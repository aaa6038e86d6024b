"""What the portal claims, and what its links really give."""

import sys

_UNASKED = [name for name in ("pandas", "numpy") if name not in sys.modules]
# sqlite-utils imports them where they are, for conversions that nothing here asks for: that would be half a second at
# the start of every command. Where they are wanted they are imported afterwards as ever.
for _name in _UNASKED:
    sys.modules[_name] = None  # type: ignore[assignment]
import sqlite_utils  # noqa: E402, F401

for _name in _UNASKED:
    del sys.modules[_name]
