"""What a language's table holds: how its speakers write keys, and their words for what this composer knows in English.

Tables are read without regard to case and accents. A row is `word, word: English`; the English side is what the
grammar and the lexicon of this package understand.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product


def fold(text: str) -> str:
    """`text` in small letters without accents, letter for letter, so that places stay the same."""
    return text.lower() if text.isascii() else "".join(_plain(letter) for letter in text)


def _plain(letter: str) -> str:
    base = unicodedata.normalize("NFKD", letter)[:1].lower()
    return base if len(base) == 1 else letter


def pairs(table: str) -> dict[str, str]:
    """The rows of a table: every folded word with its English."""
    out: dict[str, str] = {}
    for row in table.strip().splitlines():
        words, _, english = row.rpartition(":")
        for word in words.split(","):
            out[fold(word.strip())] = english.strip()
    return out


@dataclass(frozen=True)
class Tongue:
    """One language.

    `marks` are little words that give the language away and that English does not have. `notes`, `accidentals` and
    `modes` make up the names of keys. `tables` hold the words by subject. `endings` are (ending, base form's ending)
    by which words bend. With `compounds` words are written together.
    """

    name: str
    marks: str
    notes: str
    accidentals: str
    modes: str
    tables: Mapping[str, str]
    endings: tuple[tuple[str, str], ...] = ()
    compounds: bool = False

    @cached_property
    def note_names(self) -> dict[str, str]:
        """Folded note name -> English letter, accidentals included where the language writes them into the word."""
        return pairs(self.notes)

    @cached_property
    def accidental_names(self) -> dict[str, str]:
        """Folded word -> # or b."""
        return pairs(self.accidentals)

    @cached_property
    def mode_names(self) -> dict[str, str]:
        """Folded word -> English name of the mode."""
        return pairs(self.modes)

    @cached_property
    def words(self) -> dict[str, str]:
        """Every folded word or phrase with its English."""
        return {word: english for table in self.tables.values() for word, english in pairs(table).items()}

    @cached_property
    def mark_words(self) -> frozenset[str]:
        """The little words, folded."""
        return frozenset(fold(self.marks).split())

    def english(self, folded: str) -> str | None:
        """The English of a folded word or phrase, also in a bent form; None for one that is not in the tables."""
        if folded in self.words:
            return self.words[folded]
        forms = [self._base_forms(word) for word in folded.split()[:4]]
        for words in product(*forms):
            found = self.words.get(" ".join(words))
            if found is not None:
                return found
        return None

    def _base_forms(self, word: str) -> list[str]:
        """The word itself and what it may be a bent form of."""
        bent = [word[: len(word) - len(end)] + base for end, base in self.endings if word.endswith(end)]
        return [word, *(form for form in bent if len(form) >= 3)][:6]
