"""Tests of the whole: real processes, sockets and disks."""
