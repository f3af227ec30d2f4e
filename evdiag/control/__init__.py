"""What may leave evdiag, and why: intents, decisions, the transmit gate, diagnostics."""
