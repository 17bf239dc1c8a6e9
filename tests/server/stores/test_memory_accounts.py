"""Accounts in memory keep the contracts."""

from twisted.trial.unittest import TestCase

from tests.server.conformance_entering import EnteringContract
from tests.server.conformance_owning import OwningContract
from tests.server.stores.test_memory import InMemory


class MemoryAccountTests(InMemory, OwningContract, TestCase):
    """Accounts and their keys."""


class MemoryEnteringTests(InMemory, EnteringContract, TestCase):
    """Logging in."""
