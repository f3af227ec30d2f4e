"""Cars as data: profiles, how to load them, how to recognise a car.

Station: between signals and port. In: TOML files and what was seen on a bus. Out: frozen
profiles, and the watch list of signals that a car offers.
"""
