"""What the portal claims, and what its links really give."""

import sys

if "pandas" not in sys.modules:
    # sqlite-utils imports pandas where there is one, for a conversion that nothing here asks for: that would be a third
    # of a second at the start of every command. Where pandas is wanted it is imported afterwards as ever.
    sys.modules["pandas"] = None  # type: ignore[assignment]
    import sqlite_utils  # noqa: F401

    del sys.modules["pandas"]
