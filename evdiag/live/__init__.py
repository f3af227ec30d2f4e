"""A live bus: one sequence of inputs, recorded first and followed after."""
