"""evdiag: frames in, the truth about one charge-port lock out, and a safe hand back in.

The rooms follow the way of a frame; docs/architecture.md walks it.
"""

__version__ = "0.1.0"
