"""Languages other than English that prompts may be written in, a table each."""

from music.tongues.french import FRENCH
from music.tongues.german import GERMAN
from music.tongues.italian import ITALIAN
from music.tongues.portuguese import PORTUGUESE
from music.tongues.spanish import SPANISH
from music.tongues.tongue import Tongue, fold

TONGUES: tuple[Tongue, ...] = (SPANISH, GERMAN, FRENCH, ITALIAN, PORTUGUESE)

__all__ = ["TONGUES", "Tongue", "fold"]
