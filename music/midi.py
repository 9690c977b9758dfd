"""Standard MIDI files, type 1: a tempo track with markers, then one named track for each part."""

import contextlib
import io
from collections.abc import Callable

import mido

from domain.score import Part, Performance, PerformedPart, Score
from music.theory import is_minor, key_fifths

# What it imports to play files tells standard output where it found its library; that belongs to our answers.
with contextlib.redirect_stdout(io.StringIO()):
    import pretty_midi

TICKS_PER_BEAT = 480
_HEADER_BYTES = 14
# Key signatures by sharps (positive) or flats.
_MAJOR_KEYS = ("Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#")
_MINOR_KEYS = ("Abm", "Ebm", "Bbm", "Fm", "Cm", "Gm", "Dm", "Am", "Em", "Bm", "F#m", "C#m", "G#m", "D#m", "A#m")


def write_midi(score: Score, performance: Performance | None) -> bytes:
    """The song as a type 1 MIDI file of 480 ticks a quarter note.

    With a `performance` its timing and velocities are written, without one the score as notated, every note on the
    tick of its beat. Tempos, metre, keys and a marker for each section stand in the first track. Equal input gives
    equal bytes.
    """
    midi = pretty_midi.PrettyMIDI(mido_object=_tempo_skeleton(score))
    midi.time_signature_changes.clear()
    midi.time_signature_changes.append(
        pretty_midi.TimeSignature(score.time_signature.numerator, score.time_signature.denominator, 0.0)
    )
    # The tempo map is laid out once, to the end of the song; growing it note by note would take quadratic time.
    midi.tick_to_time(round((score.beats + 1) * TICKS_PER_BEAT))
    midi.instruments.extend(
        [_written(part, midi.tick_to_time) for part in score.parts]
        if performance is None
        else [_played(part) for part in performance.parts]
    )
    buffer = io.BytesIO()
    midi.write(buffer)
    return _with_first_track(buffer.getvalue(), _conductor(score))


def _tempo_events(score: Score) -> list[tuple[int, mido.MetaMessage]]:
    return [
        (
            round(change.start * TICKS_PER_BEAT),
            mido.MetaMessage("set_tempo", tempo=round(60_000_000 / change.bpm)),
        )
        for change in score.tempo
    ]


def _tempo_skeleton(score: Score) -> mido.MidiFile:
    """An empty file with the song's tempo map, from which the ticks are counted."""
    skeleton = mido.MidiFile(ticks_per_beat=TICKS_PER_BEAT)
    skeleton.tracks.append(_track(_tempo_events(score)))
    return skeleton


def _track(events: list[tuple[int, mido.MetaMessage]]) -> mido.MidiTrack:
    track = mido.MidiTrack()
    now = 0
    for tick, message in events:
        track.append(message.copy(time=tick - now))
        now = tick
    return track


def _written(part: Part, seconds: Callable[[int], float]) -> pretty_midi.Instrument:
    """A part as notated; `seconds` is the time of a tick by the file's own tempo map, which counts in microseconds."""
    out = pretty_midi.Instrument(program=part.program, is_drum=part.is_drum, name=_utf8(part.name))
    for note in part.notes:
        start = round(note.start * TICKS_PER_BEAT)
        end = max(start + 1, round((note.start + note.duration) * TICKS_PER_BEAT))
        out.notes.append(
            pretty_midi.Note(velocity=note.velocity, pitch=note.pitch, start=seconds(start), end=seconds(end))
        )
    return out


def _played(part: PerformedPart) -> pretty_midi.Instrument:
    out = pretty_midi.Instrument(program=part.program, is_drum=part.is_drum, name=_utf8(part.name))
    out.notes.extend(pretty_midi.Note(velocity=n.velocity, pitch=n.pitch, start=n.start, end=n.end) for n in part.notes)
    out.control_changes.extend(
        pretty_midi.ControlChange(number=c.number, value=c.value, time=c.time) for c in part.controls
    )
    return out


def key_name(key: str, scale: str) -> str:
    """The key signature as MIDI names it, such as Fm or Eb."""
    names = _MINOR_KEYS if is_minor(scale) else _MAJOR_KEYS
    return names[key_fifths(key, scale) + 7]


def _utf8(text: str) -> str:
    """A text that comes out as UTF-8 where MIDI's Latin-1 is written."""
    return text.encode().decode("latin1")


def _conductor(score: Score) -> mido.MidiTrack:
    """The first track: title, metre, exact tempos, key signatures in their right spelling, a marker a section."""
    metre = score.time_signature
    events: list[tuple[int, mido.MetaMessage]] = [
        (0, mido.MetaMessage("track_name", name=_utf8(score.title))),
        (0, mido.MetaMessage("time_signature", numerator=metre.numerator, denominator=metre.denominator)),
        (0, mido.MetaMessage("key_signature", key=key_name(score.key, score.scale))),
    ]
    for change in score.key_changes:
        tick = round(change.start * TICKS_PER_BEAT)
        events.append((tick, mido.MetaMessage("key_signature", key=key_name(change.key, change.scale))))
    events += _tempo_events(score)
    for section in score.sections:
        tick = round(section.start_bar * metre.beats_per_bar * TICKS_PER_BEAT)
        events.append((tick, mido.MetaMessage("marker", text=_utf8(section.name))))
    events.sort(key=lambda event: event[0])
    events.append((round(score.beats * TICKS_PER_BEAT), mido.MetaMessage("end_of_track")))
    return _track(events)


def _with_first_track(data: bytes, track: mido.MidiTrack) -> bytes:
    """A MIDI file with another first track; the others stay byte for byte as they are.

    A file is a header chunk of 14 bytes and a chunk a track: four letters, its length in four bytes, its content.
    """
    alone = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT)
    alone.tracks.append(track)
    buffer = io.BytesIO()
    alone.save(file=buffer)
    replaced = _HEADER_BYTES + 8 + int.from_bytes(data[_HEADER_BYTES + 4 : _HEADER_BYTES + 8], "big")
    return data[:_HEADER_BYTES] + buffer.getvalue()[_HEADER_BYTES:] + data[replaced:]
