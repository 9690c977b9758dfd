"""The song brief: a prompt understood by a language model, with what the person said explicitly put back.

`music.understanding` reads the same prompt. What it finds there in so many words stands; the model decides the rest,
and what it leaves open is filled in as always.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from domain.context import DURATION_RANGE_S, TEMPO_RANGE_BPM, SongContext
from domain.errors import InvalidValue
from domain.providers import Task
from domain.references import known_instrument
from domain.score import Role
from music.form import section_kind
from music.genres import GENRES
from music.instruments import INSTRUMENTS
from music.lexicon import MOOD_WORDS
from music.matching import find, normal
from music.metre import parse_metre
from music.reading import TRUST, ReasonStep
from music.sectionplan import Plan
from music.translating import translate
from music.understanding import Understanding, understand
from providers.language.schema import Document, Reason, Whole, read_document, strict_schema
from providers.orders import PlannedSection, TextOrder

LONGEST_STYLE: Final = 900
"""Characters of a style line that every music provider takes."""

SectionName = Literal["intro", "verse", "pre-chorus", "chorus", "bridge", "break", "solo", "outro"]

LEVELS: Final[Mapping[str, str]] = {
    "light": "Fill in what is missing and nothing else.",
    "moderate": "Fill in what is missing and enrich instrumentation, production and form.",
    "strong": "Be bold: give the idea a shape, a form and a sound that the person did not think of.",
}
"""What the level of enhancement means to the model."""

_FIELDS: Final[Mapping[str, str]] = {
    "genre": "musical.genre", "subgenres": "musical.genre", "moods": "musical.mood", "bpm": "musical.tempo",
    "key": "musical.key", "time_signature": "musical.time_signature", "duration_seconds": "technical.duration",
    "instruments": "musical.instruments", "style_prompt": "creative.style_modifiers",
    "sections": "musical.structure", "title": "title", "summary": "creative.enhanced_prompt",
}  # fmt: skip
"""Field of the brief -> context path that it settles."""

_ENRICHING: Final = frozenset({"musical.instruments", "creative.style_modifiers", "musical.structure"})
"""What a light enhancement leaves to the composer."""


class Voice(Document):
    """Who sings."""

    gender: Literal["male", "female", "mixed", "any"]
    timbre: str


class BriefSection(Document):
    """A section as the model plans it."""

    name: SectionName
    duration_seconds: Whole
    styles: list[str]
    lyrics: list[str]


class BriefAnswer(Document):
    """What the model answers with."""

    title: str
    summary: str
    genre: str
    subgenres: list[str]
    moods: list[str]
    bpm: Whole | None
    key: str | None
    time_signature: str | None
    duration_seconds: Whole
    instrumental: bool
    language: str | None
    vocal: Voice | None
    instruments: list[str]
    style_prompt: str
    negative_styles: list[str]
    sections: list[BriefSection]
    reasoning: list[Reason]


class Brief(BaseModel):
    """A brief as it was accepted: `understanding` as the composer's own reading of a prompt gives it.

    `kept` are the context paths where the model said something else than the person, and the person's word stands;
    `unknown` instruments that the composer does not have. The rest is for music providers: one English style line,
    what to avoid, who sings in which language, and the sections with their lyrics.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    understanding: Understanding
    kept: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    style_prompt: str = ""
    negative_styles: tuple[str, ...] = ()
    instrumental: bool = True
    voice: Voice | None = None
    language: str = ""
    sections: tuple[PlannedSection, ...] = ()


def order(prompt: str, *, level: str = "moderate", given: Mapping[str, Any] | None = None, user: str = "") -> TextOrder:
    """Ask for a brief of `prompt`; `given` maps context paths to what the person has set."""
    settled = "".join(f"\n- {path} = {value}" for path, value in sorted((given or {}).items()))
    text = f"{prompt}\n\nAlready settled, keep as it is:{settled}" if settled else prompt
    return TextOrder(
        task=Task.ENHANCEMENT,
        instructions=(
            "Turn the person's idea into a song brief. Do not name real artists. Unknown values are null. "
            f"{LEVELS[level]} Never change what the idea says explicitly. "
            f"genre is one of: {', '.join(GENRES)}. "
            "moods are single English words. key is a note and a mode, such as D minor or A dorian. "
            f"instruments are chosen from: {', '.join(INSTRUMENTS)}. "
            "style_prompt is one English line of at most 900 characters that any music generator understands. "
            "Think step by step: reasoning holds one step for each decision in its order, with the field, the value "
            "and why it suits the idea."
        ),
        text=text,
        schema_name="song_brief",
        json_schema=strict_schema(BriefAnswer),
        max_tokens=6000,
        user=user,
    )


def read(
    document: Mapping[str, Any],
    prompt: str,
    *,
    level: str = "moderate",
    given: Mapping[str, Any] | None = None,
    seed: int,
) -> Brief:
    """The brief in `document`, with the explicit wishes of `prompt` and what is `given` in their places.

    Raises `InvalidValue` for an answer of another shape, an unknown genre, and a tempo, key, metre or length that
    cannot be.
    """
    answer = read_document(BriefAnswer, document)
    given = dict(given or {})
    own = understand(prompt, enhance=True, level=level, given=given, seed=seed)
    context = SongContext().update(own.patch).update(given)
    explicit = {step.field for step in own.reasoning if step.source in ("prompt", "person")}
    if {"musical.structure", "musical.sections"} & {step.field for step in own.reasoning}:
        explicit |= {"musical.structure"}
    proposed, unknown = _proposed(answer, level)
    _check(proposed)
    _fit_structure(proposed, explicit, context, answer)
    explicit -= _fit_instruments(proposed, own, prompt, context)
    kept = tuple(path for path in proposed if path in explicit and proposed[path] != context.get(path))
    wished = {path: value for path, value in proposed.items() if path not in explicit and path not in given}
    whole = understand(prompt, enhance=True, level=level, given={**given, **wished}, seed=seed)
    understanding = _told(whole, wished, kept, proposed, answer, given)
    return Brief(
        understanding=understanding,
        kept=kept,
        unknown=unknown,
        style_prompt=_cut(answer.style_prompt, LONGEST_STYLE),
        negative_styles=tuple(answer.negative_styles),
        instrumental=answer.instrumental,
        voice=None if answer.instrumental else answer.vocal,
        language=answer.language or "",
        sections=tuple(
            PlannedSection(
                name=s.name, duration_s=float(s.duration_seconds), styles=tuple(s.styles), lyrics=tuple(s.lyrics)
            )
            for s in answer.sections
        ),
    )


def _proposed(answer: BriefAnswer, level: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What the model decided, by context path, and the instruments that the composer does not have."""
    named = [(name, known_instrument(name)) for name in answer.instruments]
    values: dict[str, Any] = {
        "musical.genre": list(dict.fromkeys([_genre(answer.genre), *_genres(answer.subgenres)]))[:3],
        "musical.mood": _mood(answer.moods),
        "musical.tempo": None if answer.bpm is None else float(answer.bpm),
        **_key(answer.key),
        "musical.time_signature": answer.time_signature,
        "technical.duration": float(answer.duration_seconds),
        "musical.instruments": list(dict.fromkeys(id_ for _, id_ in named if id_ is not None))[:12],
        "creative.style_modifiers": _styles(answer.style_prompt),
        "musical.structure": [
            {"name": s.name, "duration": float(s.duration_seconds), "unit": "seconds"} for s in answer.sections
        ],
    }
    wanted = {path: value for path, value in values.items() if value not in (None, [], {})}
    if level == "light":
        wanted = {path: value for path, value in wanted.items() if path not in _ENRICHING}
    return wanted, tuple(name for name, id_ in named if id_ is None)


def _genre(words: str) -> str:
    """The genre that `words` name. Raises `InvalidValue` when there is none."""
    known = _genres([words])
    if not known:
        raise InvalidValue(f"genre: there is no genre {words!r}; use one of: {', '.join(GENRES)}")
    return known[0]


def _genres(words: list[str]) -> list[str]:
    ids = [word if word in GENRES else normal(word).replace(" ", "_") for word in words]
    return [
        id_
        for word, id_ in zip(words, ids, strict=True)
        for id_ in ([id_] if id_ in GENRES else [v for f in find(word) for c, v in f.meanings if c == "genre"][:1])
    ]


def _mood(words: list[str]) -> dict[str, float] | None:
    """Valence and arousal of the moods that are known; None without one."""
    points = [MOOD_WORDS[v] for word in words for f in find(word) for c, v in f.meanings if c == "mood"]
    if not points:
        return None
    valence, arousal = np.mean(points, axis=0).tolist()
    return {"valence": round(valence, 3), "arousal": round(arousal, 3)}


def _key(words: str | None) -> dict[str, str]:
    """Tonic and scale of "D minor" or "Dm"; the scale is left open where only a note is named."""
    if words is None:
        return {}
    full = re.sub(r"^\s*([A-Ga-g][#b♯♭]?)m\s*$", r"\1 minor", words)
    try:
        musical = SongContext().update({"musical.key": full}).musical
    except InvalidValue as error:
        raise InvalidValue(f"key: {error.message}") from None
    return {"musical.key": str(musical.key), **({"musical.scale": musical.scale} if " " in full.strip() else {})}


def _styles(line: str) -> list[str]:
    said = [v for f in find(line) if not f.negated for c, v in f.meanings if c == "style"]
    return list(dict.fromkeys(said))[:5]


def _check(proposed: Mapping[str, Any]) -> None:
    """Numbers in their ranges, a metre that can be played, sections that last."""
    ranges = {"musical.tempo": ("bpm", TEMPO_RANGE_BPM), "technical.duration": ("duration_seconds", DURATION_RANGE_S)}
    for path, (name, (low, high)) in ranges.items():
        if path in proposed and not low <= proposed[path] <= high:
            raise InvalidValue(f"{name}: {proposed[path]:g} cannot be; it lies from {low} to {high}")
    if "musical.time_signature" in proposed:
        parse_metre(proposed["musical.time_signature"])
    for section in proposed.get("musical.structure", []):
        if not 0 < section["duration"] <= DURATION_RANGE_S[1]:
            raise InvalidValue(f"sections: a {section['name']} of {section['duration']:g} seconds cannot be made")


def _fit_structure(proposed: dict[str, Any], explicit: set[str], context: SongContext, answer: BriefAnswer) -> None:
    """The model's sections in whole bars, together as long as the song shall be."""
    if "musical.structure" not in proposed:
        return

    def settled(path: str) -> Any:
        return proposed[path] if path in proposed and path not in explicit else context.get(path)

    metre = parse_metre(settled("musical.time_signature"))
    tempo = float(settled("musical.tempo"))
    bar_s = metre.beats_per_bar / metre.counted_beat * 60 / tempo
    entries = [
        {"name": s.name, "duration": float(max(1, round(s.duration_seconds / bar_s))), "unit": "bars"}
        for s in answer.sections
    ]
    plan = Plan(entries, [False] * len(entries), [tempo] * len(entries), metre.beats_per_bar / metre.counted_beat)
    wished = float(settled("technical.duration"))
    if abs(plan.total_s - wished) > bar_s:
        plan.fit(wished)
    proposed["musical.structure"] = [{**e, "name": section_kind(e["name"]).value} for e in plan.entries]


def _fit_instruments(proposed: dict[str, Any], own: Understanding, prompt: str, context: SongContext) -> frozenset[str]:
    """The model's band with the players that the prompt names, without those it leaves out.

    Gives back the path of the instruments where the prompt names some of them and leaves the rest of the band open.
    """
    if "musical.instruments" not in proposed:
        return frozenset()
    reasons = [step for step in own.reasoning if step.field == "musical.instruments" and step.source == "prompt"]
    said = {v for f in find(translate(prompt).text) if not f.negated for c, v in f.meanings if c == "instrument"}
    playing = list(context.musical.instruments)
    named = [i for i in playing if i in said] if reasons else []
    constraints = context.creative.constraints
    left = set(constraints.get("without", []))
    left |= {i for i, row in INSTRUMENTS.items() if constraints.get("no_drums") and row.is_drum}
    left |= {i for i, row in INSTRUMENTS.items() if constraints.get("no_bass") and row.roles[0] is Role.BASS}
    band = list(dict.fromkeys([*named, *(i for i in proposed["musical.instruments"] if i not in left)]))
    proposed["musical.instruments"] = band or playing
    open_band = any("the rest of the band" in step.text for step in reasons)
    return frozenset({"musical.instruments"}) if open_band else frozenset()


def _told(
    whole: Understanding,
    wished: Mapping[str, Any],
    kept: tuple[str, ...],
    proposed: Mapping[str, Any],
    answer: BriefAnswer,
    given: Mapping[str, Any],
) -> Understanding:
    """The understanding with the model's values in its patch and the model's own words as reasons."""
    patch = dict(whole.patch)
    for path, value in wished.items():
        group, _, name = path.partition(".")
        patch[group] = {**patch.get(group, {}), name: value}
    summary = " ".join(part.strip() for part in (answer.summary, answer.style_prompt) if part.strip())
    enhanced = summary or whole.enhanced_prompt
    if "creative.enhanced_prompt" not in given:
        patch["creative"] = {**patch.get("creative", {}), "enhanced_prompt": enhanced[:12_000]}
    steps = [(_FIELDS.get(step.field, step.field), step) for step in answer.reasoning]
    why = {path: step.text for path, step in steps}
    sure = TRUST["model"]
    reasoning = [
        ReasonStep(field=path[:200], value=step.value[:200], source="model", text=step.text, confidence=sure)
        for path, step in steps
        if path not in wished and path not in kept
    ]
    for own in whole.reasoning:
        told = {"source": "model", "text": why.get(own.field, "the model's choice"), "confidence": sure}
        reasoning.append(own.model_copy(update=told) if own.field in wished else own)
    reasoning += [
        ReasonStep(
            field=path, value=str(proposed[path])[:200], source="prompt", confidence=TRUST["prompt"],
            text="the model said this; what the person said was kept",
        )
        for path in kept
    ]  # fmt: skip
    confidence = round(
        max(0.05, float(np.mean([s.confidence for s in reasoning])) - 0.08 * len(whole.contradictions)), 3
    )
    return whole.model_copy(
        update={
            "patch": patch,
            "enhanced_prompt": enhanced,
            "reasoning": reasoning,
            "confidence": confidence,
            "title": _cut(answer.title.strip(), 60) or whole.title,
        }
    )


def _cut(text: str, longest: int) -> str:
    """`text`, or its beginning up to the last whole word."""
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0]
