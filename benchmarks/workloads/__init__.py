"""The workloads: what the peers are made to do, in which order, and how it is checked."""
