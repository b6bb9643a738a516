"""What can go wrong between a worker and its daemon."""

from __future__ import annotations


class Error(Exception):
    """Anything that this package raises of its own accord."""


class ProtocolError(Error):
    """What the daemon sent is no message, or not one that may come now."""


class Refused(Error):
    """The daemon has refused what the worker said, and ended the stream; the text is its reason."""


class Abort(Error):
    """It never will work. Raised in the body of the loop, its text is sent as ABORT: the run ends with it, everywhere. Any
    other exception is ERROR: this step failed, and the daemon tries again."""


class StreamEnd(Exception):
    """The daemon is gone. Internal: the loop ends, or waits for the next daemon."""
