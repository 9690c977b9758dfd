"""Chord progressions by harmonic language, mode and function, in Roman numerals.

One bar between bars; chords in a bar share it equally. Degrees are those of the major scale on the tonic, so
the chords of the minor mode are i, bIII, iv, bVI, bVII. `statement` opens a section, `cadence` closes it.
"""

# ruff: noqa: E501 - a row of a table stays on one line

Slots = dict[str, tuple[str, ...]]

LANGUAGES: dict[str, dict[str, Slots]] = {
    "pop": {
        "major": {
            "verse": ("I | V/7 | vi | IV", "I | vi | IV | V", "I | iii | IV | V", "I | IV | vi | V",
                      "I | ii | IV | I", "I | I/3 | IV | V"),
            "chorus": ("I | V | vi | IV", "I | IV | vi | V", "IV | I | V | vi", "I | V/7 | IV | iv",
                       "IV | V | vi | I"),
            "bridge": ("vi | IV | I | V", "ii | vi | IV | V", "IV | iv | I | V", "vi | iii | IV | V"),
        },
        "minor": {
            "verse": ("i | bVI | bIII | bVII", "i | bVII | bVI | bVII", "i | iv | bVI | bVII", "i | bIII | bVII | iv"),
            "chorus": ("i | bVI | bIII | bVII", "bVI | bVII | i | bIII", "i | bIII | bVI | bVII", "i | bVII | iv | bVI"),
            "bridge": ("bVI | bIII | bVII | iv", "iv | bVI | bIII | V", "bVI | iv | i | V"),
        },
    },
    "rock": {
        "major": {
            "verse": ("I | bVII | IV | I", "I | IV | I | V", "I | vi | IV | V", "I | I | bVII | IV"),
            "chorus": ("I | V | vi | IV", "I | IV | V | IV", "I | bVII | IV | I", "I | V | IV | V"),
            "bridge": ("vi | V | IV | V", "IV | I | IV | V", "bVI | bVII | IV | V"),
        },
        "minor": {
            "verse": ("i | bVII | bVI | bVII", "i | i | bIII | iv", "i | bVI | bVII | i"),
            "chorus": ("i | bIII | bVII | iv", "i | bVI | bIII | bVII", "i | bVII | bVI | V"),
            "bridge": ("bVI | bVII | i | i", "iv | bVI | bVII | V", "bIII | bVII | iv | V"),
        },
    },
    "folk": {
        "major": {
            "verse": ("I | IV | I | V", "I | I | IV | V", "I | vi | IV | I", "I | V/7 | vi | IV", "I | IV | I/3 | V"),
            "chorus": ("IV | I | V | I", "I | IV | I | V", "IV | V | I | vi", "I | V | IV | I"),
            "bridge": ("vi | IV | I | V", "ii | IV | I | V", "IV | IV | I | V"),
        },
        "minor": {
            "verse": ("i | bVII | i | v", "i | bIII | bVII | i", "i | iv | i | bVII"),
            "chorus": ("bIII | bVII | i | i", "i | bVI | bVII | i", "iv | bVII | bIII | i"),
            "bridge": ("bVI | bIII | bVII | v", "iv | i | bVI | V"),
        },
    },
    "blues": {
        "major": {
            "verse": ("I7 | I7 | I7 | I7 | IV7 | IV7 | I7 | I7 | V7 | IV7 | I7 | V7",
                      "I7 | IV7 | I7 | I7 | IV7 | IV7 | I7 | VI7 | ii7 | V7 | I7 | V7"),
            "chorus": ("I7 | IV7 | I7 | I7 | IV7 | #ivdim7 | I7 | VI7 | ii7 | V7 | I7 VI7 | ii7 V7",
                       "I7 | I7 | I7 | I7 | IV7 | IV7 | I7 | I7 | V7 | IV7 | I7 | V7"),
            "bridge": ("IV7 | IV7 | I7 | I7 | II7 | II7 | V7 | V7", "IV7 | #ivdim7 | I7 | VI7 | II7 | V7 | I7 | V7"),
        },
        "minor": {
            "verse": ("i7 | i7 | i7 | i7 | iv7 | iv7 | i7 | i7 | bVI7 | V7 | i7 | V7",
                      "i7 | iv7 | i7 | i7 | iv7 | iv7 | i7 | i7 | v7 | iv7 | i7 | V7"),
            "chorus": ("i7 | iv7 | i7 | i7 | iv7 | iv7 | i7 | i7 | bVI7 | V7 | i7 bVI7 | V7",),
            "bridge": ("iv7 | iv7 | i7 | i7 | bVI7 | bVI7 | V7 | V7",),
        },
    },
    "jazz": {
        "major": {
            "verse": ("I | vi | ii | V", "I VI7 | ii V | iii VI7 | ii V", "ii | V | I | VI7", "I | #idim7 | ii | V",
                      "I | II7 | ii | V"),
            "chorus": ("ii | V | I | VI7", "I | IV bVII7 | iii VI7 | ii V", "IV | iv bVII7 | I VI7 | ii V"),
            "bridge": ("III7 | VI7 | II7 | V7", "iv7 | bVII7 | I | VI7", "v7 | I7 | IV | IV", "iii | VI7 | ii | V"),
        },
        "minor": {
            "verse": ("i | iim7b5 V7 | i | iim7b5 V7", "i | iv7 | iim7b5 | V7", "i | bVI7 | V7 | i",
                      "iv7 | bVII7 | bIIImaj7 | bVImaj7"),
            "chorus": ("iim7b5 | V7 | i | i", "iv7 | bVII7 | bIIImaj7 | bVImaj7", "i i/b7 | bVI7 V7 | i | V7"),
            "bridge": ("iv7 | iv7 | i | i", "iv7 bVII7 | bIIImaj7 | iim7b5 | V7", "v7 I7 | iv7 | II7 | V7"),
        },
    },
    "soul": {
        "major": {
            "verse": ("I | iii | IV | V", "I | vi | ii | V", "IV | iii | ii | I", "I | III7 | vi | IV",
                      "I | I7 | IV | iv"),
            "chorus": ("IV | V | iii | vi", "I | vi | ii | V", "IV | iii | vi | I", "ii | V | I | vi"),
            "bridge": ("ii | iii | IV | V", "vi | II7 | ii | V", "IV | iv | iii VI7 | ii V"),
        },
        "minor": {
            "verse": ("i | iv | i | v", "i | bVImaj7 | bIIImaj7 | v", "i | iv | bVII | bIIImaj7"),
            "chorus": ("bVImaj7 | v | i | i", "iv | v | i | bVImaj7", "i | bVII | bVImaj7 | V7", "iv | bVII | bIIImaj7 | i"),
            "bridge": ("bVImaj7 | bVII | i | i", "iv | v | bVImaj7 | V7"),
        },
    },
    "funk": {
        "major": {
            "verse": ("I9 | I9 | I9 | IV9", "I7 | bVII | I7 | IV7"),
            "chorus": ("IV9 | IV9 | I9 | I9", "bVII | IV | I7 | I7"),
            "bridge": ("ii7 | IV9 | ii7 | V9sus4", "bVI | bVII | I7 | V7"),
        },
        "minor": {
            "verse": ("i7 | i7 | i7 | IV7", "i9 | IV9 | i9 | IV9", "i7 | bVII | i7 | iv7"),
            "chorus": ("i9 | IV9 | bVII | i9", "bVI | bVII | i7 | i7", "i7 | bIII | IV7 | i7"),
            "bridge": ("iv7 | v7 | iv7 | V7", "bVImaj7 | v7 | iv7 | V7"),
        },
    },
    "hip_hop": {
        "major": {
            "verse": ("IVmaj7 | iii | ii | Imaj7", "I | vi | ii | V", "I | iii | IV | iv", "ii | V | I | vi"),
            "chorus": ("I | iii | vi | IV", "IVmaj7 | V | iii | vi", "I | vi | IV | iv"),
            "bridge": ("IV | iv | I | VI7", "vi | iii | ii | V"),
        },
        "minor": {
            "verse": ("i | iv | bVI | v", "i | bVI | iv | v", "i | bVI | bIII | V", "i | iv | i | V",
                      "i | bIII | iv | bVI"),
            "chorus": ("i | bVI | iv | V", "bVI | v | i | i", "i | bVI | bIII | bVII", "i | iv | bVII | bIII"),
            "bridge": ("iv | v | bVI | V", "bVI | bIII | iv | V", "iv | bVI | i | V"),
        },
    },
    "house": {
        "major": {
            "verse": ("I | vi | IV | V", "I | iii | vi | IV", "ii | vi | I | V"),
            "chorus": ("IV | V | vi | I", "I | V | vi | IV"),
            "bridge": ("vi | IV | ii | V", "IV | iii | ii | V"),
        },
        "minor": {
            "verse": ("i | iv | bVI | v", "i | bVII | iv | bVI", "i | i | bVI | bVII", "i | bIII | iv | v"),
            "chorus": ("i | bVI | bIII | bVII", "bVI | bVII | i | v", "i | iv | bVI | bVII"),
            "bridge": ("bVI | bVI | bVII | v", "iv | bVI | bIII | bVII"),
        },
    },
    "techno": {
        "major": {
            "verse": ("I | I | I | bVII",), "chorus": ("I | I | bVII | I",), "bridge": ("IV | IV | bVII | bVII",),
        },
        "minor": {
            "verse": ("i | i | i | bII", "i | i | i | bVII", "i | i | iv | i"),
            "chorus": ("i | i | bVI | bVII", "i | bII | i | bVII", "i | i | bIII | bII"),
            "bridge": ("bVI | bVI | bVII | bVII", "iv | iv | bVI | bVII"),
        },
    },
    "trance": {
        "major": {
            "verse": ("I | V | vi | IV", "I | IV | vi | V"), "chorus": ("vi | IV | I | V", "IV | V | vi | I"),
            "bridge": ("IV | vi | ii | V",),
        },
        "minor": {
            "verse": ("i | bVI | bIII | bVII", "i | bVII | bVI | bVII", "i | iv | bVI | bVII"),
            "chorus": ("bVI | bVII | i | i", "i | bVI | bIII | bVII", "bVI | bIII | bVII | i", "i | bIII | bVI | V"),
            "bridge": ("bVI | iv | bIII | bVII", "iv | bVI | bVII | V"),
        },
    },
    "synthwave": {
        "major": {
            "verse": ("I | vi | IV | V", "I | bVII | IV | I"), "chorus": ("IV | V | vi | I", "I | V | vi | IV"),
            "bridge": ("vi | IV | bVII | V",),
        },
        "minor": {
            "verse": ("i | bVI | bVII | i", "i | bVII | bVI | bVI", "i | bVI | bIII | bVII"),
            "chorus": ("bVI | bVII | i | bIII", "i | bIII | bVII | IV", "bVI | bIII | bVII | i"),
            "bridge": ("iv | bVI | bVII | V", "bVI | iv | bVII | v"),
        },
    },
    "modal": {
        "major": {
            "verse": ("I | I | IV | IV", "I | II | I | II", "I | vi | IV | I", "I | v | IV | I"),
            "chorus": ("IV | I | vi | I", "I | iii | IV | I", "I | bVII | IV | I"),
            "bridge": ("vi | iii | IV | IV", "ii | IV | I | V", "bVI | bIII | IV | I"),
        },
        "minor": {
            "verse": ("i | bVI | i | bVII", "i | i | IV | IV", "i | bVII | bVI | i"),
            "chorus": ("bVI | bIII | i | i", "i | v | bVI | i", "i | bIII | IV | i"),
            "bridge": ("bVI | bIII | iv | iv", "iv | bVI | bIII | v"),
        },
    },
    "cinematic": {
        "major": {
            "verse": ("I | vi | IV | I", "I | V/7 | vi | IV", "I | iii | IV | V"),
            "chorus": ("I | bVI | bIII | bVII", "I | V | vi | IV", "IV | I | V | vi"),
            "bridge": ("vi | iii | IV | V", "bVI | bVII | I | V", "iv | I | bVI | V"),
        },
        "minor": {
            "verse": ("i | bVI | iv | V", "i | bVI | bIII | bVII", "i | v | bVI | iv", "i | i | bVI | bVI"),
            "chorus": ("bVI | bVII | i | i", "i | bVI | bIII | bVII", "i | bIII | bVII | iv", "i | iv | bVI | V"),
            "bridge": ("bVI | biii | i | V", "iv | bII | i | V", "bVI | iv | bII | V"),
        },
    },
    "classical": {
        "major": {
            "verse": ("I | V7/7 | I | V", "I | ii/4 | V7 | I", "I | IV | I/5 V7 | I", "I | vi | ii/4 | V"),
            "chorus": ("I | IV | V7 | I", "I V/7 | vi | ii/4 V7 | I", "vi | ii | V7 | I"),
            "bridge": ("V | I/3 | II7 | V", "vi | III7 | vi | V7", "IV | I | II7 | V7", "iv | I | II7 | V7"),
        },
        "minor": {
            "verse": ("i | V7/7 | i | V", "i | iv | i | V7", "i | bVI | iidim/4 | V", "i | V7 | i | iv"),
            "chorus": ("i | iv | V7 | i", "bVI | bIII | iidim/4 V7 | i", "i | bVI | iv V7 | i"),
            "bridge": ("bIII | bVII | bVI | V", "iv | bVII | bIII | V7", "bVI | bII/4 | V7 | V7"),
        },
    },
    "reggae": {
        "major": {
            "verse": ("I | V | vi | IV", "I | I | IV | V", "I | ii | I | ii", "I | vi | IV | V"),
            "chorus": ("I | IV | I | V", "IV | I | V | I", "I | V | ii | IV"), "bridge": ("vi | V | IV | V", "ii | IV | I | V"),
        },
        "minor": {
            "verse": ("i | iv | i | v", "i | bVII | i | bVII", "i | bVI | bVII | i"),
            "chorus": ("i | bVII | bVI | v", "iv | bVII | i | i"), "bridge": ("bVI | bVII | i | v", "iv | i | iv | V"),
        },
    },
    "latin": {
        "major": {
            "verse": ("I | IV | V | IV", "I | VI7 | ii | V7", "I | V7 | V7 | I"),
            "chorus": ("I | IV | V7 | I", "ii | V7 | I | VI7"), "bridge": ("IV | iii | ii | V7", "iv | I | II7 | V7"),
        },
        "minor": {
            "verse": ("i | iv | V7 | i", "i | V7 | V7 | i", "i | bVII | bVI | V7"),
            "chorus": ("i | iv | V7 | V7", "iv | i | V7 | i", "i | bVII | bVI | V7"), "bridge": ("iv | i | bVI | V7", "bIII | bVII | iv | V7"),
        },
    },
    "metal": {
        "major": {
            "verse": ("I | bVII | bVI | bVII", "I | IV | bVII | I"), "chorus": ("I | V | bVI | bVII",),
            "bridge": ("bVI | bVII | IV | V",),
        },
        "minor": {
            "verse": ("i | i | bVI | bVII", "i | bII | i | bII", "i | i | bII | bVII", "i | bIII | bII | i"),
            "chorus": ("i | bVI | bIII | bVII", "bVI | bVII | i | i", "i | bVI | iv | V"), "bridge": ("bVI | bII | i | V", "iv | bVI | bII | V"),
        },
    },
    "gospel": {
        "major": {
            "verse": ("I | I7 | IV | I", "I | III7 | vi | IV", "I | vi | ii | V", "I/3 | IV | I/5 | V", "I | IV | I | V"),
            "chorus": ("IV #ivdim7 | I/5 VI7 | ii V | I", "IV V | I | vi | ii V", "I I7/3 | IV | I/5 V | I",
                       "IV | I/3 | ii V | I", "I | IV V | I/3 IV | V I"),
            "bridge": ("vi | III7 | IV | V", "IV | I/3 | ii | V", "vi | ii | IV | V"),
        },
        "minor": {
            "verse": ("i | iv | V7 | i", "i | bVI | iv | V7"), "chorus": ("iv | i | V7 | i", "bVI | bVII | i | V7"),
            "bridge": ("bVI | bIII | iv | V7",),
        },
    },
    "chip": {
        "major": {
            "verse": ("I | V/7 | vi | IV", "I | bVII | IV | I", "I | vi | IV | V"),
            "chorus": ("IV | V | iii | vi", "I | IV | V | I", "bVI | bVII | I | I"), "bridge": ("vi | iii | IV | V", "bVI | bIII | bVII | V"),
        },
        "minor": {
            "verse": ("i | bVII | bVI | V", "i | bVI | bVII | i", "i | iv | bVII | bIII"),
            "chorus": ("bVI | bVII | i | bIII", "i | bVI | bIII | bVII"), "bridge": ("bVI | bVII | V | V", "iv | bVII | bIII | V"),
        },
    },
}  # fmt: skip

# Mode -> (a chord of the plain mode, what the mode colours it to).
MODE_COLOURS: dict[str, dict[str, str]] = {
    "dorian": {"iv": "IV", "iv7": "IV7", "bVI": "IV", "bVImaj7": "IV7", "bVI7": "IV7", "iim7b5": "ii7", "iidim": "ii"},
    "phrygian": {"V": "bII", "V7": "bII", "v": "bII", "iv": "iv", "ii": "bII", "iim7b5": "bIImaj7", "iidim": "bII"},
    "lydian": {"IV": "II", "IVmaj7": "II", "ii": "II", "iv": "II", "bVII": "II"},
    "mixolydian": {"V": "bVII", "V7": "v7", "V/7": "v", "iii": "ii", "V7/7": "v7"},
    "harmonic_minor": {"v": "V", "v7": "V7", "bVII": "V", "bIII": "bIII"},
    "melodic_minor": {"iv": "IV", "v": "V", "v7": "V7", "iv7": "IV7", "bVI": "IV"},
    "phrygian_dominant": {"i": "I", "V": "bII", "V7": "bII", "v": "bII"},
    "locrian": {"V": "bII", "v": "bII"},
}  # fmt: skip

# Last bars of a section by language: authentic (closed) and half (open) cadences.
CADENCES: dict[str, dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "major": {
        "plain": (("V | I", "IV V | I", "IV | I"), ("IV | V", "ii | V")),
        "loop": (("V | I", "IV | I"), ("IV | V", "vi | V")),
        "jazz": (("ii V | I", "ii V7 | I"), ("vi II7 | ii V", "iii VI7 | ii V")),
        "rock": (("bVII IV | I", "V | I", "IV | I"), ("IV | V", "bVII | IV")),
        "classical": (("ii/4 V7 | I", "I/5 V7 | I"), ("II7 | V", "IV | V")),
    },
    "minor": {
        "plain": (("bVI bVII | i", "iv | i", "V | i"), ("bVI | bVII", "iv | V", "bVI | V")),
        "loop": (("v | i", "bVII | i", "iv | i"), ("iv | v", "bVI | V")),
        "jazz": (("iim7b5 V7 | i", "bVI7 V7 | i"), ("i | iim7b5 V7", "bVI7 | V7")),
        "rock": (("bVI bVII | i", "bVII | i"), ("bVI | bVII", "iv | bVII")),
        "classical": (("iidim/4 V7 | i", "iv V7 | i"), ("iv | V", "bVI | V7")),
    },
}  # fmt: skip

CADENCE_STYLE: dict[str, str] = {
    "rock": "rock", "metal": "rock", "jazz": "jazz", "blues": "jazz", "gospel": "jazz", "classical": "classical",
    "latin": "classical", "hip_hop": "loop", "house": "loop", "techno": "loop", "funk": "loop", "modal": "loop",
}  # fmt: skip
