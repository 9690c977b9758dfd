import numpy as np
import pytest

from domain.score import Performance, Role, Score
from music.genres import genre
from music.performance import perform, swung
from music.statistics import drum_statistics
from tests.music.songs import song


def played(score: Score, genres: list[str], **changes: object) -> Performance:
    options = {"genre": genres, "style": [], "swing": None, "humanize": 1.0, "seed": 3, **changes}
    return perform(score, **options)  # type: ignore[arg-type]


def test_a_section_is_played_alike_whatever_stands_before_it() -> None:
    made = song("rock song, 120 bpm, two minutes")
    score = made.score
    first, second = score.sections[:2]
    bar = score.time_signature.beats_per_bar
    cut = first.bars * bar
    shorter = score.model_copy(
        update={
            "sections": tuple(
                s.model_copy(update={"start_bar": s.start_bar - first.bars}) for s in score.sections[1:]
            ),
            "chords": tuple(
                c.model_copy(update={"start": c.start - cut}) for c in score.chords if c.start >= cut - 1e-6
            ),
            "parts": tuple(
                p.model_copy(
                    update={"notes": tuple(
                        n.model_copy(update={"start": n.start - cut}) for n in p.notes if n.start >= cut - 1e-6
                    )}
                )
                for p in score.parts
            ),
            "tempo": score.tempo[:1],
        }
    )  # fmt: skip
    long, short = (played(s.model_copy(update={"tempo": score.tempo[:1]}), ["rock"]) for s in (score, shorter))
    lasts = second.bars * bar * 60 / score.tempo[0].bpm
    offset = cut * 60 / score.tempo[0].bpm
    for before, after in zip(long.parts, short.parts, strict=True):
        inside = [n for n in before.notes if offset + 0.1 <= n.start < offset + lasts - 0.1]
        again = [n for n in after.notes if 0.1 <= n.start < lasts - 0.1]
        assert [(n.pitch, n.velocity) for n in inside] == [(n.pitch, n.velocity) for n in again]
        assert np.allclose([n.start - offset for n in inside], [n.start for n in again], atol=2e-6, rtol=0)


@pytest.mark.parametrize("prompt", ["soul song in 4/4, 92 bpm", "rock song, 120 bpm", "funk, 104 bpm"])
def test_drummers_err_as_people_do(prompt: str) -> None:
    made = song(f"{prompt}, two minutes")
    drums = next(p for p in made.score.parts if p.role is Role.DRUMS)
    figures = drum_statistics(made.score, drums, next(p for p in made.performance.parts if p.id == drums.id))
    assert 13 <= figures["timing_ms"] <= 29
    assert 0.1 <= figures["lag_1"] <= 0.45
    assert 85 <= figures["backbeat_velocity"] <= 110


def test_machines_do_not_err() -> None:
    made = song("chiptune, 140 bpm, one minute")
    score = made.score.model_copy(update={"tempo": made.score.tempo[:1]})
    beat = 60 / score.tempo[0].bpm
    for part in played(score, ["chiptune"], humanize=0.0).parts:
        assert all(abs(n.start / (beat / 12) - round(n.start / (beat / 12))) < 1e-3 for n in part.notes)


def test_swing_lengthens_the_first_of_two() -> None:
    beats = np.array([0.0, 0.5, 1.0, 1.5])
    assert swung(beats, 2 / 3, 0.5).tolist() == pytest.approx([0, 2 / 3, 1, 5 / 3])
    assert swung(beats, 0.5, 0.5).tolist() == pytest.approx(beats.tolist())


def test_nothing_starts_before_the_song_or_ends_after_it() -> None:
    for prompt in ("swing, 200 bpm, 40 seconds", "lo-fi, 40 seconds", "metal in 7/8, 40 seconds"):
        made = song(prompt).performance
        for part in made.parts:
            assert all(0 <= n.start < n.end <= made.duration_s for n in part.notes)
            last: dict[int, float] = {}
            for note in part.notes:
                assert note.start >= last.get(note.pitch, 0.0) - 1e-6
                last[note.pitch] = note.end


def test_a_style_leans_behind_or_ahead() -> None:
    made = song("soul song, 92 bpm, two minutes")
    keys = next(p for p in made.score.parts if p.role is Role.KEYS)

    def late(name: str) -> float:
        part = next(p for p in played(made.score, [name]).parts if p.id == keys.id)
        return float(np.mean([n.start for n in part.notes])) - float(
            np.mean([made.score.seconds(n.start) for n in keys.notes])
        )

    assert genre("rnb").lean_ms > 0 > genre("punk").lean_ms
    assert late("rnb") > late("punk")
