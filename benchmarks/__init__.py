"""Speed, memory and space of the drive beside its peers, with real processes on one machine.

Run it with ``python -m benchmarks``; README.rst says what each figure means.
"""
