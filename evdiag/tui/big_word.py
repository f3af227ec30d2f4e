"""Words and signs in block letters, readable from two metres. Pure."""

from __future__ import annotations

from typing import Literal, TypeAlias

Size: TypeAlias = Literal["large", "medium", "small"]
"""large: a pixel is two cells by one, medium one by one, small one cell by half of one."""

ROWS = {"large": 5, "medium": 5, "small": 3}
"""How many lines each size takes."""

_LETTERS = {
    "A": (" ### ", "#   #", "#####", "#   #", "#   #"),
    "C": (" ####", "#    ", "#    ", "#    ", " ####"),
    "D": ("#### ", "#   #", "#   #", "#   #", "#### "),
    "E": ("#####", "#    ", "#### ", "#    ", "#####"),
    "F": ("#####", "#    ", "#### ", "#    ", "#    "),
    "G": (" ####", "#    ", "#  ##", "#   #", " ####"),
    "I": ("###", " # ", " # ", " # ", "###"),
    "K": ("#   #", "#  # ", "###  ", "#  # ", "#   #"),
    "L": ("#    ", "#    ", "#    ", "#    ", "#####"),
    "M": ("#   #", "## ##", "# # #", "#   #", "#   #"),
    "N": ("#   #", "##  #", "# # #", "#  ##", "#   #"),
    "O": (" ### ", "#   #", "#   #", "#   #", " ### "),
    "P": ("#### ", "#   #", "#### ", "#    ", "#    "),
    "R": ("#### ", "#   #", "#### ", "#  # ", "#   #"),
    "S": (" ####", "#    ", " ### ", "    #", "#### "),
    "T": ("#####", "  #  ", "  #  ", "  #  ", "  #  "),
    "U": ("#   #", "#   #", "#   #", "#   #", " ### "),
    "V": ("#   #", "#   #", "#   #", " # # ", "  #  "),
    "W": ("#   #", "#   #", "# # #", "## ##", "#   #"),
    " ": ("  ", "  ", "  ", "  ", "  "),
}

SIGNS = {
    "closed": ("  #####  ", "  #   #  ", "#########", "#### ####", "#########"),
    "open": ("  #####  ", "  #      ", "#########", "#       #", "#########"),
    "moving": (" #  #    ", "  #  #   ", "   #  #  ", "  #  #   ", " #  #    "),
    "pin_out": ("#########", "#       #", "#   #   #", "#       #", "#########"),
    "cross": (" ##   ## ", "   # #   ", "    #    ", "   # #   ", " ##   ## "),
    "question": (" ####### ", "      ## ", "   ###   ", "         ", "   ##    "),
    "hourglass": (" ####### ", "  #   #  ", "   ###   ", "  #   #  ", " ####### "),
    "moon": ("  #####  ", "     ##  ", "    ##   ", "   ##    ", "  #####  "),
    "none": ("         ", "         ", " ####### ", "         ", "         "),
}
"""The shapes of the lock's states, nine pixels wide."""


def big_word(sign: str, word: str, size: Size) -> list[str]:
    """Return the lines of a shape and a word beside it."""
    rows = [
        SIGNS[sign][row] + "   " + " ".join(_LETTERS[letter][row] for letter in word)
        for row in range(5)
    ]
    if size == "small":
        return _halved([*rows, " " * len(rows[0])])
    pixel = "██" if size == "large" else "█"
    return [row.replace(" ", " " * len(pixel)).replace("#", pixel) for row in rows]


def _halved(rows: list[str]) -> list[str]:
    blocks = {"  ": " ", "# ": "▀", " #": "▄", "##": "█"}
    return [
        "".join(blocks[upper + lower] for upper, lower in zip(rows[y], rows[y + 1], strict=True))
        for y in range(0, len(rows), 2)
    ]
