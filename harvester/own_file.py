"""Reading a file that a user wrote for us: of bounded length, in UTF-8, and told what is wrong where it is not."""

from pathlib import Path

from harvester.errors import SettingsError

MOST_BYTES = 1024 * 1024
"""More of a file is not read: nobody writes so much by hand, and what is no text may be endless."""


def read_own(path: Path, what: str) -> str:
    """Return the text of ``path``; ``what`` names it in errors ("vocabulary"). Raises SettingsError."""
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES).decode("utf-8")
    except OSError as error:
        raise SettingsError(f"The {what} {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"The {what} {path} is not in UTF-8: save it as UTF-8.") from error
