"""What can go wrong in a way the user must act on. Every message says what to do next, in one sentence."""


class BarometerError(Exception):
    """Raised by any step that could not run at all; the command line prints it and exits with 2."""


class NotOurDatabaseError(BarometerError):
    """Raised when a file is missing, is not SQLite, or holds other people's tables."""


class BusyError(BarometerError):
    """Raised when another process already works on the same database."""


class PortalError(BarometerError):
    """Raised when a portal cannot be reached, or does not answer as a CKAN portal does."""


class SettingsError(BarometerError):
    """Raised when an option, a rubric or a settings file makes no sense."""


class UnknownNameError(SettingsError):
    """Raised when nothing in the catalogue is called as somebody asks for it."""


class OurNetworkError(BarometerError):
    """Raised when it is not their servers that are silent but our own network; the run can be taken up again."""


class GaveWayError(BarometerError):
    """Raised where a step stops after a batch, for somebody waits for something else; the run can be taken up again."""


class StoppedError(BarometerError):
    """Raised in whoever still waits for a host's turn when the run is being stopped; nothing comes of that visit."""
