"""Answers as a good model would give them; tests spoil them."""

import copy
from typing import Any

WHY = [{"field": "key", "value": "D minor", "text": "it is night"}]


def brief(**changes: Any) -> dict[str, Any]:
    document = {
        "title": "Night Ferry", "summary": "A slow crossing in the dark.", "genre": "dream_pop",
        "subgenres": ["ambient"], "moods": ["wistful"], "bpm": 84, "key": "D minor", "time_signature": "4/4",
        "duration_seconds": 150, "instrumental": True, "language": None, "vocal": None,
        "instruments": ["rhodes", "cello", "brush_kit", "upright_bass"],
        "style_prompt": "warm, hazy dream pop with tape hiss", "negative_styles": ["metal"],
        "sections": [
            {"name": name, "duration_seconds": seconds, "styles": [], "lyrics": []}
            for name, seconds in (("intro", 12), ("verse", 30), ("pre-chorus", 12), ("chorus", 24), ("outro", 20))
        ],
        "reasoning": [
            {"field": "bpm", "value": "84", "text": "a ferry is slow"},
            {"field": "vocal", "value": "none", "text": "the sea sings"},
        ],
    }  # fmt: skip
    return {**copy.deepcopy(document), **changes}


def chords(**kinds: list[list[str]]) -> dict[str, Any]:
    usual = {
        "intro": [["Fm"], ["Db"], ["Ab"], ["Eb"]],
        "verse": [["Fm"], ["Db"], ["Ab"], ["Eb"], ["Fm"], ["Db"], ["Bbm7", "C7"], ["Fm"]],
        "prechorus": [["Bbm7"], ["Eb7"], ["Abmaj7"], ["C7"]],
        "chorus": [["Db"], ["Eb"], ["Fm"], ["Fm/Ab"], ["Db"], ["Eb"], ["C7"], ["Fm"]],
        "bridge": [["Gb"], ["Db"], ["Ebm"], ["C7"]],
        "outro": [["Fm"], ["Db"], ["C7"], ["Fm"]],
    }
    return {
        "sections": [{"kind": kind, "bars": bars} for kind, bars in {**usual, **kinds}.items()],
        "reasoning": copy.deepcopy(WHY),
    }


def line(kind: str, notes: list[tuple[int, float, float]]) -> dict[str, Any]:
    return {"kind": kind, "notes": [{"pitch": p, "start": s, "length": n} for p, s, n in notes]}


def lines(*written: dict[str, Any]) -> dict[str, Any]:
    return {"sections": list(written), "reasoning": copy.deepcopy(WHY)}
