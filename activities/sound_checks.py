"""Whether a master sounds like a record of its genre, as far as figures can tell."""

from collections.abc import Iterator
from typing import Any

from activities.job import StepJob
from audio.genre_bands import octaves_outside, plr_range
from audio.measure import Measurement

MONO_LOSS_LIMIT_DB = 2.0
MONO_BAND_LIMIT_DB = 6.0
LOW_SIDE_LIMIT_DB = -15.0
CREST_TOLERANCE_DB = 0.2

Check = dict[str, Any]


def check(name: str, asked: Any, found: Any, ok: bool) -> Check:
    """One line of the report: what was asked, what was found, and whether it holds."""
    return {"name": name, "asked": asked, "measured": found, "ok": bool(ok)}


def sound_checks(job: StepJob, figures: Measurement, unchecked: list[str]) -> Iterator[Check]:
    """Clicks, crest, spectrum, mono and low end; what cannot be judged goes to `unchecked`."""
    genre = job.read("musical.genre")
    clicks = f"at {', '.join(f'{at:g} s' for at in figures.click_times_s)}" if figures.clicks else 0
    yield check("clicks", "none", clicks, figures.clicks == 0)
    least = plr_range(genre).low
    crest = round(figures.plr_db, 1)
    yield check("crest", f"at least {least:g} dB of peak over loudness", crest, crest >= least - CREST_TOLERANCE_DB)
    yield from _spectrum(job, figures, unchecked)
    lost, most = round(figures.mono_loss_db, 2), round(figures.mono_band_loss_db, 1)
    kept = lost <= MONO_LOSS_LIMIT_DB and most < MONO_BAND_LIMIT_DB
    asked = f"at most {MONO_LOSS_LIMIT_DB:g} dB lost in mono, under {MONO_BAND_LIMIT_DB:g} dB in any octave"
    yield check("mono", asked, f"{lost:g} dB, {most:g} dB at most", kept)
    side = round(figures.low_side_db, 1)
    yield check("low_end", f"side at most {LOW_SIDE_LIMIT_DB:g} dB under 120 Hz", side, side <= LOW_SIDE_LIMIT_DB)


def _spectrum(job: StepJob, figures: Measurement, unchecked: list[str]) -> Iterator[Check]:
    if any(isinstance(reference, dict) for reference in job.read("creative.references", [])):
        unchecked.append("spectrum: the master follows the uploaded song, not the genre's usual spectrum")
        return
    genre = job.read("musical.genre")
    outside = octaves_outside(figures.octave_bands_db, genre)
    found = ", ".join(f"{db:+.1f} dB at {hertz:g} Hz" for hertz, db in outside.items()) or "inside"
    yield check("spectrum", f"each octave within the range of {genre[0] if genre else 'pop'}", found, not outside)
