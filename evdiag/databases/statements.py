"""A DBC text cut into its statements, with their lines, whatever state it is in.

This is no parser of DBCs (cantools is): it knows where a statement begins and ends, so that each
one is accounted for and a broken one costs nobody but itself.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Statement(NamedTuple):
    """One statement; `keyword` is empty for text that belongs to none.

    `whole` is false where its end had to be guessed (a ``;`` or a quotation mark is missing).
    """

    keyword: str
    line: int
    text: str
    whole: bool = True


# With a terminating semicolon; the longer names first, they begin like others.
_WITH_SEMICOLON = (
    "BA_DEF_DEF_REL_|BA_DEF_SGTYPE_|BA_DEF_DEF_|BA_DEF_REL_|BA_DEF_|BA_SGTYPE_|BA_REL_|BA_|"
    "BO_TX_BU_|CAT_DEF_|CAT_|CM_|ENVVAR_DATA_|EV_DATA_|EV_|FILTER|SGTYPE_VAL_|SGTYPE_|"
    "SG_MUL_VAL_|SIG_GROUP_|SIG_TYPE_REF_|SIGTYPE_VALTYPE_|SIG_VALTYPE_|VAL_TABLE_|VAL_"
)
_TO_LINE_END = "VERSION|NS_|BS_|BU_|BO_|SG_"
_SIGNAL = r'SG_[ \t]+[^:"\n]+:[ \t]*\d+[ \t]*\|'
_BEGIN = re.compile(
    rf"(?:^|(?<=;))[ \t]*(?P<keyword>{_WITH_SEMICOLON}|{_TO_LINE_END})(?![A-Za-z0-9_])"
    rf"|(?<=[ \t])(?={_SIGNAL})(?P<signal>SG_)",
    re.MULTILINE,
)
# The beginning of a statement that is surely one, also behind a broken one.
_SURELY = re.compile(
    r'^[ \t]*(?:VERSION[ \t]*"|(?:NS_|BS_|BU_)[ \t]*:|BO_[ \t]+\d+[ \t]+[^:"\n]+:'
    rf'|{_SIGNAL}|CM_[ \t]+(?:SG_|BO_|BU_|EV_|VAL_|")|BA_DEF_[ \t]+(?:SG_|BO_|BU_|EV_|")'
    r'|BA_(?:DEF_DEF_)?[ \t]+"|(?:VAL_|SIG_VALTYPE_|SG_MUL_VAL_|SIG_GROUP_|BO_TX_BU_)[ \t]+\d'
    r"|(?:VAL_TABLE_|EV_)[ \t]+\w)",
    re.MULTILINE,
)
_TO_SEMICOLON = re.compile(r'(?:"(?:\\"|[^"])*+"|[^";])*+;')
_COMMENT = re.compile(r'CM_\s+(?:\w+\s+){0,3}"(?:\\"|[^"])*+"\s*;')
_LOOSE_COMMENT = re.compile(r'CM_[^"]*".*?"[ \t]*;[ \t]*$', re.DOTALL | re.MULTILINE)
_SYMBOLS = re.compile(r"NS_[ \t]*:?[^\n]*(?:\n[ \t]*(?:[A-Z_]+[ \t]*)?(?=\n|\Z))*")
_NOTHING = re.compile(r"(?:\s|;|//[^\n]*)*")
_BLOCK_COMMENT = re.compile(r'"(?:\\"|[^"])*+"|^[ \t]*/\*.*?\*/', re.DOTALL | re.MULTILINE)


def without_block_comments(text: str) -> str:
    """Blank out comments as C writes them, where one begins a line outside a string.

    No DBC editor knows them, but people put statements into them to be rid of these. Lines stay
    lines.
    """
    return _BLOCK_COMMENT.sub(
        lambda found: found[0] if found[0][0] == '"' else re.sub(r"[^\n]", " ", found[0]), text
    )


def statements(text: str) -> Iterator[Statement]:
    """Yield the statements of a DBC text in order, and what lies between them, if anything."""
    line_starts = [match.start() for match in re.finditer(r"^", text, re.MULTILINE)]
    position = 0
    while begin := _next(text, position):
        yield from _stray(text, position, begin.start(), line_starts)
        keyword = begin["keyword"] or begin["signal"]
        start = begin.end() - len(keyword)
        end, whole = _end(text, keyword, start)
        yield Statement(keyword, bisect_right(line_starts, start), text[start:end], whole)
        position = end
    yield from _stray(text, position, len(text), line_starts)


def _next(text: str, position: int) -> re.Match[str] | None:
    """Find the next beginning; a signal behind ``//`` is none."""
    while begin := _BEGIN.search(text, position):
        line_start = text.rfind("\n", 0, begin.start()) + 1
        if not begin["signal"] or "//" not in text[line_start : begin.start()]:
            return begin
        position = begin.end()
    return None


def _stray(text: str, start: int, end: int, line_starts: list[int]) -> Iterator[Statement]:
    nothing = _NOTHING.match(text, start, end)
    start = nothing.end() if nothing else start
    if start < end:
        yield Statement("", bisect_right(line_starts, start), text[start:end].strip())


def _end(text: str, keyword: str, start: int) -> tuple[int, bool]:
    if keyword == "NS_":
        symbols = _SYMBOLS.match(text, start)
        return (symbols.end() if symbols else start + 3), True
    if keyword in _TO_LINE_END.split("|"):
        return _line_end(text, start + len(keyword)), True
    if keyword == "CM_" and (comment := _COMMENT.match(text, start)):
        return comment.end(), True
    semicolon = _TO_SEMICOLON.match(text, start)
    end = semicolon.end() if semicolon else len(text)
    ahead = _SURELY.search(text, start + len(keyword), end)
    limit = ahead.start() if ahead else len(text)
    if keyword == "CM_" and (loose := _LOOSE_COMMENT.match(text, start, limit)):
        return loose.end(), True
    return (end, True) if semicolon and not ahead else (limit, False)


def _line_end(text: str, start: int) -> int:
    """Return the end of a statement without semicolon: wrapped lines belong to it."""
    following = _next(text, start)
    end = following.start() if following else len(text)
    comment = re.search(r"^[ \t]*//", text[start:end], re.MULTILINE)
    return start + comment.start() if comment else end
