"""A score seen section by section, for tests that ask what has changed."""

import json

from domain.score import Score, Section


def bounds(score: Score, section: Section) -> tuple[float, float]:
    bar = score.time_signature.beats_per_bar
    return section.start_bar * bar, (section.start_bar + section.bars) * bar


def laid_out(score: Score, section: Section) -> bytes:
    """Everything of a section, seen from its first beat, as canonical JSON."""
    start, end = bounds(score, section)
    if section is score.sections[-1]:
        end = float("inf")

    def inside(things):
        return [thing for thing in things if start - 1e-6 <= thing.start < end - 1e-6]

    def relative(thing):
        return {**thing.model_dump(mode="json"), "start": round(thing.start - start, 6)}

    bpm = [change.bpm for change in score.tempo if change.start <= start + 1e-6][-1]
    document = {
        "section": section.model_dump(mode="json", exclude={"start_bar"}),
        "chords": [relative(chord) for chord in inside(score.chords)],
        "notes": {part.id: [relative(n) for n in notes] for part in score.parts if (notes := inside(part.notes))},
        "tempo": [bpm, *(relative(change) for change in inside(score.tempo) if change.start > start + 1e-6)],
        "key": [score.key_at(start), *(relative(c) for c in inside(score.key_changes) if c.start > start + 1e-6)],
    }
    return json.dumps(document, sort_keys=True).encode()


def by_name(score: Score) -> dict[str, bytes]:
    return {section.name: laid_out(score, section) for section in score.sections}
