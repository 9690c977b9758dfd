"""The genre of a prompt: named, near a name, made from parts of an unknown name, or told by instruments or mood."""

import numpy as np

from music.genres import GENRES, Genre, genre
from music.lexicon import GENRE_ENDINGS, GENRE_OF_INSTRUMENT, MOOD_WORDS, THEMES
from music.matching import Found, lexicon, normal, words_of
from music.reading import Reading

MOST = 3
"""Genres that a song is given at most; the first decides."""

# Words that name a genre only where nothing else does.
_WEAK_WORDS = (
    "dance film movie score epic acid minimal liquid acoustic alternative indie electronic electro festival lounge"
    " chant fantasy rave surf parade western latin classical psychedelic orchestral orchestra ballad ballade balada"
    " hymn pop noir pirate tavern study studying horror banger funky jazzy"
)
_WEAK = frozenset(_WEAK_WORDS.split())
_SLOW = frozenset({"ballad", "ballade", "balada", "ballata"})
# Ordinary words that end as genres do.
_ORDINARY = (
    "encore score bishop workshop upbeat heartbeat downbeat offbeat backbeat drumbeat warehouse lighthouse farmhouse"
    " treehouse microwave heatwave shockwave soundwave footstep doorstep lollipop bedrock shamrock airwave deadbeat"
)
_NO_GENRE = frozenset(_ORDINARY.split())
_MOOD_POOL = (
    "pop", "folk", "soul", "lo_fi", "ambient", "cinematic", "synthwave", "rock", "jazz_ballad", "house", "funk",
)  # fmt: skip


def decide_genre(reading: Reading) -> Genre:
    """Settle the genres; the first is the one whose table row is used."""
    given = reading.given.get("musical.genre")
    if given:
        known = [g for g in (given if isinstance(given, list) else [given]) if g in GENRES]
        if known:
            reading.decide("musical.genre", known, "person", "set by the person")
            return genre(known[0])
    ids, reason, sure = _named(reading)
    guessed, told = _unknown(reading)
    if ids or guessed:
        chosen = list(dict.fromkeys([*ids, *guessed]))[:MOST]
        text = "; ".join(part for part in (reason, *told) if part)
        reading.decide("musical.genre", chosen, "prompt", text, (0.8 if told else sure) if ids else 0.5)
        return genre(chosen[0])
    return _suggested(reading)


def _named(reading: Reading) -> tuple[list[str], str, float | None]:
    """Genres in the prompt's own words, longer names first."""
    said = reading.said("genre")
    strong = [item for item in said if item[1].phrase not in _WEAK]
    ranked = sorted(strong or said, key=lambda item: (-item[1].words, not item[1].exact, item[1].at))
    if strong:
        ranked += [item for item in said if item[1].phrase in _SLOW]
    phrases = list(dict.fromkeys(_shown(f) for _, f in ranked))
    sure = None if all(f.exact for _, f in ranked) else 0.8
    reason = f'the prompt says "{", ".join(phrases)}"' if phrases else ""
    return list(dict.fromkeys(value for value, _ in ranked)), reason, sure


def _shown(found: Found) -> str:
    return found.phrase if found.exact else f"{found.written} (read as {found.phrase})"


def _unknown(reading: Reading) -> tuple[list[str], list[str]]:
    """Genres for names that no row has, from their parts, and what to tell about each."""
    covered = {i for f in reading.found if f.exact for i in range(f.at, f.at + f.words)}
    ids: list[str] = []
    told: list[str] = []
    for place, word in enumerate(words_of(reading.rest)[:400]):
        if place in covered or word in _NO_GENRE or word in lexicon():
            continue
        ending = next((e for e in sorted(GENRE_ENDINGS, key=len, reverse=True) if word.endswith(e)), None)
        if ending is None or len(word) - len(ending) < 3:
            continue
        parts, why = _parts(word, ending, reading)
        ids += parts
        names = " and ".join(GENRES[g].name for g in parts)
        told.append(f'"{word}" is not in the genre table; {why}, so it was read as {names}')
    return list(dict.fromkeys(ids)), told[:3]


def _parts(word: str, ending: str, reading: Reading) -> tuple[list[str], str]:
    """What the parts of an unknown genre's name suggest, and why."""
    stem = word[: len(word) - len(ending)].rstrip("-")
    meanings = lexicon().get(stem, ())
    named = [value for category, value in meanings if category == "genre"]
    theme = next((t for t in sorted(THEMES, key=len, reverse=True) if stem.startswith(t)), None)
    if named:
        return [named[0]], f'its part "{stem}" is'
    if theme is not None:
        genre_id, mood = THEMES[theme]
        reading.themes.append((theme, mood))
        return [genre_id], f'"{theme}" suggests {mood} music'
    moods = [value for category, value in meanings if category == "mood"]
    if moods:
        reading.themes.append((stem, moods[0]))
    return [GENRE_ENDINGS[ending]], f'the ending "-{ending}" is known'


def _suggested(reading: Reading) -> Genre:
    """With no genre named: by the instruments, a theme, the mood, else pop."""
    votes = [GENRE_OF_INSTRUMENT[i] for i, _ in reading.said("instrument") if i in GENRE_OF_INSTRUMENT]
    if votes:
        best = max(dict.fromkeys(votes), key=votes.count)
        reading.decide("musical.genre", [best], "instrument", f"the instruments suggest {genre(best).name}", 0.6)
        return genre(best)
    theme = next((t for w in words_of(reading.rest)[:400] if (t := _theme(w)) is not None), None)
    if theme is not None:
        best, mood = THEMES[theme]
        reading.themes.append((theme, mood))
        reading.decide("musical.genre", [best], "mood", f'"{theme}" suggests {genre(best).name}', 0.55)
        return genre(best)
    moods = [MOOD_WORDS[m] for m, _ in reading.said("mood")]
    if not moods:
        reading.decide("musical.genre", ["pop"], "default", "no genre is named; pop is the default", 0.35)
        return genre("pop")
    valence, arousal = np.mean(moods, axis=0)
    near = sorted(_MOOD_POOL, key=lambda g: (GENRES[g].valence - valence) ** 2 + (GENRES[g].arousal - arousal) ** 2)
    pick = str(reading.rng("genre").choice(near[:3]))
    reading.decide("musical.genre", [pick], "mood", f"the mood suggests {GENRES[pick].name}", 0.5)
    return genre(pick)


def _theme(word: str) -> str | None:
    plain = normal(word)
    return next((w for w in (plain, plain.removesuffix("s"), plain.removesuffix("es")) if w in THEMES), None)
