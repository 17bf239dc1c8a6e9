"""Attacks, each carried out by a server, a wire or a thief that means harm; and what must hold.

The house that does it is in ``house``; what every attack must find is in ``asserting``.
"""
