"""A cover is drawn from the song: what changes in the song changes in the picture."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from audio.pictures.colour import fifths, oklch, palette
from audio.pictures.cover import COVER_BYTES, COVER_PIXELS, draw_cover
from audio.pictures.portrait import portrait
from domain.score import Chord, Note, Part, Role, Score, Section, SectionKind, TempoChange

FAMILIES = (
    "acoustic", "ambient", "orchestral", "lofi", "dance", "hip_hop", "chip", "pop", "rock", "jazz", "latin",
)  # fmt: skip
TITLE_TOP = 1110


def part(role: Role, pitches: list[int], *, step: float = 1.0, drum: bool = False, velocity: int = 90) -> Part:
    notes = tuple(
        Note(pitch=pitch, start=i * step, duration=step * 0.9, velocity=velocity) for i, pitch in enumerate(pitches)
    )
    return Part(id=role.value, name=role.value, role=role, instrument="flute", is_drum=drum, notes=notes)


LEAD = [60, 64, 67, 72, 71, 67, 64, 62] * 8
PARTS = (
    part(Role.LEAD, LEAD),
    part(Role.BASS, [36, 43, 41, 36] * 4, step=4.0),
    part(Role.PAD, [60, 65, 67, 60] * 4, step=4.0),
    part(Role.DRUMS, [36, 42, 38, 42] * 16, drum=True),
)


def song(**changes: Any) -> Score:
    fields: dict[str, Any] = {
        "title": "Silver Rain", "key": "C", "scale": "major", "tempo": (TempoChange(start=0, bpm=100),),
        "sections": (
            Section(name="verse", kind=SectionKind.VERSE, start_bar=0, bars=8, energy=0.3),
            Section(name="chorus", kind=SectionKind.CHORUS, start_bar=8, bars=8, energy=0.9),
        ),
        "chords": tuple(Chord(start=i * 4, duration=4, symbol=s) for i, s in enumerate(["C", "Am", "F", "G7"] * 4)),
        "parts": PARTS,
    }  # fmt: skip
    return Score(**(fields | changes))


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_a_cover_that_fits_into_a_file(family: str) -> None:
    png = draw_cover(song(), family=family, genre="Some genre")
    image = Image.open(io.BytesIO(png))
    assert (image.size, image.format) == ((COVER_PIXELS, COVER_PIXELS), "PNG")
    assert len(png) <= COVER_BYTES
    assert png == draw_cover(song(), family=family, genre="Some genre")


def test_families_look_different() -> None:
    assert len({draw_cover(song(), family=family) for family in ("ambient", "lofi", "dance", "pop", "rock")}) == 5


@pytest.mark.parametrize("family", ["acoustic", "lofi", "dance", "pop", "rock", "chip"])
@pytest.mark.parametrize(
    "change",
    [
        {"key": "E"},
        {"scale": "minor"},
        {"parts": (part(Role.LEAD, LEAD[::-1]), *PARTS[1:])},
        {"sections": (Section(name="verse", kind=SectionKind.VERSE, start_bar=0, bars=16, energy=0.1),)},
    ],
)
def test_key_mode_tune_and_form_are_seen(family: str, change: dict[str, Any]) -> None:
    one, other = (pixels(draw_cover(score, family=family))[:TITLE_TOP] for score in (song(), song(**change)))
    assert (one != other).any(axis=2).mean() > 0.002


@pytest.mark.parametrize("family", ["dance", "pop"])
def test_chords_are_colours(family: str) -> None:
    minor = tuple(Chord(start=i * 4, duration=4, symbol=s) for i, s in enumerate(["Dm", "Em", "F", "E7b9"] * 4))
    one, other = (pixels(draw_cover(score, family=family))[:TITLE_TOP] for score in (song(), song(chords=minor)))
    assert (one != other).any(axis=2).mean() > 0.1


def test_mood_is_seen() -> None:
    shy, wild = (pixels(draw_cover(song(), valence=v, arousal=v)) for v in (0.1, 0.9))
    assert (shy != wild).any(axis=2).mean() > 0.5


@pytest.mark.parametrize("family", FAMILIES)
def test_the_title_stands_in_its_own_space(family: str) -> None:
    one, other = (pixels(draw_cover(song(title=t), family=family)) for t in ("Silver Rain", "Golden Sun"))
    assert not (one != other)[:TITLE_TOP].any()
    assert (one != other)[TITLE_TOP:].any()


@pytest.mark.parametrize(
    "title", ["Rain", "A Title of Many Words That Goes On and On Until the End", "W" * 60, "a b c d e f g " * 20]
)
def test_any_title_stays_inside(title: str) -> None:
    bare, told = (pixels(draw_cover(song(title=t), family="dance")) for t in ("", title))
    changed = np.flatnonzero((bare != told).any(axis=(0, 2)))
    assert changed.size
    assert changed.min() >= 80
    assert changed.max() <= COVER_PIXELS - 80


def test_a_title_that_the_font_cannot_write_is_left_out() -> None:
    assert draw_cover(song(title="雨の夜")) == draw_cover(song(title=""))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    "parts", [(), (PARTS[3],), (part(Role.LEAD, [60]),), (PARTS[0].model_copy(update={"notes": ()}),)]
)
def test_songs_with_little_in_them_have_covers(family: str, parts: tuple[Part, ...]) -> None:
    short = Section(name="verse", kind=SectionKind.VERSE, start_bar=0, bars=1)
    assert draw_cover(song(parts=parts, chords=(), sections=(short,)), family=family)


def test_a_portrait_is_the_song_in_shares() -> None:
    seen = portrait(song())
    assert [(s.start, s.height) for s in seen.tune[:4]] == [(0, 0), (1 / 64, 4 / 12), (2 / 64, 7 / 12), (3 / 64, 1)]
    assert [(c.steps, c.dark) for c in seen.chords[:4]] == [(0, False), (3, True), (-1, False), (1, False)]
    assert seen.energy == ((0, 0.5, 0.3), (0.5, 1, 0.9))
    assert seen.phrase == (0.5, 1.0)
    assert (len(seen.contours), len(seen.bass), len(seen.hits)) == (3, 16, 64)


def test_an_arpeggio_leads_where_nobody_sings() -> None:
    parts = (part(Role.PAD, [60] * 4), part(Role.ARPEGGIO, [60, 72, 60]))
    assert [sign.height for sign in portrait(song(parts=parts)).tune] == [0, 1, 0]


@pytest.mark.parametrize(
    ("name", "steps"), [("C", 0), ("F", -1), ("Bb", -2), ("F#m7b5", 6), ("E7b9", 4), ("Ebmaj7", -3), ("B", 5)]
)
def test_roots_lie_on_the_circle_of_fifths(name: str, steps: int) -> None:
    assert fifths(name) == steps


@pytest.mark.parametrize(
    ("mixed", "colour"),
    [((1.0, 0.0, 0.0), (255, 255, 255)), ((0.0, 0.0, 0.0), (0, 0, 0)), ((0.62796, 0.25768, 29.234), (255, 0, 0)),
     ((0.45201, 0.31321, 264.052), (0, 0, 255)), ((0.59987, 0.0, 0.0), (128, 128, 128))],
)  # fmt: skip
def test_colours_are_mixed_as_published(mixed: tuple[float, float, float], colour: tuple[int, int, int]) -> None:
    assert oklch(*mixed) == pytest.approx(colour, abs=1)


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """By WCAG 2.2."""

    def luminance(colour: tuple[int, int, int]) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("key", ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"])
@pytest.mark.parametrize("night", [False, True])
def test_the_title_can_be_read_in_every_key_and_mood(key: str, night: bool) -> None:
    for scale in ("major", "minor"):
        for mood in (0.0, 0.5, 1.0):
            colours = palette(key, scale, valence=mood, arousal=mood, night=night)
            assert contrast(colours.ink, colours.ground) > 9
