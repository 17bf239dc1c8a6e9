"""How hard Hypothesis tries: a quick profile for every run, a thorough one for the night.

``HYPOTHESIS_PROFILE=thorough`` picks the second. Neither keeps a folder of examples, and neither
measures time, so that a slow machine fails nothing.
"""

import os

from hypothesis import HealthCheck, settings

_QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


def load() -> None:
    """Register both profiles and load the one that the environment asks for."""
    for name, examples in (("quick", 60), ("thorough", 3000)):
        settings.register_profile(
            name,
            max_examples=examples,
            deadline=None,
            database=None,
            suppress_health_check=_QUIET,
        )
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
