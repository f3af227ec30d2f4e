"""Requests and answers of service 0x22, made and read by udsoncan's services (ISO 14229-1)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Positive:
    """The data of the identifier that was asked for."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Negative:
    """The control unit said no, or not yet: the negative response code."""

    code: int


Answer: TypeAlias = Positive | Negative


def read_request(did: int) -> bytes:
    """Return the bytes that ask for one identifier."""
    from udsoncan.services.ReadDataByIdentifier import ReadDataByIdentifier

    payload: bytes = ReadDataByIdentifier.make_request(did, None).get_payload()
    return payload


def read_answer(payload: bytes, did: int) -> Answer | None:
    """Return what an answer says about one identifier; None where it answers something else."""
    from udsoncan.exceptions import ConfigError, InvalidResponseException
    from udsoncan.Response import Response
    from udsoncan.services.ReadDataByIdentifier import ReadDataByIdentifier

    response = Response.from_payload(payload)
    if not response.valid or response.service is not ReadDataByIdentifier or response.code is None:
        return None
    if not response.positive:
        return Negative(response.code)
    try:
        found = ReadDataByIdentifier.interpret_response(response, did, {did: _whole()})
    except (ConfigError, InvalidResponseException):
        # Another identifier, or none at all.
        return None
    data = found.service_data.values.get(did)
    return None if data is None else Positive(data)


@cache
def _whole() -> Any:
    """Return a codec that takes all the data there is as it is."""
    from udsoncan import DidCodec

    class Whole(DidCodec):
        def decode(self, string_bin: bytes) -> bytes:
            return bytes(string_bin)

        def __len__(self) -> int:
            raise DidCodec.ReadAllRemainingData

    return Whole
