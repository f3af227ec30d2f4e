"""The journal: every input of a live run in the order in which it was consumed, on disk.

Frames are candump text (``<name>.log``), everything else is JSON, a row a line, in a file beside
it (``<name>.jsonl``). Each row says how many frames of its part stand before it, so the two read
back as the one sequence they were.
"""

from evdiag.recordings.journal.black_box import BlackBox
from evdiag.recordings.journal.header import Header, tool_versions
from evdiag.recordings.journal.state import JournalState
from evdiag.recordings.journal.words import CarFiles, Vin
from evdiag.recordings.journal.writer import Journal

__all__ = ["BlackBox", "CarFiles", "Header", "Journal", "JournalState", "Vin", "tool_versions"]
