"""What all tests share."""

from __future__ import annotations

from hypothesis import settings

# A test is about behaviour, never about how long this machine took.
settings.register_profile("evdiag", deadline=None)
settings.load_profile("evdiag")
