"""A wrong profile ends in one sentence: file, table, key, nearest word."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evdiag.errors import BadInputError
from evdiag.user_files import user_folder
from evdiag.vehicles.checking import check_profile
from evdiag.vehicles.library import _SHIPPED, Library, _shipped_profile, library, profile_file
from evdiag.vehicles.schema import read_profile

if TYPE_CHECKING:
    from evdiag.vehicles.profile import Profile

GOOD = """
schema = 1
id = "my-car"
dbc = ["reference.dbc"]
sources = ["a page"]

[identity]
make = "Make"
model = "Model"

[[buses]]
name = "vehicle"
bitrate = 500000
tap = "OBD"
at_obd = true
frames = [{ id = 0x4E0, length = 8, period_ms = 100 }]

[lock]
releases_within_s = 3
evidence = "community"
source = "a page"

[relock]
anchor = "fob"
seconds = [30]
evidence = "community"
source = "a page"

[signals."port.lock"]
from = "PORT_Lock.Lock_State"
values = { 0 = "unlocked", 0x01 = "locked" }
evidence = "community"
source = "a page"
"""


def test_a_good_one_is_read() -> None:
    profile = read_profile("my.toml", GOOD)
    assert profile.name == "Make Model"
    assert profile.layouts[0].signals[0].words == ((0, "unlocked"), (1, "locked"))
    assert profile.lock.response_window_s == 4.5


WRONG = [
    (
        '3\nevidence = "community"',
        "3",
        "table [lock], key 'evidence': is missing",
    ),
    ("schema = 1", "schema = 2", "key 'schema': this evdiag reads profiles of schema 1"),
    ("schema = 1", "", "key 'schema': is missing"),
    ('id = "my-car"', 'id = "My Car"', "key 'id': must be lower-case"),
    ('make = "Make"', "make = 7", "table [identity], key 'make': must be text in quotes, not 7"),
    ('make = "Make"', 'mark = "Make"', "table [identity], key 'make': is missing"),
    (
        'model = "Model"',
        'model = "M"\nmodle = 1',
        "key 'modle': is not known; did you mean 'model'",
    ),
    ('[signals."port.lock"]', '[signals."port.look"]', "did you mean 'port.lock'?"),
    ('"unlocked"', '"unlockd"', "'unlockd' is not known; did you mean 'unlocked'?"),
    ("0x01 =", "one =", "key 'one': must be a raw value"),
    ('from = "PORT_Lock.Lock_State"', 'from = "Lock_State"', 'must be "Message.Signal"'),
    ('anchor = "fob"', 'anchor = "fab"', "table [relock], key 'anchor': 'fab' is not known"),
    ("seconds = [30]", 'seconds = ["30"]', "key 'seconds': every entry must be a number"),
    ('"community"\nsource = "a page"\n\n[s', '"sure"\nsource = "a page"\n\n[s', "known are: verif"),
    ("id = 0x4E0,", "id = 0x8E0,", "table [buses 1.frames 1], key 'id': does not fit"),
    (", period_ms = 100", "", "key 'period_ms': is missing"),
    ("at_obd = true", 'at_obd = "yes"', "key 'at_obd': must be true or false"),
    ("schema = 1", "schema = [", "is not TOML"),
    ("schema = 1", "schema = " + "1" * 5000, "is not TOML"),
    ("schema = 1", "schema = " + "[" * 2000, "is not TOML: it is nested too deep"),
    ("releases_within_s = 3", "releases_within = 3", "did you mean 'releases_within_s'?"),
    ("[[buses]]", "[[busses]]", "key 'buses': is missing"),
    (
        'make = "Make"',
        'make = "M"\nvin_pattern = "("',
        "key 'vin_pattern': is not understood: it may",
    ),
    *(
        (
            "releases_within_s = 3",
            f"releases_within_s = {wrong}",
            "'releases_within_s': must be a nu",
        )
        for wrong in ("nan", "inf", "-1", "0", "true", '"3"')
    ),
    ("releases_within_s = 3", "releases_within_s = 1e308", "be 1000000000 or less, not 1e+308"),
    ("releases_within_s = 3", "releases_within_s = 1" + "0" * 400, "be 1000000000 or less, not 10"),
    ("seconds = [30]", "seconds = [1e308]", "key 'seconds': every entry must be 1000000000 or"),
    ("seconds = [30]", "# nothing", "table [relock], key 'seconds': needs at least one number"),
    ('anchor = "fob"\nseconds = [30]', "second = [30]", "table [relock], key 'anchor': is missing"),
    ("period_ms = 100", "period_ms = 9223372036854775807", "key 'period_ms': must be 1000000000"),
    ("length = 8", "length = 65", "key 'length': must be 64 or less, not 65"),
    ("id = 0x4E0,", "id = 0x98DAF1E0, extended = true,", "the mark of a DBC it is 0x18DAF1E0"),
    ("id = 0x4E0,", "id = 0x20000000, extended = true,", "does not fit: it has more than 29 bits"),
    ("100 }]", "100 }, { id = 0x4E0, period_ms = 9 }]", "'id': is that of another frame of this"),
    ("[lock]", '[[buses]]\nname = "vehicle"\nbitrate = 1\ntap = "x"\nat_obd = true\n[lock]',
     "table [buses 2], key 'name': is that of another bus as well"),
    ("[lock]", '[[layouts]]\nid = "a"\nname = "A"\n[[layouts]]\nid = "a"\nname = "B"\n[lock]',
     "table [layouts 2], key 'id': is that of another layout as well"),
    ('tap = "OBD"', 'tap = " "', "table [buses 1], key 'tap': is empty: it must say something"),
    ("bitrate = 500000", "bitrate = 0x1" + "0" * 5000, "'bitrate': must be 1000000000 or less"),
    ('tap = "OBD"', "tap = 0x1" + "0" * 5000, "'tap': must be text in quotes, not what stands"),
    ('"my-car"', '"' + "a" * 61 + '"', "'id': must be lower-case letters, digits and hyphens, 60"),
    ("schema = 1", "schema" + ".a" * 100_000 + " = 1", "not TOML: a key has more than 100 parts"),
    ("schema = 1", "schema" + " . a" * 90 + " = 1", "'schema': must be a whole number, not {'a': "),
    ("schema = 1", 'schema = "' + "1" * 5000 + '"', "'schema': must be a whole number, not '11111"),
    ('make = "Make"', 'make = "M"\n' + "e" * 5000 + " = 1", "eee…': is not known; known are: make"),
    ("seconds = [30]", "seconds = [30, inf]", "key 'seconds': every entry must be a number larger"),
    ("seconds = [30]", "seconds = [nan]", "key 'seconds': every entry must be a number larger"),
    ("period_ms = 100", "period_ms = 0", "key 'period_ms': must be 1 or more, not 0"),
    ("period_ms = 100", "period_ms = -5", "key 'period_ms': must be 1 or more, not -5"),
    ("length = 8", "length = -8", "key 'length': must be 0 or more, not -8"),
    ("bitrate = 500000", "bitrate = 0", "key 'bitrate': must be 1 or more, not 0"),
    ("releases_within_s = 3", "settling_ms = -1", "key 'settling_ms': must be 0 or more, not -1"),
    ("0x01 =", "01 =", "key '01': must be a raw value"),
    ("0x01 =", "1" * 5000 + " =", ": must be a raw value"),
    ("0x01 =", "0x0 =", "key '0x0': the raw value 0 is there twice"),
]  # fmt: skip


def test_an_editors_mark_of_utf_8_is_passed_over() -> None:
    """Notepad puts it before a file, where nobody sees it."""
    assert read_profile("my.toml", "\ufeff" + GOOD).id == read_profile("my.toml", GOOD).id


def test_nothing_need_settle() -> None:
    text = GOOD.replace("releases_within_s = 3", "settling_ms = 0")
    assert read_profile("my.toml", text).lock.settling_ms == 0


@pytest.mark.parametrize(
    ("old", "new", "sentence"), WRONG, ids=[f"{w[1][:30]}: {w[2][:40]}" for w in WRONG]
)
def test_a_wrong_one_says_what_and_where(old: str, new: str, sentence: str) -> None:
    assert old in GOOD
    with pytest.raises(BadInputError) as caught:
        read_profile("my.toml", GOOD.replace(old, new, 1))
    assert str(caught.value).startswith("my.toml")
    assert sentence in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


def test_a_users_profile_cannot_claim_verified() -> None:
    text = GOOD.replace('evidence = "community"', 'evidence = "verified"')
    assert read_profile("ours.toml", text).layouts
    with pytest.raises(BadInputError, match="your own cannot say 'verified'; it can say: comm"):
        read_profile("theirs.toml", text, from_user=True)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("PORT_Lock.", "PORT_Look.", "no message 'PORT_Look'; did you mean 'PORT_Lock'?"),
        (".Lock_State", ".Lock_Stat", "no signal 'Lock_Stat'; did you mean 'Lock_State'?"),
        ("reference.dbc", "nowhere.dbc", "there is no 'nowhere.dbc' in"),
    ],
)
def test_check_looks_into_the_dbc(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    path = tmp_path / "my.toml"
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(BadInputError) as caught:
        check_profile(path)
    assert sentence in str(caught.value)
    path.write_text(GOOD)
    assert check_profile(path).id == "my-car"


def test_the_users_own_files_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVDIAG_CONFIG", str(tmp_path))
    (tmp_path / "vehicles").mkdir()
    own = GOOD.replace('id = "my-car"', 'id = "bmw-i3"')
    (tmp_path / "vehicles" / "i3.toml").write_text(own)
    (tmp_path / "vehicles" / "bad.toml").write_text("schema = 1")
    library.cache_clear()
    try:
        found = library()
        assert user_folder() == tmp_path
        assert found.profile("bmw-i3").make == "Make"
        assert found.profile("bmw-i3").from_user
        assert found.profile("reference").from_user is False
        assert len(found.problems) == 1
        assert "bad.toml" in found.problems[0]
    finally:
        library.cache_clear()


def test_names_of_a_hostile_profile_reach_the_terminal_as_signs() -> None:
    hostile = GOOD.replace('name = "vehicle"', 'name = "\\u001b[31m"', 1).replace(
        'from = "', 'bus = "vehicle"\nfrom = "', 1
    )
    with pytest.raises(BadInputError, match="known are") as refused:
        read_profile("my.toml", hostile)
    assert "\x1b" not in str(refused.value)


def test_a_car_that_is_named_needs_no_other_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def counted(path: Path, *, from_user: bool) -> Profile:
        read.append(path.stem)
        return profile_file(path, from_user=from_user)

    monkeypatch.setattr("evdiag.vehicles.library.profile_file", counted)
    _shipped_profile.cache_clear()
    found = Library({}, ())
    assert found.profile("reference").id == "reference"
    assert found.profile("reference").id == "reference"
    assert read == ["reference"]
    assert all(profile.id == name for name, profile in found.profiles.items())
    assert sorted(read) == sorted(path.stem for path in _SHIPPED.glob("*.toml"))


def test_the_nearest_name_is_said_among_ours_and_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVDIAG_CONFIG", str(tmp_path))
    (tmp_path / "vehicles").mkdir()
    (tmp_path / "vehicles" / "my.toml").write_text(GOOD)
    library.cache_clear()
    try:
        for meant, written in (("my-car", "my-cra"), ("bmw-i3", "bwm-i3")):
            with pytest.raises(BadInputError, match=f"did you mean '{meant}'"):
                library().profile(written)
    finally:
        library.cache_clear()
