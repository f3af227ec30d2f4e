"""The three themes, and the tones: names for what a colour repeats, never for what it says alone.

Every tone that carries meaning stands beside a word or a shape; with NO_COLOR the words stay.
"""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

TONES: Final = {
    "": "",
    "quiet": "$quiet",
    "strong": "bold",
    "title": "bold $accent",
    "held": "bold $held",
    "free": "bold $free",
    "busy": "bold $busy",
    "bad": "bold $bad",
    "odd": "bold $odd",
    "alarm": "bold reverse $bad",
    "line": "$line",
    "key": "bold $accent",
    "here": "bold reverse",
    "changed": "bold underline $busy",
    "empty": "italic $quiet",
}
"""Tone to Textual style. held: locked; free: open; busy: on its way; bad: fault; odd: not known;
alarm: what must not be overlooked."""

DARK: Final = Theme(
    name="dark",
    primary="#6CA8F0",
    accent="#8FC1FF",
    foreground="#E6E9EE",
    background="#11151B",
    surface="#171C24",
    panel="#1F2630",
    success="#5FD68A",
    warning="#F2C14E",
    error="#FF6B6B",
    variables={
        "quiet": "#93A0B0",
        "line": "#46505E",
        "held": "#7FB4FF",
        "free": "#5FD68A",
        "busy": "#F2C14E",
        "bad": "#FF7B7B",
        "odd": "#D6A2FF",
    },
)

LIGHT: Final = Theme(
    name="light",
    primary="#1B5FB8",
    accent="#174F9C",
    foreground="#14181E",
    background="#FBFBF9",
    surface="#F1F2F0",
    panel="#E4E7E8",
    success="#12703A",
    warning="#8A5A00",
    error="#B3261E",
    dark=False,
    variables={
        "quiet": "#56606B",
        "line": "#A9B2BB",
        "held": "#174F9C",
        "free": "#12703A",
        "busy": "#7D5100",
        "bad": "#B3261E",
        "odd": "#7A2FA8",
    },
)

HIGH_CONTRAST: Final = Theme(
    name="high-contrast",
    primary="#FFFFFF",
    accent="#FFFF00",
    foreground="#FFFFFF",
    background="#000000",
    surface="#000000",
    panel="#000000",
    success="#00FF66",
    warning="#FFD000",
    error="#FF5555",
    variables={
        "quiet": "#D8D8D8",
        "line": "#A0A0A0",
        "held": "#66CCFF",
        "free": "#00FF66",
        "busy": "#FFD000",
        "bad": "#FF6666",
        "odd": "#FF99FF",
    },
)

THEMES: Final = {theme.name: theme for theme in (DARK, LIGHT, HIGH_CONTRAST)}
"""By the name that the config file uses, in the order in which the key walks through them."""
