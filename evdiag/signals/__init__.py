"""DBC decoding: frames in, signal events out, one by one or by columns. Pure.

Station: after inputs. `tracker` follows a live bus frame by frame, `columns` a whole recording at
once; property tests hold them equal to each other, and `compiled` equal to cantools.
"""
