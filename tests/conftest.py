"""Settings of hypothesis for every test: a busy machine is no reason to fail."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("lodestone", deadline=None)
settings.load_profile("lodestone")
