"""What a prompt says that does not go together, in words for the person."""

from music.band import left_out
from music.instruments import INSTRUMENTS
from music.lexicon import ITALIAN_TEMPO, MOOD_WORDS, TEMPO_SHIFT
from music.matching import words_of
from music.reading import Reading


def find_contradictions(reading: Reading) -> None:
    """Add every contradiction between the words of the prompt, with what was taken."""
    reading.contradictions.extend(reading.facts.conflicts)
    _tempo_contradictions(reading)
    facts = reading.facts
    in_three = facts.metre in {None, "3/4", "6/8", "9/8", "12/8", "3/8"}
    if not in_three and any(v == "waltz" for v, _ in reading.said("genre")):
        reading.contradictions.append(f"a waltz is in three, the prompt says {facts.metre}; {facts.metre} was taken")
    _mood_contradictions(reading)
    wanted = {v for v, _ in reading.said("instrument")}
    both = wanted & left_out(reading)
    reading.contradictions.extend(
        f"{INSTRUMENTS[i].name} is asked for and left out; it was left out" for i in sorted(both)
    )


def _tempo_contradictions(reading: Reading) -> None:
    tempo = reading.facts.tempo
    shifts = [(w, TEMPO_SHIFT[w]) for w, _ in reading.said("tempo")]
    if tempo is None:
        if any(s < -0.3 for _, s in shifts) and any(s > 0.3 for _, s in shifts):
            reading.contradictions.append("the prompt asks for slow and fast; a tempo between them was taken")
        return
    clashing = [w for w, shift in shifts if (shift < -0.3 and tempo >= 132) or (shift > 0.3 and tempo <= 76)]
    for word in dict.fromkeys(w for w in words_of(reading.rest) if w in ITALIAN_TEMPO):
        low, high = ITALIAN_TEMPO[word]
        if not 0.7 * low <= tempo <= 1.4 * high:
            clashing.append(word)
    reading.contradictions.extend(
        f'"{word}" and {tempo:g} bpm contradict each other; the number was taken' for word in clashing
    )


def _mood_contradictions(reading: Reading) -> None:
    moods = [(m, MOOD_WORDS[m]) for m, _ in reading.said("mood")]
    if len(moods) < 2:
        return
    low = min(moods, key=lambda m: m[1][0])
    high = max(moods, key=lambda m: m[1][0])
    if high[1][0] - low[1][0] > 0.6:
        reading.contradictions.append(f'"{high[0]}" and "{low[0]}" pull apart; the music stands between them')
    calm = min(moods, key=lambda m: m[1][1])
    wild = max(moods, key=lambda m: m[1][1])
    if wild[1][1] - calm[1][1] > 0.7:
        reading.contradictions.append(f'"{wild[0]}" and "{calm[0]}" pull apart; the energy stands between them')
