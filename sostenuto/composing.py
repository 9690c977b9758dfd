"""`compose`: a song on paper and as MIDI, in this process, without a server and without sound."""

import gc
import hashlib
import json
import secrets
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from domain.errors import ResourceUnavailable
from domain.settings import SongSettings
from music.chordchart import chart_document
from music.composing import Composition, compose
from music.feel import feel_of
from music.outputs import written_files
from music.scorelayout import section_label
from sostenuto.output import Output
from sostenuto.release import BRIEF, check_target, put_in_place, slug
from sostenuto.version import VERSION
from sostenuto.wishes import Wishes

_SEED_BITS = 31
_REASONS_SHOWN = 4
_ASKED = ("person", "prompt", "instrument")


@dataclass(frozen=True)
class Paper:
    """A written song: its folder, its files by name, what it is and why."""

    folder: Path
    files: tuple[str, ...]
    song: Composition
    seed: int


def compose_song(output: Output, wishes: Wishes, folder: Path | None) -> int:
    """Compose a song, write its files to `folder` (default songs/TITLE-sSEED), say what it became; 0 when done.

    Raises `InvalidInput` for what cannot be composed, `Conflict` and `ResourceUnavailable` as `check_target`.
    """
    began = time.monotonic()
    if folder is not None:
        check_target(folder)
    # A song is a hundred thousand small objects that all stay until the end: looking for garbage costs a tenth.
    gc.disable()
    try:
        paper = write_paper(wishes, folder)
    finally:
        gc.enable()
    document = _document(paper) | {"elapsed_s": round(time.monotonic() - began, 3), "exit_code": 0}
    output.result(document, *_lines(paper))
    return 0


def composed(wishes: Wishes) -> tuple[Composition, int]:
    """The song that the studio would compose for the same wishes, and its seed. Raises `InvalidInput`."""
    settings = SongSettings.model_validate(wishes.settings)
    seed = secrets.randbits(_SEED_BITS) if settings.seed is None else settings.seed
    song = compose(
        wishes.prompt,
        seed=seed,
        wishes=wishes.context,
        enhance=settings.enhancement.enabled,
        level=settings.enhancement.level,
        candidates=settings.candidates,
    )
    return song, seed


def write_paper(wishes: Wishes, folder: Path | None) -> Paper:
    """Compose and write; the folder appears complete or stays as it was."""
    song, seed = composed(wishes)
    score = song.score.model_copy(update={"title": wishes.title}) if wishes.title else song.score
    read = song.context.get
    feel = feel_of(read("musical.genre"), score.tempo[0].bpm, read("musical.rhythm_pattern.swing"))
    files = written_files(score, song.performance, lyrics=read("creative.lyrics"), feel=feel)
    listed = [{"path": n, "bytes": len(c), "sha256": hashlib.sha256(c).hexdigest()} for n, c in files.items()]
    brief = {
        "title": score.title,
        "prompt": wishes.prompt,
        "seed": seed,
        "enhanced_prompt": song.understanding.enhanced_prompt,
        "confidence": song.understanding.confidence,
        "contradictions": song.understanding.contradictions,
        "reasoning": [step.model_dump(mode="json") for step in song.understanding.reasoning],
        "context": song.context.model_dump(mode="json"),
        "chords": chart_document(score, feel=feel),
        "files": listed,
        "version": VERSION,
    }
    files[BRIEF] = (json.dumps(brief, ensure_ascii=False, indent=1) + "\n").encode()
    target = folder or Path("songs") / f"{slug(score.title)}-s{seed}"
    check_target(target)
    _write(files, target.absolute())
    return Paper(target.absolute(), tuple(files), replace(song, score=score), seed)


def _write(files: dict[str, bytes], folder: Path) -> None:
    staging = folder.parent / f".{folder.name}.{secrets.token_hex(4)}.partial"
    try:
        staging.mkdir(parents=True)
        for name, content in files.items():
            (staging / name).write_bytes(content)
        put_in_place(staging, folder)
    except OSError as error:
        raise ResourceUnavailable(f"{folder} cannot be written: {error.strerror or error}") from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _document(paper: Paper) -> dict[str, Any]:
    song, score = paper.song, paper.song.score
    return {
        "ok": True,
        "title": score.title,
        "seed": paper.seed,
        "key": score.key,
        "scale": score.scale,
        "tempo": round(score.tempo[0].bpm / score.time_signature.counted_beat, 3),
        "time_signature": f"{score.time_signature.numerator}/{score.time_signature.denominator}",
        "duration_s": song.performance.music_end_s,
        "bars": score.bars,
        "sections": [{"name": s.name, "bars": s.bars} for s in score.sections],
        "parts": [{"id": p.id, "name": p.name, "notes": len(p.notes)} for p in score.parts],
        "confidence": song.understanding.confidence,
        "contradictions": song.understanding.contradictions,
        "out": str(paper.folder),
        "files": list(paper.files),
    }


def _lines(paper: Paper) -> tuple[str, ...]:
    song, score = paper.song, paper.song.score
    metre = f"{score.time_signature.numerator}/{score.time_signature.denominator}"
    facts = (
        f"{song.performance.music_end_s:.1f} s",
        f"{round(score.tempo[0].bpm / score.time_signature.counted_beat, 3):g} bpm",
        f"{score.key} {score.scale.replace('_', ' ')}",
        metre,
        f"{score.bars} bars",
        f"seed {paper.seed}",
    )
    # What was asked for comes before what its genre brings along.
    reasons = sorted(song.understanding.reasoning, key=lambda step: step.source not in _ASKED)
    return (
        f"{score.title}: {', '.join(facts)}",
        f"  form  {', '.join(f'{section_label(s.name)} {s.bars}' for s in score.sections)}",
        f"  band  {', '.join(part.name for part in score.parts)}",
        *(f"  why   {step.field.rpartition('.')[2]}: {step.text}" for step in reasons[:_REASONS_SHOWN]),
        *(f"  note  {contradiction}" for contradiction in song.understanding.contradictions),
        str(paper.folder),
    )
