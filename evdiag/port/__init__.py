"""The heart: one charge port's state, and the attempts to get the plug out of it.

Station: after signals. In: signal events. Out: timeline rows, readings, attempts. Pure: time is
what the events carry.
"""
