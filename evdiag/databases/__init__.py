"""Tolerant loading of DBC files into frozen layout rows, with a census of what was lost.

Station: the edge where cantools lives. In: a file as people have it. Out: rows that the core
decodes with, and a list of everything that is wrong with the file. Importing this room costs
neither cantools nor python-can.
"""

from evdiag.databases.database import Database, Problem
from evdiag.databases.layout import MessageLayout, MultiplexCondition, SignalLayout
from evdiag.databases.loading import load

__all__ = [
    "Database",
    "MessageLayout",
    "MultiplexCondition",
    "Problem",
    "SignalLayout",
    "load",
]
