"""A field that exists is used: every path of the context changes a named artifact, and nothing else is read."""

import asyncio

import pytest

from activities.job import StepJob, UndeclaredRead, canonical
from domain.context import SongContext, leaf_paths
from domain.providers import Task
from domain.providing import MadeMedia, ProviderResult
from domain.stages import Stage
from domain.steps import STEPS, StepRequest, covers
from tests.activities.local_run import LocalRun, LocalStudio, MemoryStore

# path: (another value, the artifact that changes with it)
CHANGES = {
    "musical.key": ("G", "chords"),
    "musical.scale": ("dorian", "chords"),
    "musical.tempo": (96, "midi"),
    "musical.time_signature": ("3/4", "rhythm"),
    "musical.genre": (["techno"], "brief"),
    "musical.mood.valence": (0.95, "melody"),
    "musical.mood.arousal": (0.95, "melody"),
    "musical.structure": ([{"name": "verse", "duration": 4}, {"name": "chorus", "duration": 4}], "form"),
    "musical.chord_progression": ({"all": ["Fm", "Db", "Ab", "Eb"]}, "chords"),
    "musical.instruments": (["vibraphone", "upright_bass", "lofi_kit"], "score"),
    "musical.melody.contour": ("rising", "melody"),
    "musical.melody.density": (0.95, "melody"),
    "musical.melody.range": (5, "melody"),
    "musical.melody.summary": ("mine", "report_json"),
    "musical.bass_line.style": ("walking", "bass"),
    "musical.bass_line.density": (0.05, "bass"),
    "musical.bass_line.summary": ("mine", "report_json"),
    "musical.rhythm_pattern.groove": ("bossa_nova", "rhythm"),
    "musical.rhythm_pattern.density": (0.95, "rhythm"),
    "musical.rhythm_pattern.swing": (0.9, "midi"),
    "musical.rhythm_pattern.summary": ("mine", "report_json"),
    "musical.sections": ({"chorus": {"energy": 0.05}}, "form"),
    "musical.takes": ({"chorus": 2}, "melody"),
    "musical.edits": ([{"op": "transpose", "semitones": 2}], "score"),
    "musical.transitions": ({"chorus": "riser"}, "score"),
    "musical.dynamics": ({"chorus": -0.9}, "score"),
    "technical.sample_rate": (44_100, "master"),
    "technical.bit_depth": (16, "master"),
    "technical.channels": (1, "mix"),
    "technical.format": ("opus", "master.opus"),
    "technical.duration": (60, "form"),
    "technical.loudness_target": (-18, "master"),
    "creative.inspiration": ("an energetic samba with trumpet and piano", "brief"),
    "creative.references": (["energetic drum and bass with strings"], "brief"),
    "creative.constraints": ({"no_drums": True}, "rhythm"),
    "creative.preferences": ({"mix": {"reverb": 1.0}}, "mix"),
    "creative.style_modifiers": (["bright"], "part:"),
    "creative.enhanced_prompt": ("fast punk rock in E major at 180 bpm", "brief"),
    "creative.lyrics": ("Rain on the window tonight", "musicxml"),
    "ai_decisions.prompt_enhancement": ({"note": "mine"}, "report_json"),
    "ai_decisions.generation_params": ({"candidates": 12}, "melody"),
    "ai_decisions.model_selections": ({"ideation": "mine"}, "report_json"),
    "ai_decisions.processing_history": (["mine"], "report_json"),
}
STAGE_OF = {
    "brief": Stage.IDEATION,
    "chords": Stage.COMPOSITION,
    "rhythm": Stage.COMPOSITION,
    "melody": Stage.COMPOSITION,
    "bass": Stage.COMPOSITION,
    "form": Stage.ARRANGEMENT,
    "score": Stage.ARRANGEMENT,
    "midi": Stage.PRODUCTION,
    "part:": Stage.PRODUCTION,
    "mix": Stage.MIXING,
    "master": Stage.MASTERING,
}


@pytest.fixture(scope="module")
def studio():
    return LocalStudio()


@pytest.fixture(scope="module")
def plain(studio):
    return studio.song()


def test_the_table_names_every_path():
    assert set(CHANGES) == set(leaf_paths())


@pytest.mark.parametrize("path", CHANGES)
def test_each_path_changes_a_named_artifact(studio, plain, path):
    value, artifact = CHANGES[path]
    changed = studio.song({path: value}, until=STAGE_OF.get(artifact, Stage.FINALIZATION))
    here = {name: ref for name, ref in changed.artifacts.items() if name.startswith(artifact)}
    assert here
    assert here != {name: ref for name, ref in plain.artifacts.items() if name in here}


def test_a_new_loudness_computes_mastering_and_what_follows_alone(studio, plain):
    again = studio.song({"technical.loudness_target": -19})
    steps = [step.split()[0] for step in again.computed]
    last = ["tag", "verify", "provenance", "report", "index"]
    assert steps == ["master", "encode", "encode", "listen", "pictures", *last]


def test_nothing_is_computed_twice(studio, plain):
    assert studio.song().computed == []


def test_other_chords_in_one_section_leave_the_drums_alone(studio, plain):
    sections = plain.document("form")["sections"]
    kind = next(s["kind"] for s in sections if s["kind"] not in ("intro", "outro"))
    changed = studio.song({"musical.chord_progression": {kind: ["Fm", "Bbm", "C7", "Fm"]}}, until=Stage.PRODUCTION)
    same = {n for n, ref in changed.artifacts.items() if n.startswith("stem:") and plain.artifacts.get(n) == ref}
    assert any("kit" in name or "drum" in name for name in same)
    assert changed.artifacts["score"] != plain.artifacts["score"]


def test_the_stems_are_the_mix_and_every_check_holds(plain):
    verification = plain.document("verification")
    assert [check for check in verification["checks"] if not check["ok"]] == []


def test_an_undeclared_read_fails():
    request = StepRequest(
        composition_id="c", owner="o", stage=Stage.MASTERING, step="master", revision=1, seed=1, context="0" * 64
    )
    job = StepJob(request, SongContext(), MemoryStore(), LocalStudio().settings)
    assert job.read("technical.loudness_target") == -14
    for path in ("musical.tempo", "technical", "creative.preferences"):
        with pytest.raises(UndeclaredRead, match=path):
            job.read(path)


@pytest.fixture(scope="module")
def adopted(studio, plain):
    """The song once more, its sound by a provider: the steps that only such a song has."""
    master, drums = plain.artifacts["master"], next(r for n, r in plain.artifacts.items() if n.startswith("mixed:"))
    size = len(studio.store.get(master))
    take = MadeMedia(role="take", hash=master, size=size, media_type="audio/wav")
    stem = MadeMedia(role="stem:drums", hash=drums, size=size, media_type="audio/wav")
    made = ProviderResult(provider="somebody", task=Task.INSTRUMENTAL, files=(take, stem))
    plain.artifacts["answer"] = studio.store.put(canonical(made))
    run = LocalRun(plain, Stage.PRODUCTION)
    for step in ("adopt", "adopt_stems"):
        asyncio.run(run.step(step, "score", "answer"))
    return plain


@pytest.mark.parametrize("spec", STEPS.values(), ids=lambda spec: spec.name)
def test_what_a_step_declares_it_reads(adopted, spec):
    """No declared path is left unread: a declaration that lies would throw results away for nothing."""
    read = adopted.reads.get(spec.name, set())
    assert [one for one in spec.reads if not any(covers(one, path) for path in read)] == []


def test_a_providers_take_is_the_songs_one_part_and_its_stems_are_its_parts(adopted):
    assert {"take:1", "stem:full_mix", "stem:drums", "part:drums", "adopted"} <= set(adopted.artifacts)
