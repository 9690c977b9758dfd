"""Facts in a prompt: tempo, key, metre, duration, chords, sections and what is to be left out, by grammar."""

from music.grammar.chords import read_chords, short_chords
from music.grammar.facts import Facts, KeyWish, TempoWish
from music.grammar.keychanges import read_key_changes
from music.grammar.keys import read_key
from music.grammar.leftout import read_feel, read_left_out
from music.grammar.lengths import read_duration
from music.grammar.metres import read_metre
from music.grammar.rests import read_rests
from music.grammar.script import GONE, Script
from music.grammar.sections import read_sections
from music.grammar.tempos import FASTEST, SLOWEST, read_tempos

__all__ = ["FASTEST", "SLOWEST", "Facts", "KeyWish", "TempoWish", "read_facts"]


def read_facts(text: str) -> Facts:
    """The explicit facts of `text`. Raises `InvalidValue` naming an impossible tempo, key, metre, section or duration.

    What wins where a prompt says two things is said first; the contradiction is in `conflicts`.
    """
    script, facts = Script(short_chords(text)), Facts()
    read_rests(script, facts)
    read_left_out(script, facts)
    # In this order, because the later readers would take parts of what the earlier ones mean: a chord list names
    # sections, a key change names a key, a section its bars.
    for reader in (
        read_chords,
        read_key_changes,
        read_tempos,
        read_sections,
        read_duration,
        read_metre,
        read_key,
        read_feel,
    ):
        reader(script, facts)
    facts.rest = script.text.replace(GONE, " ")
    return facts
