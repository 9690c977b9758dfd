"""The claims that need no ears: chords, form, endings, rests, length, statistics, drums, variety, repeatability."""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.prompts import Asked
from benchmarks.symbolic import SongFacts
from benchmarks.tally import Case, Tally
from music.genres import GENRES
from music.statistics import HUMAN, PLAYED, POP_BANDS, SEQUENCED, Gram, inside, likeness

POP_LIKE: Final = (
    "pop", "rock", "folk", "country", "soul", "disco", "rnb", "lo_fi", "synthwave", "reggae", "gospel", "punk",
    "cumbia", "pop_ballad", "electropop", "kpop", "jpop", "city_pop", "dream_pop", "schlager", "indie_rock",
    "rock_and_roll", "grunge", "new_wave", "acoustic", "neo_soul",
)  # fmt: skip
"""Genres of songs in verses and choruses over tonal chords, to which the human pop songs compare."""

LONGEST_STRETCH_BARS: Final = 8
RESTS: Final = (0.05, 0.60)
MOST_ALIKE: Final = 0.20
EXACT_S: Final = 0.01
PLAYED_FROM, SEQUENCED_FROM = 10.0, 4.0
"""Looseness in ms (genre table) from which a style counts as played, and as sequenced but loose; below, quantised."""

DRUM_RANGES: Final[dict[str, tuple[float, float]]] = {
    "timing_ms": (15, 29), "lag_1": (0.2, 0.4), "backbeat_velocity": (93, 97), "ghosts": (0.36, 0.56),
    "hat_on_beat": (76, 89), "hat_off_eighth": (63, 73), "hat_sixteenth": (50, 60),
}  # fmt: skip
"""Where the mean over songs of played styles should lie: the measured range, or the human mean with some room."""


def _case(song: SongFacts, ok: bool, asked: str = "", found: str = "") -> Case:
    return Case(ok, song.prompt, song.seed, asked, found)


def claim_symbolic(tally: Tally, songs: Sequence[SongFacts], rows: Mapping[str, Asked]) -> None:
    """All claims about the songs as they were asked for."""
    tally.share("Songs", "composed without an error", [_case(s, not s.error, found=s.error) for s in songs], 1.0)
    whole = [s for s in songs if not s.error]
    _claim_chords(tally, whole)
    _claim_form(tally, "Form", whole)
    _claim_length(tally, whole, rows)


def claim_whole(tally: Tally, songs: Sequence[SongFacts], short: Sequence[SongFacts]) -> None:
    """Claims about songs of three minutes from the same prompts; the bands of the `short` ones stand beside them."""
    whole = [s for s in songs if not s.error]
    failed = [_case(s, not s.error, found=s.error) for s in songs]
    tally.share("Three minutes", "composed without an error", failed, 1.0)
    _claim_form(tally, "Three minutes", whole)
    _claim_bands(tally, whole)
    _show_short(tally, [s for s in short if not s.error])
    _claim_drums(tally, whole)


def _claim_chords(tally: Tally, songs: Sequence[SongFacts]) -> None:
    given = [s for s in songs if s.chords_followed is not None]
    cases = [_case(s, bool(s.chords_followed), found=s.chord_fault) for s in given]
    tally.share("Given chords", "followed exactly, as written", cases, 1.0)


def _claim_form(tally: Tally, group: str, songs: Sequence[SongFacts]) -> None:
    lifted = [(s, s.lift) for s in songs if s.lift is not None]
    any_of = [
        _case(
            s, x.louder or x.denser or x.higher, found=f"{x.loudness_db:+.1f} dB, x{x.density:.2f}, {x.register:+.1f}"
        )
        for s, x in lifted
    ]
    tally.share(group, "chorus over verse: louder, denser or higher", any_of, 0.95)
    tally.share(group, "  louder (0.5 dB)", [_case(s, x.louder, found=f"{x.loudness_db:+.1f} dB") for s, x in lifted])
    tally.share(group, "  denser (3 %)", [_case(s, x.denser, found=f"x{x.density:.2f}") for s, x in lifted])
    tally.share(
        group, "  higher (half a semitone)", [_case(s, x.higher, found=f"{x.register:+.1f}") for s, x in lifted]
    )
    tally.share(group, "hook recurs in every chorus", [_case(s, s.hook) for s in songs if s.hook is not None], 1.0)
    tally.share(group, "last four bars end on a cadence", [_case(s, s.cadence, found=s.ending) for s in songs], 1.0)
    breathing = [
        _case(
            s,
            s.longest_stretch_bars <= LONGEST_STRETCH_BARS and RESTS[0] <= s.rests <= RESTS[1],
            found=f"{s.longest_stretch_bars:.1f} bars without a rest, {100 * s.rests:.0f} % rests",
        )
        for s in songs
    ]
    tally.share(group, "melody rests (a breath in 8 bars, 5–60 %)", breathing, 1.0)
    tally.mean(group, "bass onsets on a kick", [s.bass_on_kick for s in songs])


def _claim_length(tally: Tally, songs: Sequence[SongFacts], rows: Mapping[str, Asked]) -> None:
    asked = [(s, rows[s.prompt].seconds, rows[s.prompt].exact) for s in songs]
    told = [(s, seconds, exact) for s, seconds, exact in asked if seconds is not None]
    within = [
        _case(s, abs(s.duration_s - seconds) <= s.bar_s, f"{seconds:g} s", f"{s.duration_s:.2f} s")
        for s, seconds, exact in told
        if not exact
    ]
    exactly = [
        _case(s, abs(s.duration_s - seconds) <= EXACT_S, f"{seconds:g} s", f"{s.duration_s:.3f} s")
        for s, seconds, exact in told
        if exact
    ]
    tally.share("Length", "within one bar of what was asked", within, 1.0)
    tally.share("Length", "exact where exactly was asked", exactly, 1.0)


def _claim_bands(tally: Tally, songs: Sequence[SongFacts]) -> None:
    pop = [s for s in songs if s.genre in POP_LIKE]
    group = "Human bands, pop-like genres, three minutes"
    for name in POP_BANDS:
        band = HUMAN[name]
        cases = [
            _case(s, inside(band, s.statistics[name]), f"{band.low:g}–{band.high:g}", f"{s.statistics[name]:.3g}")
            for s in pop
        ]
        tally.share(group, f"{name.replace('_', ' ')} inside", cases, 0.9)
    kept = [sum(inside(HUMAN[name], s.statistics[name]) for name in POP_BANDS) for s in pop]
    tally.share(
        group, f"all {len(POP_BANDS)} inside", [_case(s, k == len(POP_BANDS)) for s, k in zip(pop, kept, strict=True)]
    )
    for name in HUMAN:
        tally.mean(
            group, f"  mean {name.replace('_', ' ')} (humans {HUMAN[name].mean:g})", [s.statistics[name] for s in pop]
        )


def _show_short(tally: Tally, songs: Sequence[SongFacts]) -> None:
    pop = [s for s in songs if s.genre in POP_LIKE]
    for name in POP_BANDS:
        cases = [_case(s, inside(HUMAN[name], s.statistics[name])) for s in pop]
        tally.share("The same, as long as was asked", f"{name.replace('_', ' ')} inside", cases)


def drum_feel(genre: str) -> str:
    """Whether drums of a genre are played, sequenced or quantised."""
    looseness = GENRES[genre].looseness if genre in GENRES else 0.0
    return "played" if looseness >= PLAYED_FROM else "sequenced" if looseness >= SEQUENCED_FROM else "quantised"


def _claim_drums(tally: Tally, songs: Sequence[SongFacts]) -> None:
    drummed = [s for s in songs if s.drums]
    by_feel = {
        feel: [s for s in drummed if drum_feel(s.genre) == feel] for feel in ("played", "sequenced", "quantised")
    }
    for name, (low, high) in DRUM_RANGES.items():
        label = f"played styles: {name.replace('_', ' ')} (humans {PLAYED[name].mean:g})"
        tally.between("Drums", label, [s.drums[name] for s in by_feel["played"]], low, high)
    band = SEQUENCED["timing_ms"]
    timing = [s.drums["timing_ms"] for s in by_feel["sequenced"]]
    tally.between("Drums", "sequenced styles: timing ms", timing, band.low, band.high)
    tally.mean("Drums", "quantised styles: timing ms", [s.drums["timing_ms"] for s in by_feel["quantised"]])


# --- variety and repeatability -----------------------------------------------------------------------


def claim_variety(tally: Tally, name: str, songs: Sequence[SongFacts]) -> None:
    """How alike the two most similar melodies are, by 4-grams of interval and time, and by intervals alone."""
    usable = [s for s in songs if not s.error and s.grams]
    if len(usable) < 2:
        tally.figure("Variety", name, "nothing to measure")
        return
    pairs = pairwise_likeness([s.grams for s in usable])
    largest, at = max(pairs)
    over = sum(value > MOST_ALIKE for value, _ in pairs)
    a, b = (usable[i] for i in at)
    shown = f"{100 * largest:.1f} %, {over} of {len(pairs)} pairs over"
    ok = largest <= MOST_ALIKE
    tally.claim("Variety", f"{name}: most 4-grams two melodies share", f"≤ {100 * MOST_ALIKE:g} %", shown, ok)
    if not ok:
        tally.misses[f"Variety: {name}: most 4-grams two melodies share"] = [
            _case(
                usable[i],
                False,
                f"≤ {100 * MOST_ALIKE:g} %",
                f"{100 * value:.1f} % with {usable[j].prompt!r} {usable[j].seed}",
            )
            for value, (i, j) in sorted(pairs, reverse=True)[:50]
            if value > MOST_ALIKE
        ]
    tally.figure("Variety", f"  {name}: the pair", f"{a.prompt[:28]}… {a.seed} and {b.prompt[:28]}… {b.seed}")
    plain = [value for value, _ in pairwise_likeness([s.intervals for s in usable])]
    tally.figure("Variety", f"  {name}: median pair", f"{100 * float(np.median([v for v, _ in pairs])):.1f} %")
    tally.figure(
        "Variety",
        f"  {name}: intervals alone",
        f"{100 * max(plain):.1f} % at most, median {100 * float(np.median(plain)):.1f} %",
    )


def pairwise_likeness(grams: Sequence[frozenset[Gram]]) -> list[tuple[float, tuple[int, int]]]:
    """Likeness of every pair, with the numbers of the two."""
    return [(likeness(grams[i], grams[j]), (i, j)) for i, j in combinations(range(len(grams)), 2)]


def claim_repeatable(tally: Tally, songs: Sequence[SongFacts], again: Callable[[SongFacts], str]) -> None:
    """The same prompt and seed give the same MIDI bytes in another process."""
    cases = []
    for song in songs:
        found = again(song)
        cases.append(_case(song, found == song.midi_sha256, song.midi_sha256[:12], found[:12]))
    tally.share("Repeatability", "same MIDI bytes in another process", cases, 1.0)


def show_genres(console: Console, songs: Sequence[SongFacts]) -> None:
    """Statistics by genre: the mean, and the share of songs inside the human band."""
    names = list(POP_BANDS)
    table = Table(
        "genre", *[n.replace("_", " ") for n in names], "all", title="Statistics by genre", title_justify="left"
    )
    bands = [f"{HUMAN[n].low:g}–{HUMAN[n].high:g}" for n in names]
    table.add_row("[bold]human p10–p90[/bold]", *bands, "")
    table.add_section()
    for genre in sorted({s.genre for s in songs if not s.error}):
        rows = [s.statistics for s in songs if s.genre == genre and not s.error]
        cells = []
        for name in names:
            held = np.mean([inside(HUMAN[name], row[name]) for row in rows])
            cells.append(f"{np.nanmean([row[name] for row in rows]):.2f} ({100 * held:.0f} %)")
        every = np.mean([all(inside(HUMAN[n], row[n]) for n in names) for row in rows])
        table.add_row(genre + (" *" if genre in POP_LIKE else ""), *cells, f"{100 * every:.0f} %")
    console.print(table)
    console.print("* pop-like: compared with the human songs; elsewhere the bands only orient")
    _show_drums(console, songs)


def _show_drums(console: Console, songs: Sequence[SongFacts]) -> None:
    names = list(PLAYED)
    table = Table("drums", "feel", *[n.replace("_", " ") for n in names], title="Drums by genre", title_justify="left")
    table.add_row("[bold]humans[/bold]", "", *[f"{PLAYED[n].mean:g}" for n in names])
    table.add_section()
    for genre in sorted({s.genre for s in songs if s.drums}):
        rows = [s.drums for s in songs if s.genre == genre and s.drums]
        values = [[row[name] for row in rows if not np.isnan(row[name])] for name in names]
        table.add_row(genre, drum_feel(genre), *[f"{np.mean(v):.2f}" if v else "–" for v in values])
    console.print(table)
