"""The tests mirror the package path for path; ``support`` holds what several of them share."""

from tests.support import profile

profile.load()
