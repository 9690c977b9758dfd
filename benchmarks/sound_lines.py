"""The lines of `bench-sound`: what every release has to hold, what nine of ten do, and figures beside them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.sound_judges import JUDGED_OCTAVES
from benchmarks.sound_release import CHORUS, LOSSY, STRICT_DB, VERSE, Judged, by_shape, hashes, kind_loudness
from benchmarks.tally import Case, Tally

ALL, MOST = 1.0, 0.9
LOUDNESS_LU: Final = 0.1
ROUNDING: Final = {"ffmpeg": 0.05}
"""What a meter's print leaves open; ffmpeg has one decimal."""

LOW_SIDE_DB: Final = -15.0
MONO_LOSS_LU: Final = 1.0
MONO_DROP_DB: Final = 6.0
BALANCE_DB: Final = 1.0
CORRELATION: Final = (0.3, 0.97)
SLOPE: Final = (-6.0, -3.5)
RESIDUAL_DB: Final = -90.0
LEAD_S, TAIL_S = 0.5, 3.0
UNHEARD: Final = 0.02
"""Share of a stem's notes that may be too soft to hear."""

RUN_FACTS: Final = frozenset({"report.json", "report.html", "index.html"})
"""Files that tell when and how fast a song was made."""

Judge = Callable[[Judged], tuple[bool, str, str]]
"""A judgement: whether it holds, what is asked, what was found."""


def claim_all(tally: Tally, songs: Sequence[Judged]) -> None:
    """Every line about single songs."""
    tally.share("made", "a release folder that can be read", [_case(j, not j.error, "", j.error) for j in songs], ALL)
    whole = [judged for judged in songs if not judged.error]
    for group, name, least, judge in _JUDGES:
        tally.share(group, name, [_case(judged, *judge(judged)) for judged in whole], least)
    chosen = [judged for judged in whole if np.isfinite(kind_loudness(judged.sections, CHORUS) - _verse(judged))]
    tally.share("form", "chorus louder than verse", [_case(judged, *_chorus(judged)) for judged in chosen], ALL)
    checked = [judged for judged in whole if judged.outside_check is not None]
    if checked:
        cases = [_case(j, not j.outside_check, "", "; ".join(j.outside_check or [])) for j in checked]
        tally.share("from outside", "the checker holds", cases, ALL)
    _figures(tally, whole)


def claim_same(tally: Tally, songs: Sequence[tuple[Judged, Path]]) -> None:
    """Songs made twice, the second time in another folder by another server: the same bytes but for facts of the run.

    These are the files of `RUN_FACTS`. Tags hold the day of a song, so both must be made on the same one.
    """
    cases, differing = [], set()
    for judged, again in songs:
        folder = judged.song.folder
        wrong = sorted(_apart(hashes(folder), hashes(again)) - RUN_FACTS)
        differing |= _apart(hashes(folder), hashes(again))
        cases.append(_case(judged, not wrong, "the same bytes", ", ".join(wrong)))
    tally.share("again", "made twice: the same bytes but for run facts", cases, ALL)
    tally.figure("again", "files that differ in any byte", ", ".join(sorted(differing)) or "none")


def _apart(one: Mapping[str, str], other: Mapping[str, str]) -> set[str]:
    return {name for name in {*one, *other} if one.get(name) != other.get(name)}


def _case(judged: Judged, ok: bool, asked: str, found: str) -> Case:
    return Case(ok, judged.song.prompt, judged.song.seed, asked, found)


# --- judgements --------------------------------------------------------------------------------------


def _loudness(judged: Judged) -> tuple[bool, str, str]:
    near = all(
        abs(value - judged.target_lufs) <= LOUDNESS_LU + ROUNDING.get(meter, 0.0)
        for meter, value in judged.lufs.items()
    )
    return near, f"{judged.target_lufs:g} LUFS", _told(judged.lufs)


def _said(judged: Judged) -> tuple[bool, str, str]:
    near, asked, found = _loudness(judged)
    return near or judged.missed_on_purpose, f"{asked}, or a report that says it was missed", found


def _peak(name: str) -> Judge:
    def judge(judged: Judged) -> tuple[bool, str, str]:
        peaks = judged.peaks.get(name, {})
        under = all(value <= judged.ceiling_dbtp + ROUNDING.get(meter, 0.0) for meter, value in peaks.items())
        return bool(peaks) and under, f"≤ {judged.ceiling_dbtp:g} dBTP", _told(peaks) or "no such file"

    return judge


def _told(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in values.items())


def _mono_drop(judged: Judged) -> tuple[bool, str, str]:
    worst, drop = max(judged.mono_drops.items(), key=lambda item: item[1])
    return drop < MONO_DROP_DB, f"< {MONO_DROP_DB:g} dB", f"{drop:.1f} dB at {worst:g} Hz"


def _range(judged: Judged) -> tuple[bool, str, str]:
    return not judged.outside, "inside the genre's range", _bands(judged.outside)


def _strict(judged: Judged) -> tuple[bool, str, str]:
    wrong = {hertz: miss for hertz, miss in by_shape(judged.octaves).items() if abs(miss) > STRICT_DB}
    return not wrong, f"± {STRICT_DB:g} dB of the genre's curve by shape", _bands(wrong)


def _against_1k(judged: Judged) -> tuple[bool, str, str]:
    wrong = {hertz: miss for hertz, miss in judged.octaves.items() if abs(miss) > STRICT_DB}
    return not wrong, f"± {STRICT_DB:g} dB of the genre's curve against 1 kHz", _bands(wrong)


def _bands(misses: Mapping[float, float]) -> str:
    return ", ".join(f"{miss:+.1f} dB at {hertz:g} Hz" for hertz, miss in misses.items())


def _crest(judged: Judged) -> tuple[bool, str, str]:
    low, high = judged.plr_range
    return low <= judged.plr_db <= high, f"{low:g} to {high:g} dB of peak over loudness", f"{judged.plr_db:.1f} dB"


def _between(value: float, low: float, high: float, unit: str = "") -> tuple[bool, str, str]:
    return low <= value <= high, f"{low:g} to {high:g}{unit}", f"{value:.2f}{unit}"


def _heard(judged: Judged) -> tuple[bool, str, str]:
    silent = {name: share for name, share in judged.unheard.items() if share > UNHEARD}
    return not silent, "every note", ", ".join(f"{name}: {100 * share:.0f} % unheard" for name, share in silent.items())


def _verse(judged: Judged) -> float:
    return kind_loudness(judged.sections, VERSE)


def _chorus(judged: Judged) -> tuple[bool, str, str]:
    chorus, verse = kind_loudness(judged.sections, CHORUS), _verse(judged)
    return chorus > verse, "chorus over verse", f"{chorus - verse:+.1f} LU"


_JUDGES: Final[tuple[tuple[str, str, float | None, Judge], ...]] = (
    ("level", "loudness within 0.1 LU on three meters", ALL, _loudness),
    ("level", "loudness, or the report says why not", ALL, _said),
    ("level", "true peak of master.wav on three meters", ALL, _peak("master.wav")),
    *(("level", f"true peak of {name}, decoded", ALL, _peak(name)) for name in LOSSY),
    ("level", "crest inside the genre's range", MOST, _crest),
    ("stereo", "correlation over 0", ALL, lambda j: (j.correlation > 0, "> 0", f"{j.correlation:.2f}")),
    ("stereo", "correlation from 0.3 to 0.97", None, lambda j: _between(j.correlation, *CORRELATION)),
    ("stereo", "side under 120 Hz ≤ -15 dB", ALL, lambda j: _between(j.low_side_db, -200.0, LOW_SIDE_DB, " dB")),
    ("stereo", "mono loses under 1 LU", ALL, lambda j: _between(j.mono_loss_lu, -1.0, MONO_LOSS_LU, " LU")),
    ("stereo", "no octave loses 6 dB in mono", ALL, _mono_drop),
    ("stereo", "left and right within 1 dB", None, lambda j: _between(j.balance_db, -BALANCE_DB, BALANCE_DB, " dB")),
    ("spectrum", "every octave inside the genre's range", MOST, _range),
    ("spectrum", "every octave within 5 dB of the genre's curve", None, _strict),
    ("spectrum", "the same, levelled at 1 kHz", None, _against_1k),
    ("spectrum", "slope 100 Hz to 4 kHz -6 to -3.5 dB/octave", None, lambda j: _between(j.slope, *SLOPE, " dB")),
    ("faults", "no clipped sample", ALL, lambda j: (j.clipped == 0, "0", str(j.clipped))),
    ("faults", "no click", ALL, lambda j: (not j.clicks, "none", ", ".join(f"{at:g} s" for at in j.clicks[:8]))),
    ("faults", "silence over 1 s only where written", ALL,
     lambda j: (not j.holes, "none", ", ".join(f"{a:.1f}–{b:.1f} s" for a, b in j.holes))),
    ("faults", "at most 0.5 s before and 3 s after the music", None,
     lambda j: (j.edges_s[0] <= LEAD_S and j.edges_s[1] <= TAIL_S, "", f"{j.edges_s[0]:.2f} s, {j.edges_s[1]:.2f} s")),
    ("files", "stems sum to the mix within -90 dB", ALL,
     lambda j: _between(j.residual_db, -200.0, RESIDUAL_DB, " dB")),
    ("files", "every stem sounds where its part plays", ALL, _heard),
    ("files", "no stem is empty", ALL, lambda j: (not j.empty, "", ", ".join(j.empty))),
    ("files", "the FLAC has the samples of the WAV", ALL, lambda j: (j.flac_is_wav, "", "other samples")),
    ("files", "every check of the report holds", ALL, lambda j: (not j.failed_checks, "", ", ".join(j.failed_checks))),
)  # fmt: skip


# --- figures -----------------------------------------------------------------------------------------


def _figures(tally: Tally, songs: Sequence[Judged]) -> None:
    for hertz in JUDGED_OCTAVES:
        found = np.array([by_shape(judged.octaves)[hertz] for judged in songs])
        if found.size:
            low, high = int((found < -STRICT_DB).sum()), int((found > STRICT_DB).sum())
            shown = f"{found.mean():+.1f} ± {found.std():.1f} dB; {low} songs under -5, {high} over +5"
            tally.figure("octaves over the genre's curve", f"{hertz:g} Hz", shown)
    for name, values, unit in (
        ("loudness by libebur128", [j.lufs["libebur128"] for j in songs], "LUFS"),
        ("true peak of the WAV, long filter", [j.peaks["master.wav"]["long filter"] for j in songs], "dBTP"),
        ("peak over loudness", [j.plr_db for j in songs], "dB"),
        ("slope from 100 Hz to 4 kHz", [j.slope for j in songs], "dB per octave"),
        ("correlation", [j.correlation for j in songs], ""),
        ("side under 120 Hz", [j.low_side_db for j in songs], "dB"),
        ("lost in mono", [j.mono_loss_lu for j in songs], "LU"),
        ("stems without the mix", [j.residual_db for j in songs], "dB"),
        ("kick over bass, 40 to 120 Hz, after a kick", [j.kick_over_bass_db for j in songs], "dB"),
        ("chorus over verse", [kind_loudness(j.sections, CHORUS) - _verse(j) for j in songs], "LU"),
    ):
        numbers = np.array([value for value in values if np.isfinite(value)])
        if numbers.size:
            shown = f"{numbers.mean():.2f} ({numbers.min():.2f} to {numbers.max():.2f}) {unit}".strip()
            tally.figure("figures", name, shown)


def show_songs(console: Console, songs: Sequence[Judged]) -> None:
    """A row for each song."""
    table = Table("genre", "seed", "LUFS", "dBTP", "mp3", "opus", "crest", "slope", "corr", "side", "octaves outside",
                  "other misses", title="Songs", title_justify="left")  # fmt: skip
    for judged in songs:
        if judged.error:
            table.add_row(judged.song.genre, str(judged.song.seed), *[""] * 9, judged.error)
            continue
        lossy = [f"{max(judged.peaks[name].values()):.2f}" if name in judged.peaks else "" for name in LOSSY]
        octaves = " ".join(f"{hertz:g}:{miss:+.0f}" for hertz, miss in judged.outside.items())
        others = [name for _, name, least, judge in _JUDGES if least == ALL and not judge(judged)[0]]
        table.add_row(
            judged.song.genre, str(judged.song.seed), f"{judged.lufs['libebur128']:.2f}",
            f"{judged.peaks['master.wav']['long filter']:.2f}", *lossy, f"{judged.plr_db:.1f}", f"{judged.slope:.1f}",
            f"{judged.correlation:.2f}", f"{judged.low_side_db:.0f}", octaves, "; ".join(others),
        )  # fmt: skip
    console.print(table)
