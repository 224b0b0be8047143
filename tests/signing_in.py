"""A signed-in client without going through the form each time."""

from tests.builders import sign_in

__all__ = ["sign_in"]
