"""A prompt while it is read: what one reader has understood is taken out, so that no other reads it again."""

import re
from itertools import islice

from music.numberwords import in_digits

MOST = 24
"""A prompt repeats a kind of fact no more often than that; further places are left to the lexicon."""
GONE = "\x00"
"""Stands for every letter taken out; no pattern reaches over it."""


class Script:
    """The text with number words as digits, as written (`text`) and in small letters (`low`), letter for letter."""

    def __init__(self, text: str) -> None:
        self.text = in_digits(text.replace("’", "'").replace("‘", "'"))
        self.low = "".join(c if len(c.lower()) != 1 else c.lower() for c in self.text)

    def matches(self, pattern: re.Pattern[str], *, written: bool = False) -> list[re.Match[str]]:
        """The first places where `pattern` stands, in small letters or as `written`."""
        return list(islice(pattern.finditer(self.text if written else self.low), MOST))

    def take(self, start: int, end: int) -> str:
        """Take out the letters from `start` to `end` and give them back as a quotation."""
        quote = self.text[start:end].strip(" ,.;:|-–—\n\t")
        gone = GONE * (end - start)
        self.text = self.text[:start] + gone + self.text[end:]
        self.low = self.low[:start] + gone + self.low[end:]
        return quote
