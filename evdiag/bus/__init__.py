"""Adapters and buses: listen-only sources that cannot send, their health, and the one sender."""
