"""Whether a fault comes again: failure rates, drifts and steps in the history of cars' locks.

Station: after the sessions of many days. Pure: values in, sentences and numbers out.
"""
