"""Answers about what a song sounds and looks like, typed. New fields of a newer server pass."""

from sostenuto.answers import _Answer


class Sketch(_Answer):
    """What was heard of a song as it is written: `size` in bytes of FLAC, 32 kHz, and of which arrangement it is.

    `state` is current, or earlier: of the arrangement before the one that the song waits for. `part` is whole, or
    opening where the rest came while it was played; it ends after its opening where that arrangement was given up.
    """

    size: int
    state: str = ""
    part: str = ""
    revision: int | None = None
    take: int | None = None


class Peaks(_Answer):
    """Lowest and highest sample over time, as waveform-data.js, peaks.js and wavesurfer.js read them.

    `data` has for each of `length` columns minimum and maximum of every channel in turn, whole numbers of `bits` bits;
    a column is `samples_per_pixel` samples at `sample_rate` Hz.
    """

    version: int = 2
    channels: int
    sample_rate: int
    samples_per_pixel: int
    bits: int
    length: int
    data: tuple[int, ...]


class LoudnessCurve(_Answer):
    """How loud a sound is (BS.1770-5, EBU Tech 3341), over time and as a whole.

    `momentary` (400 ms) and `short_term` (3 s) hold for each step of `step_s` seconds the highest LUFS of the windows
    whose middle lies in it, None where there is none, as at both ends.
    """

    duration_s: float
    step_s: float
    integrated_lufs: float
    loudness_range_lu: float
    max_momentary_lufs: float
    max_short_term_lufs: float
    true_peak_dbtp: float
    momentary: tuple[float | None, ...]
    short_term: tuple[float | None, ...]


class TimedNotes(_Answer):
    """Notes of the score that begin (`on`) and end (`off`) at `tstamp` ms, by the ids of the pages' elements.

    `qstamp` is the same in quarter notes, `tempo` in quarter notes a minute where it changes.
    """

    tstamp: float
    qstamp: float | None = None
    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    tempo: float | None = None


class Timemap(_Answer):
    """Which notes of the score sound when, and on how many pages it is."""

    pages: int
    events: tuple[TimedNotes, ...] = ()
