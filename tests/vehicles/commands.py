"""A profile with one good command of each kind, for tests that break it."""

from __future__ import annotations

HEAD = """
schema = 1
id = "my-car"
dbc = ["reference.dbc", "reference-diagnostics.dbc"]
sources = ["a page"]

[identity]
make = "Make"
model = "Model"
vin_pattern = "EVD1AG0REFERENCE[0-9]"

[[buses]]
name = "vehicle"
bitrate = 500000
tap = "OBD"
at_obd = true
frames = [{ id = 0x4E0, length = 8, period_ms = 100 }]

[[buses]]
name = "OBD"
bitrate = 500000
tap = "OBD"
at_obd = true

[[signals."port.lock"]]
from = "PORT_Lock.Lock_State"
values = { 0 = "unlocked", 1 = "locked", 2 = "moving", 3 = "blocking", 4 = "fault" }
evidence = "community"
source = "a page"
"""

UDS = """
[[commands]]
name = "unlock"
way = "uds"
summary = "open it"
success = { signal = "port.lock", is = ["unlocked"] }
within_s = 3
longest_s = 20
actuator = "lock"
on_s = 0.6
alone_after_s = 5
evidence = "community"
source = "a page"
unit = { bus = "OBD", request_id = 0x7E6, response_id = 0x7EE }
requests = [
  { id = "extended", bytes = "10 03", every_ms = 500 },
  { id = "open", bytes = "2F E0 10 03 00", every_ms = 1000, moves = "unlock" },
  { id = "give-back", bytes = "2F E0 10 00", every_ms = 200 },
  { id = "default", bytes = "10 01", every_ms = 200 },
  { id = "present", bytes = "3E 80", every_ms = 1500 },
]
keep_alive = "present"
steps = [
  { request = "extended" },
  { request = "open", id = "drive" },
  { wait = { signal = "port.lock", is = ["unlocked"], within_s = 3 }, tries = 2, again_from = "drive" },
]
hand_back = [{ request = "give-back" }, { request = "default" }]
"""  # noqa: E501

FRAMES = """
[[commands]]
name = "unlock"
way = "frames"
summary = "open it"
success = { signal = "port.lock", is = ["unlocked"] }
within_s = 3
longest_s = 20
actuator = "lock"
on_s = 0.6
alone_after_s = 0.1
evidence = "community"
source = "a page"
frames = [
  { id = "go", bus = "vehicle", can_id = 0x4E8, length = 8, every_ms = 10, moves = "unlock", message = "TOOL_Port", signals = { Tool_Request = 1 }, data = "01 00 00 00 00 00 00 00", mask = "FF F0 FF FF FF FF FF 00", counter = "Tool_Counter", checksum = { signal = "Tool_Checksum", kind = "crc8-j1850" } },
  { id = "none", bus = "vehicle", can_id = 0x4E8, length = 8, every_ms = 10, message = "TOOL_Port", signals = { Tool_Request = 0 }, data = "00 00 00 00 00 00 00 00", mask = "FF F0 FF FF FF FF FF 00", counter = "Tool_Counter", checksum = { signal = "Tool_Checksum", kind = "crc8-j1850" } },
]
steps = [
  { cyclic = "go" },
  { wait = { signal = "port.lock", is = ["unlocked"], within_s = 3 } },
  { stop = "go" },
]
hand_back = [{ stop = "go" }, { send = "none", times = 3 }]
"""  # noqa: E501

GOOD = HEAD + UDS + FRAMES
