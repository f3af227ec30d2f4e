"""The statistics of recurring faults, on made histories with known truths."""
