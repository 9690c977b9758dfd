"""A studio of twelve providers as the router's tests see it: what each can do is written here, not in adapters."""

from decimal import Decimal

from domain.providers import Candidate, Capabilities, Price, Task

NOTES = frozenset({Task.MUSIC_THEORY, Task.MELODY, Task.BASS, Task.RHYTHM, Task.STRUCTURE})
WORDS = NOTES | {Task.LYRICS, Task.ENHANCEMENT}
SONGS = frozenset({Task.FULL_SONG, Task.INSTRUMENTAL, Task.VOCALS})
SUNG = {"vocals": True, "lyrics": True}


def _able(name, tasks, usd, quality, speed, **more):
    given = {"title": name.replace("_", " ").title(), "commercial": "plan", "price": Price(usd=Decimal(usd)), **more}
    return Capabilities(name=name, tasks=frozenset(tasks), quality=quality, speed=speed, **given)


ABLE = {
    able.name: able
    for able in (
        _able(
            "suno", SONGS | {Task.STEMS, Task.SECTION_EDIT, Task.TRANSFORMATION}, "0.10", 0.9, 0.6,
            **SUNG, official=False, longest_s=360, shortest_s=10, formats=("mp3", "wav"), reference_audio=True,
            commercial="unknown",
        ),
        _able(
            "udio", SONGS, "0.05", 0.85, 0.6, **SUNG, official=False, longest_s=240, formats=("mp3",),
            commercial="unknown",
        ),
        _able(
            "elevenlabs", SONGS | {Task.STEMS, Task.SECTION_EDIT}, "0.80", 0.85, 0.8,
            **SUNG, longest_s=600, shortest_s=3, formats=("mp3", "wav"), reference_audio=True,
        ),
        _able("mureka", SONGS | {Task.STEMS}, "0.04", 0.75, 0.6, **SUNG, longest_s=300, formats=("mp3", "flac")),
        _able(
            "ace_step", SONGS | {Task.SECTION_EDIT, Task.TRANSFORMATION}, "0", 0.6, 0.5,
            **SUNG, longest_s=600, shortest_s=10, formats=("mp3", "wav"), reference_audio=True, commercial="yes",
        ),
        _able(
            "musicgen", {Task.INSTRUMENTAL}, "0.08", 0.6, 0.5, longest_s=30, formats=("wav",), reference_audio=True,
            commercial="no",
        ),
        _able("musicgen_local", {Task.INSTRUMENTAL}, "0", 0.55, 0.2, longest_s=30, formats=("wav",), commercial="no"),
        _able(
            "stable_audio", {Task.INSTRUMENTAL, Task.TRANSFORMATION}, "0.26", 0.7, 0.8,
            longest_s=380, formats=("wav", "mp3"), reference_audio=True,
        ),
        _able("openai", WORDS, "0.02", 0.85, 0.8, commercial="yes"),
        _able("anthropic", WORDS, "0.03", 0.9, 0.7, commercial="yes"),
        _able("local_llm", WORDS, "0", 0.5, 0.4, commercial="unknown"),
        _able(
            "builtin", NOTES | {Task.INSTRUMENTAL, Task.FULL_SONG, Task.ENHANCEMENT, Task.ANALYSIS}, "0", 0.6, 0.9,
            title="Sostenuto", longest_s=900, shortest_s=20, formats=("wav", "flac", "mp3"), commercial="yes",
        ),
    )
}  # fmt: skip


def candidate(name, **changes):
    able = ABLE[name]
    return Candidate(**{"capabilities": able, "quote_usd": able.price.usd, **changes})


def studio(absent=(), **changes):
    """All of them, configured; `absent` have no key, `changes` are fields of single ones."""
    missing = {name: {"configured": False, "missing": "no key is set"} for name in absent}
    return [candidate(name, **missing.get(name, {}), **changes.get(name, {})) for name in ABLE]
