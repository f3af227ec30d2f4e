"""Virtual cars: what is done to them becomes frames, what they are asked becomes answers.

Station: in place of a real car. In: acts (of a story, a person, a script), requests of testers, and
time. Out: frames. A story and a seed always give the same frames; only `real_time`, `neighbours`
and `running` know a clock, a bus or a thread.
"""
