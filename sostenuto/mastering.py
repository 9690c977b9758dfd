"""`master`: sound from elsewhere, mixed and mastered in this process, without a server."""

import hashlib
import json
import secrets
import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from audio.files import encode_flac, encode_wav
from audio.guarded import LOCAL
from audio.intake import Intake, Purpose, take_in
from audio.judging import Asked, Choice, Judged, choose, judge, listen, pitch_classes
from audio.lossy import mp3_under
from audio.loudness import loudness_reference
from audio.master_preferences import DEFAULT_LUFS, Preset, read_preferences
from audio.mastering import Master, master
from audio.mixing import Decision, Mix, mix, plan_mix
from audio.rate import RATE, Array
from audio.stems import StemSet, stem_set, whole_song
from audio.tonal_balance import profile
from domain.errors import InvalidInput, InvalidValue, ResourceUnavailable, VerificationFailed
from sostenuto.output import Output
from sostenuto.release import REPORT, check_target, put_in_place
from sostenuto.version import VERSION
from sostenuto.wishes import checked_context

SUFFIXES = frozenset({".wav", ".wave", ".aif", ".aiff", ".flac", ".mp3", ".ogg", ".oga", ".opus"})
LOUDNESS_TOLERANCE_LU = 0.1
_BIT_DEPTH = 24


@dataclass(frozen=True)
class MasterWishes:
    """What the options of `sostenuto master` ask for; `take` counts from 1."""

    files: tuple[Path, ...] = ()
    stems: Path | None = None
    reference: Path | None = None
    lufs: float | None = None
    ceiling: float | None = None
    preset: str | None = None
    genre: str | None = None
    asked: Asked = field(default_factory=Asked)
    take: int | None = None

    def goal(self) -> Preset:
        """Loudness and ceiling: the person's own numbers, else the preset's, else Spotify's. Raises InvalidValue."""
        wished = {"preset": self.preset, "ceiling": self.ceiling}
        preset = read_preferences({name: value for name, value in wished.items() if value is not None}).goal(
            DEFAULT_LUFS
        )
        return preset if self.lufs is None else preset._replace(target_lufs=self.lufs)


def asked_of(*, tempo: float | None, key: str | None, seconds: float | None) -> Asked:
    """What was asked of the takes, checked as wishes for a song are. Raises InvalidValue."""
    checked_context((), tempo=tempo)
    if seconds is not None and not 1.0 <= seconds <= LOCAL.seconds:
        raise InvalidValue(f"--seconds {seconds:g} cannot be: a take lasts 1 to {LOCAL.seconds:g} s")
    if key is not None:
        pitch_classes(key)
    return Asked(tempo_bpm=tempo, key=key, seconds=seconds)


@dataclass(frozen=True)
class _Source:
    """What is to be mixed, and which take it is."""

    set: StemSet
    sources: tuple[Intake, ...]
    choice: Choice | None = None


def master_files(output: Output, wishes: MasterWishes, folder: Path) -> int:
    """Master takes or stems into `folder`; 0 when the master holds its checks.

    Raises InvalidAudio and InvalidInput for what cannot be used, Conflict and ResourceUnavailable as
    `check_target`, VerificationFailed when the master misses a check (its files are written all the same).
    """
    began = time.monotonic()
    if bool(wishes.files) == (wishes.stems is not None):
        raise InvalidInput("give one or more files, which are takes of one song, or --stems DIR, not both")
    wishes.goal()
    check_target(folder)
    output.say("listening")
    source = _stems(wishes) if wishes.stems is not None else _takes(wishes)
    reference = _reference(wishes)
    output.say("mixing")
    mixed = _mixed(source.set, wishes)
    output.say("mastering")
    mastered = _mastered(mixed.mix, wishes, reference)
    output.say("writing")
    files, peak = _encoded(mastered, mixed, wishes.goal(), whole=source.choice is not None)
    report = _report(wishes, source, reference, mixed, mastered, peak)
    report["files"] = [{"path": n, "bytes": len(c), "sha256": hashlib.sha256(c).hexdigest()} for n, c in files.items()]
    files[REPORT] = (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode()
    _write(files, folder.absolute())
    return _tell(output, report, source, folder.absolute(), tuple(files), time.monotonic() - began)


def _takes(wishes: MasterWishes) -> _Source:
    taken = tuple(take_in(file, name=file.name, purpose=Purpose.TAKE, limits=LOCAL) for file in wishes.files)
    judged = [judge(take.name, listen(take), wishes.asked) for take in taken]
    choice = choose(judged, preferred=wishes.take)
    best, heard = taken[choice.best], judged[choice.best].heard
    return _Source(whole_song(best, tempo_bpm=wishes.asked.tempo_bpm or heard.tempo_bpm or 120.0), taken, choice)


def _stems(wishes: MasterWishes) -> _Source:
    assert wishes.stems is not None
    if wishes.take is not None:
        raise InvalidInput("--take chooses among files: stems are one take")
    if not wishes.stems.is_dir():
        raise InvalidInput(f"{wishes.stems} is no folder: give the folder of the stems")
    files = sorted(file for file in wishes.stems.iterdir() if file.suffix.lower() in SUFFIXES)
    if not files:
        raise InvalidInput(f"{wishes.stems} holds no sound files: {', '.join(sorted(SUFFIXES))} are read")
    taken = tuple(take_in(file, name=file.name, purpose=Purpose.STEM, limits=LOCAL) for file in files)
    return _Source(stem_set(taken, tempo_bpm=wishes.asked.tempo_bpm or 120.0), taken)


def _reference(wishes: MasterWishes) -> Intake | None:
    if wishes.reference is None:
        return None
    return take_in(wishes.reference, name=wishes.reference.name, purpose=Purpose.REFERENCE, limits=LOCAL)


def _genre(wishes: MasterWishes) -> tuple[str, ...]:
    return (wishes.genre,) if wishes.genre else ()


def _mixed(source: StemSet, wishes: MasterWishes) -> Mix:
    plan = plan_mix(source.parts, genre=_genre(wishes), channels=2, preferences={})
    return mix(source.stems, source.parts, plan, seed=0)


def _mastered(x: Array, wishes: MasterWishes, reference: Intake | None) -> Master:
    goal = wishes.goal()
    return master(
        x,
        target_lufs=goal.target_lufs,
        ceiling_dbtp=goal.ceiling_dbtp,
        genre=_genre(wishes),
        rate=RATE,
        bit_depth=_BIT_DEPTH,
        seed=0,
        reference=profile(reference.audio, RATE) if reference else None,
    )


def _encoded(mastered: Master, mixed: Mix, goal: Preset, *, whole: bool) -> tuple[dict[str, bytes], float]:
    """The files by name, and the true peak of the decoded MP3; the slowest, MP3, runs beside the others."""
    jobs: dict[str, Callable[[], bytes]] = {
        "master.wav": lambda: encode_wav(mastered.audio, mastered.rate, bit_depth=_BIT_DEPTH),
        "master.flac": lambda: encode_flac(mastered.audio, mastered.rate, bit_depth=_BIT_DEPTH),
        "mix.wav": lambda: encode_wav(mixed.mix, RATE),
    }
    stems = {} if whole else mixed.stems
    for number, (name, stem) in enumerate(stems.items(), 1):
        jobs[f"stems/{number:02d}_{name}.wav"] = lambda stem=stem: encode_wav(stem, RATE)  # type: ignore[misc]
    with ThreadPoolExecutor(2) as pool:
        mp3 = pool.submit(mp3_under, _floats(mastered), mastered.rate, goal.ceiling_dbtp)
        others = {name: pool.submit(job) for name, job in jobs.items()}
        lossy = mp3.result()
        files = {name: future.result() for name, future in others.items()}
    return {"master.wav": files.pop("master.wav"), "master.mp3": lossy.data} | files, lossy.true_peak_dbtp


def _floats(mastered: Master) -> Array:
    return np.asarray(mastered.audio * 2.0 ** (1 - mastered.bit_depth), np.float32)


def _report(
    wishes: MasterWishes, source: _Source, reference: Intake | None, mixed: Mix, mastered: Master, mp3_peak: float
) -> dict[str, Any]:
    goal = wishes.goal()
    lufs = loudness_reference(_floats(mastered), mastered.rate)
    figures = mastered.measured
    peak, clipped = figures.true_peak_dbtp, figures.clipped_samples
    checks = [
        _check(
            "loudness",
            f"{goal.target_lufs:g} LUFS",
            round(lufs, 2),
            abs(lufs - goal.target_lufs) <= LOUDNESS_TOLERANCE_LU,
        ),
        _check("true_peak", f"at most {goal.ceiling_dbtp:g} dBTP", round(peak, 2), peak <= goal.ceiling_dbtp),
        _check(
            "mp3_peak", f"at most {goal.ceiling_dbtp:g} dBTP decoded", round(mp3_peak, 2), mp3_peak <= goal.ceiling_dbtp
        ),
        _check("clipping", "no clipped sample", clipped, clipped == 0),
    ]
    told = [*source.set.notes, *(reference.notes if reference else ()), *mixed.decisions, *mastered.decisions]
    return {
        "prompt": None,
        "requested": {
            "loudness_target": goal.target_lufs,
            "ceiling_dbtp": goal.ceiling_dbtp,
            "preset": wishes.preset,
            "genre": wishes.genre,
            "reference": reference.name if reference else None,
            **wishes.asked.model_dump(),
        },
        "measured": figures.model_dump(mode="json") | {"integrated_lufs": lufs},
        "checks": checks,
        "sources": [_source_document(take) for take in source.sources],
        "choice": _choice_document(source.choice) if source.choice else None,
        "parts": [{"id": p.id, "role": p.role.value} for p in source.set.parts],
        "stages": [{"name": "mixing"}, {"name": "mastering"}],
        "decisions": [_decision_document(d) for d in told],
        "versions": {"sostenuto": VERSION},
    }


def _check(name: str, asked: str, measured: float, ok: bool) -> dict[str, Any]:
    return {"name": name, "asked": asked, "measured": measured, "ok": bool(ok)}


def _decision_document(decision: Decision) -> dict[str, str]:
    return {"what": decision.what, "value": decision.value, "reason": decision.reason}


def _source_document(take: Intake) -> dict[str, Any]:
    return {
        "name": take.name,
        "format": take.format,
        "rate": take.rate,
        "channels": take.channels,
        "seconds": round(take.seconds, 3),
        "clipped_samples": take.clipped,
        "notes": [_decision_document(note) for note in take.notes],
    }


def _choice_document(choice: Choice) -> dict[str, Any]:
    return {
        "take": choice.best + 1,
        "overruled": None if choice.overruled is None else choice.overruled + 1,
        "ranking": [n + 1 for n in choice.ranking],
        "reasons": list(choice.reasons),
        "takes": [_judged_document(n, take) for n, take in enumerate(choice.takes, 1)],
    }


def _judged_document(number: int, take: Judged) -> dict[str, Any]:
    return {
        "take": number,
        "name": take.name,
        "score": take.score,
        "verdicts": [v._asdict() for v in take.verdicts],
        "heard": take.heard.model_dump(mode="json"),
    }


def _write(files: dict[str, bytes], folder: Path) -> None:
    staging = folder.parent / f".{folder.name}.{secrets.token_hex(4)}.partial"
    try:
        for name, content in files.items():
            (staging / name).parent.mkdir(parents=True, exist_ok=True)
            (staging / name).write_bytes(content)
        put_in_place(staging, folder)
    except OSError as error:
        raise ResourceUnavailable(f"{folder} cannot be written: {error.strerror or error}") from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _tell(
    output: Output, report: dict[str, Any], source: _Source, folder: Path, files: Sequence[str], seconds: float
) -> int:
    failed = [check for check in report["checks"] if not check["ok"]]
    failure = None
    if failed:
        told = "; ".join(f"{c['name']}: asked {c['asked']}, measured {c['measured']}" for c in failed)
        failure = VerificationFailed(f"the master is written but misses {len(failed)} of its checks: {told}")
    document = {key: report[key] for key in ("requested", "measured", "checks", "choice", "parts")}
    document |= {
        "ok": not failed,
        "out": str(folder),
        "files": list(files),
        "elapsed_s": round(seconds, 3),
        "exit_code": failure.exit_code if failure else 0,
    }
    output.result(document, *_lines(report, source), str(folder))
    if failure:
        raise failure
    return 0


def _lines(report: dict[str, Any], source: _Source) -> list[str]:
    lines = _table(source.choice) if source.choice else [f"  part  {p.id}: {p.role.value}" for p in source.set.parts]
    lines += [f"  note  {note.what}: {note.value} ({note.reason})" for note in source.set.notes if _is_news(note)]
    measured = report["measured"]
    lines.append(
        f"master: {measured['duration_s']:.1f} s, {measured['integrated_lufs']:.2f} LUFS, "
        f"{measured['true_peak_dbtp']:.2f} dBTP, range {measured['loudness_range_lu']:.1f} LU"
    )
    return lines


def _is_news(note: Decision) -> bool:
    """The role of a stem is in the list of parts already."""
    return not note.what.endswith(".role")


_COLUMNS = (("tempo", 16), ("key", 14), ("length", 10), ("clipping", 18), ("clicks", 9))


def _table(choice: Choice) -> list[str]:
    """The takes as a small table, best first, and why."""
    width = max(4, *(len(take.name) for take in choice.takes))
    lines = [f"  take  {'file':{width}}  score  " + "  ".join(f"{name:{size}}" for name, size in _COLUMNS).rstrip()]
    for number in choice.ranking:
        take = choice.takes[number]
        heard = take.heard
        said = {v.name: v.heard for v in take.verdicts}
        plain = {"tempo": f"{heard.tempo_bpm:.1f} bpm", "key": heard.key, "length": f"{heard.duration_s:.1f} s"}
        cells = (f"{said.get(name, plain.get(name, '')):{size}}" for name, size in _COLUMNS)
        mark = "*" if number == choice.best else " "
        lines.append(f"{mark} {number + 1:4}  {take.name:{width}}  {take.score:5.2f}  {'  '.join(cells).rstrip()}")
    return lines + [f"  why   {reason}" for reason in choice.reasons]
