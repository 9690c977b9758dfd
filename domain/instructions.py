"""Free words of a revision that are understood without a language model.

Each form is one row: an example, what it does, how it may be said, the operations it means. Words that match no row
are refused with the forms that there are, never ignored. A language model that maps free words later has to answer
with the same operations.
"""

import contextlib
import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from domain.context import invalid_value
from domain.edits import (
    ChangeChord,
    ChangeDensity,
    ChangeLength,
    ChangeLoudness,
    ChangeTempo,
    DropSection,
    Edit,
    InsertSection,
    Mute,
    SwapInstrument,
    Transpose,
)
from domain.errors import InvalidCommand
from domain.phrases import Unknown, Words, clauses, compiled, stripped
from domain.references import WHOLE
from domain.vocabulary import GROUPS, INSTRUMENT_WORDS

LONGEST_CLAUSE = 4
"""Commas and ands that one clause may hold, as in "in the chorus, play F instead of Dm"."""


class Operation(BaseModel):
    """One thing to do, with its context path.

    set: `value` at `path`; scale, add: the number there times or plus `value`; append, remove: `value` in the list
    there; new_take: another take of the stage; edit: `value` is one of `domain.edits`, put behind the song's edits;
    undo: the last edit is taken back; take: another take of the section that `value` names.
    """

    model_config = ConfigDict(frozen=True)

    op: Literal["set", "scale", "add", "append", "remove", "new_take", "edit", "undo", "take"]
    path: str | None = None
    value: Any = None


Build = Callable[[Words], tuple[Operation, ...]]


@dataclass(frozen=True)
class Form:
    """One row: `patterns` are regular expressions in which {section}, {part} and the like stand for phrases."""

    example: str
    does: str
    patterns: tuple[str, ...]
    build: Build

    @cached_property
    def _strict(self) -> tuple[re.Pattern[str], ...]:
        return tuple(compiled(pattern) for pattern in self.patterns)

    def read(self, clause: str) -> tuple[Operation, ...] | None:
        """What the clause means in this form; None when it does not fit."""
        for pattern in self._strict:
            if match := pattern.fullmatch(clause):
                with contextlib.suppress(Unknown, ValidationError):
                    return self.build(Words(match))
        return None

    def complaints(self, clause: str) -> Iterator[tuple[int, str]]:
        """What is wrong with a clause of this form's shape: how many letters are not understood, and why."""
        for pattern in self.patterns:
            if match := compiled(pattern, loosely=True).fullmatch(clause):
                try:
                    self.build(Words(match))
                except Unknown as unknown:
                    yield len(unknown.words), str(unknown)
                except ValidationError as error:
                    yield 0, invalid_value(error).message


def _set(path: str) -> Build:
    return lambda w: (Operation(op="set", path=path, value=w.number("amount")),)


def _change(op: Literal["scale", "add"], path: str, value: float) -> Build:
    return lambda _: (Operation(op=op, path=path, value=value),)


def _key(w: Words) -> tuple[Operation, ...]:
    tonic, scale = w.key()
    return (
        Operation(op="set", path="musical.key", value=tonic),
        Operation(op="set", path="musical.scale", value=scale or "major"),
    )


def _edits(*edits: Edit) -> tuple[Operation, ...]:
    return tuple(
        Operation(op="edit", path="musical.edits", value=edit.model_dump(mode="json", exclude_none=True))
        for edit in edits
    )


def _add_instrument(w: Words) -> tuple[Operation, ...]:
    return tuple(Operation(op="append", path="musical.instruments", value=id_) for id_ in w.instruments("new"))


def _without(w: Words) -> tuple[Operation, ...]:
    """Instruments leave the list; players that are known by their role only are muted."""
    operations: list[Operation] = []
    for part in w.parts():
        own = [part] if part in INSTRUMENT_WORDS else []
        if instruments := list(GROUPS[part][2]) if part in GROUPS else own:
            operations.append(Operation(op="remove", path="musical.instruments", value=instruments))
        else:
            operations += _edits(Mute(part=part))
    return tuple(operations)


def _nth_chord(w: Words) -> tuple[Operation, ...]:
    return _edits(*(ChangeChord(section=s, nth=w.nth(), new=w["new"]) for s in w.sections()))


def _bar_chord(w: Words) -> tuple[Operation, ...]:
    return _edits(*(ChangeChord(section=s, bar=w.count(), new=w["new"]) for s in w.sections()))


def _each_chord(w: Words) -> tuple[Operation, ...]:
    return _edits(*(ChangeChord(section=s, old=w["old"], new=w["new"]) for s in w.sections(WHOLE)))


def _length(sign: int, vague: float) -> Build:
    def build(w: Words) -> tuple[Operation, ...]:
        bars = w.count()
        return _edits(
            *(
                ChangeLength(section=_one(s), by=sign * bars) if bars else ChangeLength(section=s, times=vague)
                for s in w.sections()
            )
        )

    return build


def _bars(w: Words) -> tuple[Operation, ...]:
    return _edits(*(ChangeLength(section=_one(s), bars=w.count()) for s in w.sections()))


def _one(section: str) -> str:
    if section == WHOLE:
        raise Unknown(section, "bars are counted within a section; the song's length is technical.duration")
    return section


def _times(times: float) -> Build:
    return lambda w: _edits(*(ChangeLength(section=s, times=times) for s in w.sections()))


def _drop(w: Words) -> tuple[Operation, ...]:
    return _edits(*(DropSection(section=s) for s in w.sections()))


def _repeat(w: Words) -> tuple[Operation, ...]:
    return _edits(*(InsertSection(section=_last_of(s)) for s in w.sections()))


def _last_of(section: str) -> str:
    """Of every chorus the last one."""
    return f"last {section}" if " " not in section else section


def _insert(w: Words) -> tuple[Operation, ...]:
    return _edits(*(InsertSection(section=s, where=w.where(), at=w.at()) for s in w.sections()))


def _transpose(w: Words) -> tuple[Operation, ...]:
    semitones = w.semitones()
    return _edits(*(Transpose(section=s, semitones=semitones) for s in w.sections(WHOLE)))


def _transpose_to(w: Words) -> tuple[Operation, ...]:
    tonic, scale = w.key()
    return _edits(*(Transpose(section=s, key=tonic, scale=scale) for s in w.sections(WHOLE)))


def _swap(w: Words) -> tuple[Operation, ...]:
    return _edits(*(SwapInstrument(old=part, new=w.instruments("new")[0]) for part in w.parts()))


def _mute(w: Words) -> tuple[Operation, ...]:
    return _edits(*(Mute(part=part, section=s) for part in w.parts() for s in w.sections(WHOLE)))


def _only_from(w: Words) -> tuple[Operation, ...]:
    return _edits(*(Mute(part=part, section=f"before {s}") for part in w.parts() for s in w.sections()))


def _density(sign: int) -> Build:
    def build(w: Words) -> tuple[Operation, ...]:
        amount = sign * w.much(0.4)
        return _edits(
            *(ChangeDensity(amount=amount, section=s, part=p) for s in w.sections(WHOLE) for p in w.parts("band"))
        )

    return build


def _loudness(sign: int) -> Build:
    def build(w: Words) -> tuple[Operation, ...]:
        amount = sign * w.much(0.4)
        return _edits(
            *(ChangeLoudness(amount=amount, section=s, part=p) for s in w.sections(WHOLE) for p in w.parts("band"))
        )

    return build


def _tempo(w: Words) -> tuple[Operation, ...]:
    return _edits(*(ChangeTempo(section=s, bpm=w.number("bpm")) for s in w.sections()))


def _pace(times: float) -> Build:
    return lambda w: _edits(*(ChangeTempo(section=s, times=times) for s in w.sections()))


def _take(w: Words) -> tuple[Operation, ...]:
    return tuple(
        Operation(op="new_take") if s == WHOLE else Operation(op="take", path="musical.takes", value=s)
        for s in w.sections()
    )


TABLE: tuple[Form, ...] = (
    Form("regenerate", "another take of the stage",
         (r"regenerate(?: it| everything)?|again|try again|(?:a )?new take",),
         lambda _: (Operation(op="new_take"),)),
    Form("faster", "8 % faster", (r"{much}faster",), _change("scale", "musical.tempo", 1.08)),
    Form("slower", "7.5 % slower", (r"{much}slower",), _change("scale", "musical.tempo", 0.925)),
    Form("92 bpm", "this tempo", (r"(?:(?:at|tempo|tempo to|tempo of) )?{amount} ?bpm", r"tempo (?:to )?{amount}"),
         _set("musical.tempo")),
    Form("in D minor", "written anew in this key", (r"(?:in|key(?: of| to)?) {key}",), _key),
    Form("louder", "the master 1 LU louder", (r"{much}louder",), _change("add", "technical.loudness_target", 1.0)),
    Form("quieter", "the master 1 LU quieter", (r"{much}(?:quieter|softer)",),
         _change("add", "technical.loudness_target", -1.0)),
    Form("-16 LUFS", "this loudness", (r"(?:loudness (?:to )?)?{amount} ?lufs",), _set("technical.loudness_target")),
    Form("happier", "a brighter mood", (r"{much}happier|brighter mood",), _change("add", "musical.mood.valence", 0.2)),
    Form("sadder", "a darker mood", (r"{much}sadder|darker mood",), _change("add", "musical.mood.valence", -0.2)),
    Form("calmer", "less energy", (r"{much}calmer",), _change("add", "musical.mood.arousal", -0.2)),
    Form("more energetic", "more energy", (r"{much}more energetic|more energy",),
         _change("add", "musical.mood.arousal", 0.2)),
    Form("add cello", "one more instrument", (r"add {new}",), _add_instrument),
    Form("without cello", "an instrument leaves", (r"{remove} {part}",), _without),
    Form("change the second chord of the bridge to Em7", "a chord, counted within its section",
         (r"(?:{set} )?(?:the )?{nth} chord {of} {section}(?:,? {to}| ?[:=]) ?{chord}",
          r"{during} {section},? (?:{set} )?(?:the )?{nth} chord(?: {to}| ?[:=]) ?{chord}",
          r"(?:{set} )?chord {count} {of} {section}(?: {to}| ?[:=]) ?{chord}",
          r"{play} {chord} (?:as|for|on) (?:the )?{nth} chord {of} {section}"),
         _nth_chord),
    Form("bar 3 of verse 1: G7", "the chord of a bar, counted within its section",
         (r"(?:{set} )?(?:the )?(?:bar|measure) {count} {of} {section}(?: {to}| ?[:=]) ?{chord}",
          r"{play} {chord} in (?:bar|measure) {count} {of} {section}"),
         _bar_chord),
    Form("in the chorus play F instead of Dm", "a chord wherever it stands",
         (r"{during} {section},? (?:{play} )?{chord} (?:{instead}|for) {old}",
          r"(?:{play} )?{chord} {instead} {old}(?: {of} {section})?",
          r"{replace} (?:the |every |each |all )?{old}(?: chords?)? {to} {chord}(?: {of} {section})?",
          r"{during} {section},? {replace} (?:the |every |each |all )?{old}(?: chords?)? {to} {chord}"),
         _each_chord),
    Form("lengthen the bridge by 4 bars", "longer, by repeating what leads to its ending",
         (r"(?:lengthen|extend|prolong|stretch) {section}(?: by {count}(?: more)? bars?)?",
          r"{section}(?: {count} bars?)? {longer}", r"{count} (?:more )?bars? {longer} {section}",
          r"(?:add|put) {count}(?: more)? bars? (?:to|in|into) {section}", r"(?:a )?longer {section}"),
         _length(1, 1.5)),
    Form("shorten the outro", "shorter; its ending stays",
         (r"(?:shorten|trim) {section}(?: by {count} bars?)?", r"{section}(?: {count} bars?)? shorter",
          r"(?:cut|take|remove|drop) {count} bars? (?:from|off|of|out of) {section}", r"(?:a )?shorter {section}"),
         _length(-1, 0.5)),
    Form("make the intro 8 bars", "exactly so long",
         (r"(?:lengthen|shorten|extend|trim|set|cut|stretch|prolong) {section} to {count} bars?",
          r"{section}(?: is| be| to be| to| should be| lasts?)? {count} bars?(?: long)?",
          r"an? {count}[- ]bar {section}"),
         _bars),
    Form("double the chorus", "twice as long",
         (r"double (?:the length of )?{section}", r"{section} twice as long"), _times(2)),
    Form("cut the intro in half", "half as long",
         (r"(?:cut|split|chop) {section} in half", r"halve {section}", r"{section} half as long"), _times(0.5)),
    Form("drop the second verse", "a section is left out", (r"{remove} {section}",), _drop),
    Form("repeat the last chorus", "a section comes once more",
         (r"(?:repeat|duplicate) {section}(?: once| again| once more)?",
          r"(?:play )?{section} (?:twice|once more|again)"),
         _repeat),
    Form("add a chorus at the end", "a copy of a section there; at the end it stands before an outro",
         (r"(?:add|insert|put|place|append|copy) {section} {where}(?: {at})?", r"(?:add|insert) {section}"), _insert),
    Form("transpose up a whole step", "every pitch, or those of a section; also: down a third, 2 semitones",
         (r"transpose(?: {section})? {direction} (?:by )?{interval}",
          r"transpose(?: {section})? (?:by )?{interval}(?: {direction})?",
          r"{raising} {section} (?:by )?{interval}", r"(?:{section} )?(?:by )?{interval} {direction}",
          r"(?:{section} )?{direction} (?:by )?{interval}",
          r"{shift} {section} {direction} (?:by )?{interval}"),
         _transpose),
    Form("transpose to G minor", "the nearest way to a key of the same mode",
         (r"(?:transpose|{shift})(?: {section})? (?:up |down )?(?:to|into) (?:the key of )?{key}",
          r"{section} in {key}"),
         _transpose_to),
    Form("swap the piano for a rhodes", "another instrument plays the part",
         (r"{replace} {part} (?:for|with|by|to|into) {new}", r"(?:{play} )?{new} {instead} {part}",
          r"(?:play|give) {part} (?:on|to|with|by) {new}", r"{part} on {new}"),
         _swap),
    Form("mute the drums in the intro", "a part rests in a section, or everywhere",
         (r"{silence} {part} {of} {section}", r"(?:mute|silence) {part}", r"{section} (?:without|with no) {part}",
          r"take {part} out of {section}", r"{during} {section},? (?:mute|no|without|remove|silence) {part}"),
         _mute),
    Form("drums only from the first chorus", "a part rests until then",
         (r"{part} (?:{enter} )?only (?:{enter} )?(?:from|at|after) {section}(?: on| onwards?)?",
          r"{part} {enter} (?:at|with|from|in) {section}(?: on| onwards?)?",
          r"(?:mute|no) {part} (?:before|until) {section}", r"(?:bring|let) {part} (?:come )?in (?:at|with) {section}"),
         _only_from),
    Form("make the second verse sparser", "fewer notes, also of one part: the bass simpler in the chorus",
         (r"{section} {much}{sparse}", r"(?:a )?{much}{sparse} {section}", r"{part} {much}{sparse}(?: {of} {section})?",
          r"{much}{sparse} {part}(?: {of} {section})?", r"(?:less|fewer) {part} {of} {section}",
          r"{much}(?:sparser|thinner|less busy)"),
         _density(-1)),
    Form("make the second verse busier", "more notes; also: denser, fuller",
         (r"{section} {much}{dense}", r"(?:a )?{much}{dense} {section}", r"{part} {much}{dense}(?: {of} {section})?",
          r"{much}{dense} {part}(?: {of} {section})?", r"more {part} {of} {section}",
          r"{much}(?:denser|busier|fuller)"),
         _density(1)),
    Form("louder chorus", "stronger playing, also of one part: the bass louder in the verse",
         (r"{section} {much}{loud}", r"(?:a )?{much}{loud} {section}", r"{part} {much}{loud}(?: {of} {section})?",
          r"{much}{loud} {part}(?: {of} {section})?"),
         _loudness(1)),
    Form("softer verse 2", "softer playing",
         (r"{section} {much}{soft}", r"(?:a )?{much}{soft} {section}", r"{part} {much}{soft}(?: {of} {section})?",
          r"{much}{soft} {part}(?: {of} {section})?"),
         _loudness(-1)),
    Form("chorus at 120 bpm", "a section's own tempo",
         (r"(?:play |set )?{section}(?: at| to| in)? {bpm} ?bpm", r"{bpm} ?bpm {during} {section}"), _tempo),
    Form("faster chorus", "a section 8 % faster",
         (r"{section} {much}faster", r"(?:a )?{much}faster {section}"), _pace(1.08)),
    Form("slower bridge", "a section 7.5 % slower",
         (r"{section} {much}slower", r"(?:a )?{much}slower {section}"), _pace(0.925)),
    Form("regenerate only the bridge", "another take of one section",
         (r"(?:regenerate|rewrite|redo|rework|recompose|reroll)(?: only| just)? {section}(?: only| again| anew)?",
          r"(?:only |just )?{section} anew", r"(?:a )?(?:new|different) {section}",
          r"(?:an? )?(?:new|another|different) (?:melody|tune|take|version) {of} {section}"),
         _take),
    Form("undo", "the last edit is taken back",
         (r"undo(?: (?:that|it|this|(?:the |my )?last (?:edit|change|one)))?", r"take (?:that|it) back"),
         lambda _: (Operation(op="undo", path="musical.edits"),)),
)  # fmt: skip

FORMS = tuple(form.example for form in TABLE)


def understand_instruction(text: str) -> tuple[Operation, ...]:
    """The operations that an instruction means; several forms may be joined by commas, "and" or full stops.

    Raises InvalidCommand, with the forms that are understood, when any of its clauses matches none.
    """
    pieces = clauses(text)
    if not pieces:
        raise InvalidCommand(f"an empty instruction: say one of {', '.join(FORMS)}")
    operations: list[Operation] = []
    at = 0
    while at < len(pieces):
        for end in range(min(len(pieces), at + LONGEST_CLAUSE), at, -1):
            found = _read(text[pieces[at][0] : pieces[end - 1][1]])
            if found is not None:
                operations += found
                at = end
                break
        else:
            raise _refusal(text[slice(*pieces[at])])
    return tuple(operations)


def _read(clause: str) -> tuple[Operation, ...] | None:
    words = stripped(clause)
    return next((operations for form in TABLE if (operations := form.read(words)) is not None), None)


def _refusal(clause: str) -> InvalidCommand:
    """Why a clause is not understood: the word that is not known in a form that fits, the forms that are near."""
    words = stripped(clause)
    shown = words if len(words) <= 60 else words[:57] + "..."
    complaints = [told for form in TABLE for told in form.complaints(words)]
    _, reason = min(complaints, key=lambda told: told[0], default=(0, ""))
    near = difflib.get_close_matches(words.lower(), FORMS, 4, 0.5)
    ordered = [*near, *(form for form in FORMS if form not in near)]
    because = f" ({reason})" if reason else ""
    return InvalidCommand(f"the instruction {shown!r} is not understood{because}: say one of {', '.join(ordered)}")
