"""A document of plain blocks: what every form of the report is written from. Pure.

Texts in it may be foreign; whoever writes it makes them plain and escapes them, in one place each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from evdiag.recurrence.series import Series
from evdiag.report.model import Timeline

Tone: TypeAlias = Literal["fault", "doubt", "good"]


@dataclass(frozen=True, slots=True)
class English:
    """A text that is English in a report of another language: the diagnosis speaks English."""

    text: str


Text: TypeAlias = str | English


@dataclass(frozen=True, slots=True)
class Verdict:
    """The one large sentence, how sure it is, and what else is to be said at once."""

    tone: Tone
    mark: str
    headline: Text
    sure: str
    lines: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences; a `quiet` one explains."""

    text: Text
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Pairs:
    """Names and what they are."""

    rows: tuple[tuple[str, Text], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under heads; `widths` are shares of the width. `caption` may be empty."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Text, ...], ...]
    widths: tuple[int, ...]
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Points:
    """A short list under a word: evidence, next steps."""

    title: str
    items: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """Something with a mark, a title and what belongs to it."""

    mark: str
    title: Text
    aside: str
    lists: tuple[Points, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A timeline or a car's times over months, and its words for those who do not see it."""

    shown: Timeline | Series
    title: str
    alternative: str


Block: TypeAlias = Paragraph | Pairs | Table | Entry | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its blocks."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The whole page. `about` stands under the title: which car, when."""

    language: str
    kind: str
    title: str
    about: tuple[tuple[str, Text], ...]
    verdict: Verdict
    sections: tuple[Section, ...]
    closing: str
    page_of: str
