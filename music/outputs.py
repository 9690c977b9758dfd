"""A song on paper and as data: every file that is made from notes alone, by its name."""

from domain.score import Performance, Score
from music.chordchart import chord_chart
from music.engraving import engrave_leadsheet
from music.midi import write_midi
from music.musicxml import write_leadsheet, write_musicxml
from music.pianoroll import draw_piano_roll


def written_files(score: Score, performance: Performance, *, lyrics: str | None, feel: str) -> dict[str, bytes]:
    """File name -> content: MIDI as played and as notated, MusicXML, the engraved lead sheet, chords, piano roll.

    Equal arguments give equal bytes for one version of Verovio and Pillow.
    """
    return {
        "song.mid": write_midi(score, performance),
        "song-quantised.mid": write_midi(score, None),
        "song.musicxml": write_musicxml(score, lyrics=lyrics, feel=feel),
        "leadsheet.musicxml": write_leadsheet(score, lyrics=lyrics, feel=feel),
        "score.svg": engrave_leadsheet(score, lyrics=lyrics, feel=feel).encode(),
        "chords.txt": chord_chart(score, feel=feel).encode(),
        "pianoroll.png": draw_piano_roll(score),
        "score.json": score.model_dump_json(indent=1).encode() + b"\n",
    }
