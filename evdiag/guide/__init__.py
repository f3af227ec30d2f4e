"""Procedures and their engine: what a stranded driver is told, checked against what the bus shows.

Station: after diagnosis. In: a book of procedures (data), the person's answers, timeline rows and
the passing of time. Out: a view of the open step, and a record of each that was tried. Pure.
"""
