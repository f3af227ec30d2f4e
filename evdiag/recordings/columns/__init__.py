"""The fast way through a recording: from bytes to blocks, without a frame in between.

Station: source. In: the bytes of a text recording. Out: `Block`s and their counts, exactly those
that the careful, frame-by-frame readers give: every line that does not look as expected is read
by them.
"""
