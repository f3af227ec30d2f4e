"""Tester present (0x3E): what keeps a diagnostic session of a command open."""

from __future__ import annotations

from evdiag.control.conversation import Conversation, Question, Send
from evdiag.vehicles.command import Command


class KeepAlive:
    """Says that the tester is there while a session other than the default one is open."""

    def __init__(self, command: Command, conversation: Conversation | None, send: Send) -> None:
        self._request = command.request(command.keep_alive) if command.keep_alive else None
        self._conversation = None
        if conversation is not None:
            self._conversation = Conversation(conversation.ecu, conversation.channel, send)
        self._next_ns: int | None = None

    def asked(self, now_ns: int) -> None:
        """Something was asked: the session's time begins anew."""
        if self._request is not None:
            self._next_ns = now_ns + self._request.every_ms * 1_000_000

    def due(self, now_ns: int) -> None:
        """Say it where it is time; a gate that refuses it refuses the next step as well."""
        if self._request is None or self._conversation is None or self._next_ns is None:
            return
        if now_ns >= self._next_ns:
            self._conversation.ask(Question(self._request.data, "tester present"), now_ns)
            self._conversation.stop()
            self._next_ns = now_ns + self._request.every_ms * 1_000_000
