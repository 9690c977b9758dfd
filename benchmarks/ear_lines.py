"""The claims of the ears: is what was asked heard in the sound?"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from benchmarks.adherence import (
    Key,
    exact_chord_match,
    perfect_chord_match,
    read_key,
    related_key,
    same_key,
    same_tempo_bin,
    triad,
    within,
    within_octaves,
    without_repeats,
)
from benchmarks.excerpts import Clip
from benchmarks.tally import Case, Tally
from music.theory import is_chord

Heard = Mapping[str, Any]
PAIR = tuple[Clip, Heard]

TEMPO_TARGET, KEY_TARGET, PCM_TARGET, ECM_TARGET, METRE_TARGET = 0.99, 0.95, 0.90, 0.95, 0.98
MADMOM: Final = "madmom"
ESSENTIA_KEYS: Final = ("bgate", "edma", "krumhansl")
COMPOUND: Final = ("6/8", "9/8", "12/8")
BEATS: Final = {"3/4": 3, "4/4": 4}


def claim_heard(tally: Tally, pairs: Sequence[PAIR]) -> None:
    """All claims about clips that were heard."""
    failed = [_case(clip, "error" not in heard, found=str(heard.get("error", ""))) for clip, heard in pairs]
    tally.share("Ears", "clips heard without an error", failed, 1.0)
    good = [(clip, heard) for clip, heard in pairs if "error" not in heard]
    songs = [(clip, heard) for clip, heard in good if not clip.chords]
    _claim_tempo(tally, [(clip, heard) for clip, heard in songs if clip.asked.tempo is not None])
    _claim_key(tally, [(clip, heard) for clip, heard in songs if clip.asked.key is not None])
    _claim_metre(tally, [(clip, heard) for clip, heard in songs if clip.metre in BEATS and clip.drums])
    _claim_chords(tally, [(clip, heard) for clip, heard in good if clip.chords])


def _case(clip: Clip, ok: bool, asked: str = "", found: str = "") -> Case:
    return Case(ok, clip.asked.prompt, clip.seed, asked, found)


# --- tempo -------------------------------------------------------------------------------------------


def heard_tempos(clip: Clip, heard: Heard) -> dict[str, float]:
    """Beats a minute by each ear; in compound metres an ear that counts quarters is turned into dotted ones.

    Which of the two it counted is decided by what is nearer to the asked tempo.
    """
    asked = clip.asked.tempo or 0.0
    scales = (1.0, 2 / 3) if clip.metre in COMPOUND else (1.0,)
    return {
        ear: min((bpm * s for s in scales), key=lambda value: abs(value - asked)) for ear, bpm in heard["tempo"].items()
    }


def _claim_tempo(tally: Tally, pairs: Sequence[PAIR]) -> None:
    rows = [(clip, clip.asked.tempo or 0.0, heard_tempos(clip, heard)) for clip, heard in pairs]
    shown = [(f"{asked:g}", ", ".join(f"{ear} {bpm:.0f}" for ear, bpm in found.items())) for _, asked, found in rows]

    def cases(hits: Sequence[bool]) -> list[Case]:
        return [_case(row[0], ok, *texts) for row, ok, texts in zip(rows, hits, shown, strict=True)]

    either = [any(same_tempo_bin(asked, bpm) for bpm in found.values()) for _, asked, found in rows]
    tally.share("Tempo", "TB: same bin, by at least one of two ears", cases(either), TEMPO_TARGET)
    for ear in ("madmom", "essentia"):
        one = [(asked, found[ear]) for _, asked, found in rows]
        tally.share("Tempo", f"  TB by {ear}", cases([same_tempo_bin(a, b) for a, b in one]))
        tally.share("Tempo", f"  TBT by {ear}", cases([same_tempo_bin(a, b, 1) for a, b in one]))
        tally.share("Tempo", f"  within 4 % by {ear}", cases([within(a, b) for a, b in one]))
        tally.share("Tempo", f"  within 4 %, any octave, by {ear}", cases([within_octaves(a, b) for a, b in one]))


# --- key ---------------------------------------------------------------------------------------------


def heard_keys(heard: Heard) -> dict[str, Key]:
    """Key by each ear."""
    found = {}
    for ear, text in heard["key"].items():
        tonic, mode = text.split()
        found[ear] = read_key(tonic, mode)
    return found


def _claim_key(tally: Tally, pairs: Sequence[PAIR]) -> None:
    rows = []
    for clip, heard in pairs:
        scale = clip.asked.scale
        asked = read_key(clip.asked.key or "C", scale or "major")
        rows.append((clip, asked, heard_keys(heard), scale is None))
    shown = [
        (
            f"{clip.asked.key} {clip.asked.scale or ''}".strip(),
            ", ".join(sorted({str(t) for t in heard["key"].values()})),
        )
        for clip, heard in pairs
    ]

    def cases(hits: Sequence[bool]) -> list[Case]:
        return [_case(row[0], ok, *texts) for row, ok, texts in zip(rows, hits, shown, strict=True)]

    def ck(asked: Key, found: Key, any_mode: bool) -> bool:
        return asked[0] == found[0] if any_mode else same_key(asked, found)

    either = [any(ck(a, k, m) for k in found.values()) for _, a, found, m in rows]
    tally.share("Key", "CK: tonic and mode, by essentia or madmom", cases(either), KEY_TARGET)
    for ear in (MADMOM, *ESSENTIA_KEYS):
        name = ear if ear == MADMOM else f"essentia {ear}"
        tally.share("Key", f"  CK by {name}", cases([ck(a, found[ear], m) for _, a, found, m in rows]))
        tally.share("Key", f"  CKD by {name}", cases([related_key(a, found[ear]) for _, a, found, _ in rows]))


# --- metre and chords --------------------------------------------------------------------------------


def _claim_metre(tally: Tally, pairs: Sequence[PAIR]) -> None:
    for metre in (None, *BEATS):
        chosen = [(clip, heard) for clip, heard in pairs if metre in (None, clip.metre)]
        cases = [
            _case(clip, heard["beats_per_bar"] == BEATS[clip.metre], clip.metre, f"{heard['beats_per_bar']} beats")
            for clip, heard in chosen
        ]
        name = "3/4 and 4/4 with drums, by madmom" if metre is None else f"  {metre}"
        tally.share("Metre", name, cases, METRE_TARGET if metre is None else None)


def _claim_chords(tally: Tally, pairs: Sequence[PAIR]) -> None:
    perfect, exact, means = [], [], []
    for clip, heard in pairs:
        asked = without_repeats([triad(symbol) for symbol in clip.chords])
        labels = [label for _, label in heard["chords"] if is_chord(label)]
        found = without_repeats([triad(label) for label in labels])
        texts = (" ".join(clip.chords), " ".join(labels))
        perfect.append(_case(clip, perfect_chord_match(asked, found), *texts))
        exact.append(exact_chord_match(asked, found))
        means.append(_case(clip, exact[-1] >= ECM_TARGET, *texts))
    tally.share("Chords on clips of 10 s", "PCM: the whole list, in order, by Chordino", perfect, PCM_TARGET)
    if exact:
        value = sum(exact) / len(exact)
        target = f"≥ {100 * ECM_TARGET:g} %"
        tally.claim(
            "Chords on clips of 10 s",
            "ECM: mean share of the list",
            target,
            f"{100 * value:.1f} %",
            value >= ECM_TARGET,
        )
