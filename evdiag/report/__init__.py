"""The hand-over: one page a customer can be given, and the breakdown service be read.

Station: after the session. `model` holds what a report says, as data; `contents` puts it into the
words of one language, as a document of plain blocks; `html` and `pdf` write that document.
"""
