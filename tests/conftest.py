"""For every test: no deadline of hypothesis, as a busy machine is no reason to fail, and its own ledger of trials."""

from __future__ import annotations

import os
import tempfile

from hypothesis import settings

settings.register_profile("lodestone", deadline=None)
settings.load_profile("lodestone")

# Nothing that a test runs may be counted among the user's trials; processes that tests start inherit it.
# Tests make many markets and keep none.
os.environ["LODESTONE_SIMULATED"] = "off"
os.environ["LODESTONE_DATA"] = tempfile.mkdtemp(prefix="lodestone-tests-")
