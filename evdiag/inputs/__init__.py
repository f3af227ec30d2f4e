"""The closed set of things that can enter the house; nothing else does.

Station: first. In: whatever a reader, an adapter, a person or the simulator made of the world.
Out: immutable values that carry their own time in integer nanoseconds. The core never reads a
clock: time comes with the data.
"""

from evdiag.inputs.block import Block, BlockBuilder
from evdiag.inputs.events import (
    Answer,
    BusEvent,
    BusEventKind,
    Identified,
    Input,
    Mark,
    Tick,
    TransmitDecision,
)
from evdiag.inputs.frame import Channel, Direction, Frame, FrameKey, frame_key, id_text, key_text

__all__ = [
    "Answer",
    "Block",
    "BlockBuilder",
    "BusEvent",
    "BusEventKind",
    "Channel",
    "Direction",
    "Frame",
    "FrameKey",
    "Identified",
    "Input",
    "Mark",
    "Tick",
    "TransmitDecision",
    "frame_key",
    "id_text",
    "key_text",
]
