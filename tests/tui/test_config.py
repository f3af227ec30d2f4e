"""The person's keys and theme; whatever is wrong in the file ends in one clear sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from evdiag.errors import BadInputError
from evdiag.tui.actions import BY_ID
from evdiag.tui.config import TuiConfig, key_name, read_config
from evdiag.tui.themes import THEMES
from tests.tui.replaying import replay, seen, settled, story


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert read_config(tmp_path / "config.toml") == TuiConfig()


async def test_a_rebound_key_works_and_the_old_one_no_more(tmp_path: Path) -> None:
    path = written(tmp_path, '[keys]\nmark = ["x", "ctrl+b"]\n[tui]\ntheme = "light"\n')
    app = replay(config=read_config(path))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("m")
        assert not app.playback.marks
        await pilot.press("x", "ctrl+b")
        await settled(pilot)
        assert len(app.playback.marks) == 2
        assert app.theme == "light"
        assert "x mark" in seen(app)


def test_signs_may_be_written_as_they_are(tmp_path: Path) -> None:
    path = written(tmp_path, "[keys]\nhelp = \"!\"\nfilter = '\\'\n")
    keys = read_config(path).keys
    assert (keys["help"], keys["filter"]) == (("exclamation_mark",), ("backslash",))


def test_a_recording_and_a_live_bus_may_use_one_key_each_in_its_own_way(tmp_path: Path) -> None:
    keys = read_config(written(tmp_path, '[keys]\nrecord = "n"\nloop = "A"\n')).keys
    assert (keys["record"], keys["next_change"], keys["loop"]) == (("n",), ("n",), ("A",))


def test_an_action_may_have_no_key(tmp_path: Path) -> None:
    assert read_config(written(tmp_path, "[keys]\nquit = []\n")).keys["quit"] == ()


@pytest.mark.parametrize("hidden", sorted(BY_ID))
async def test_the_screen_stands_whatever_action_has_no_key(hidden: str) -> None:
    keys = {**TuiConfig().keys, hidden: ()}
    app = replay(config=TuiConfig(keys))
    async with app.run_test(size=(60, 20)) as pilot:
        await settled(pilot)
        await app.act("freeze")
        assert "relock-before" in seen(app)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[keys]\nmarc = "x"\n', "'marc': is no action; did you mean 'mark'?"),
        ('[keys]\nmark = "n"\n', "the key 'n' is next_change's too"),
        ('[keys]\nmark = "x"\nloop = "x"\n', "the key 'x' is"),
        ('[keys]\nmark = "spcae"\n', "'spcae' is no key; did you mean 'space'?"),
        ('[keys]\nmark = "hyper+x"\n', "'hyper+x' is no key"),
        ('[keys]\nhold = "m"\n', "the key 'm' is mark's too"),
        ('[keys]\ncar = "R"\n', "the key 'R' is record's too"),
        ("[keys]\nmark = 3\n", "'mark': must be"),
        ('[tui]\ntheme = "drak"\n', "did you mean 'dark'?"),
        ('[tui]\ntheem = "dark"\n', "did you mean 'theme'?"),
        ("[keys\n", "is not TOML"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(BadInputError) as error:
        read_config(path)
    assert says in str(error.value)
    assert "config.toml" in str(error.value)
    assert error.value.exit_code == 2


def test_the_app_reads_the_file_before_it_starts(tmp_path: Path) -> None:
    from evdiag.tui.app import ReplayApp

    written(tmp_path, '[tui]\ntheme = "drak"\n')
    with pytest.raises(BadInputError):
        ReplayApp(story("healthy-ac"))


@pytest.mark.parametrize("sign", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
async def test_a_sign_is_named_as_the_terminal_names_it(sign: str) -> None:
    app = replay(config=TuiConfig({**dict.fromkeys(BY_ID, ()), "mark": (key_name(sign),)}))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press(sign)
        assert app.playback.marks


@pytest.mark.parametrize("theme", sorted(THEMES))
async def test_every_theme_can_be_chosen(theme: str) -> None:
    app = replay(config=TuiConfig(theme=theme))
    async with app.run_test(size=(60, 20)) as pilot:
        await settled(pilot)
        assert app.current_theme.name == theme
