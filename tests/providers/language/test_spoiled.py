"""Whatever a model answers: it is used, or refused as an invalid value; nothing else comes of it."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from domain.errors import InvalidValue
from domain.score import SectionKind
from domain.seeds import derive
from providers.language import bass, brief, edits, lyrics, rhythm, structure, theory, tune
from tests.music import material
from tests.music.songs import song
from tests.providers.language import answers, test_bass, test_edits, test_lyrics, test_rhythm, test_structure, test_tune

K = SectionKind
HARMONY = material.harmony(progression={"verse": test_tune.CHORDS * 2, "chorus": test_tune.CHORDS * 2})
DRUMS = material.rhythm()
TUNE, BASS = material.melody(HARMONY), material.bass(HARMONY, DRUMS)
SCORE = song("pop song in C major, verse 8 bars chorus 8 bars, with piano", 2, 1).score
METRE = "4/4"
JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 3, 10**9, 10**400, 0.5, -2.5, 1e300, "", " ", "x", "chorus", "D minor", "∅" * 500, [], [[]],
    ["Fm"], {}, {"op": "mute"}, float("nan"),
)  # fmt: skip

TASKS: dict[str, tuple[dict[str, Any], Callable[[dict[str, Any]], object]]] = {
    "brief": (answers.brief(), lambda d: brief.read(d, "a ferry song at 101 bpm with cello", seed=1)),
    "lyrics": (test_lyrics.document(), lambda d: lyrics.read(d, test_lyrics.ASKED)),
    "theory": (answers.chords(), lambda d: theory.read(d, key="F", scale="minor")),
    "tune": (test_tune.document(), lambda d: tune.read(d, HARMONY, TUNE, time_signature=METRE, kinds=test_tune.BOTH)),
    "bass": (
        answers.lines(answers.line("verse", test_bass.VERSE)),
        lambda d: bass.read(d, HARMONY, BASS, time_signature=METRE, kinds=[K.VERSE]),
    ),
    "rhythm": (test_rhythm.document(), rhythm.read),
    "structure": (
        test_structure.document(),
        lambda d: structure.read(d, **test_structure.WISHES, duration=test_structure.LASTS),
    ),
    "edits": (
        test_edits.document(test_edits.CHORD, test_edits.HIGHER, test_edits.THIN),
        lambda d: edits.read(d, SCORE),
    ),
}


def places(value: Any, where: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield where
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from places(part, (*where, key))


def spoiled(document: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    out = copy.deepcopy(document)
    found = [place for place in places(out) if place]
    place = found[int(rng.integers(len(found)))]
    holder = out
    for key in place[:-1]:
        holder = holder[key]
    if isinstance(holder, dict) and rng.random() < 0.2:
        del holder[place[-1]]
    elif isinstance(holder, list) and rng.random() < 0.3:
        holder.extend(copy.deepcopy(holder))
    else:
        holder[place[-1]] = JUNK[int(rng.integers(len(JUNK)))]
    return out


@pytest.mark.parametrize("task", TASKS)
def test_an_answer_is_used_or_refused(task):
    good, read = TASKS[task]
    assert read(copy.deepcopy(good)) is not None
    refused: list[str] = []
    rounds = 60 if task == "brief" else 150
    for number in range(rounds):
        document = spoiled(good, np.random.default_rng(derive(11, task, number)))
        try:
            assert read(document) is not None
        except InvalidValue as error:
            refused.append(error.message)
    assert len(refused) > rounds / 4
    assert all(8 < len(message) < 4000 for message in refused)
