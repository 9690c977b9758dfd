"""Drum grooves, fills and accompaniment patterns, written as a drummer would on squared paper.

Sixteen squares are one bar of 4/4 (32 are two bars). X accent, x stroke, o soft stroke, g ghost note, . nothing.
A row is (drum, lowest level, highest level, squares); level 0 is sparse, 1 a verse, 2 a chorus, 3 the peak.
"""

# ruff: noqa: E501 - a row of a table stays on one line

# General MIDI percussion notes.
KICK, RIM, SNARE, CLAP, SNARE2 = 36, 37, 38, 39, 40
LOW_TOM, MID_TOM, HIGH_TOM = 41, 47, 50
HAT, PEDAL_HAT, OPEN_HAT, RIDE, RIDE_BELL, CRASH, CRASH2, CHINA = 42, 44, 46, 51, 53, 49, 57, 52
TAMBOURINE, COWBELL, SHAKER, CLAVES, MARACAS, CABASA = 54, 56, 82, 75, 70, 69
HIGH_BONGO, LOW_BONGO, MUTE_CONGA, OPEN_CONGA, LOW_CONGA = 60, 61, 62, 63, 64
HIGH_TIMBALE, LOW_TIMBALE, GUIRO, LONG_GUIRO = 65, 66, 73, 74

# Velocities as drummers play them (Groove MIDI): backbeats 93–97, hats 82 on and 68 off the beat, ghosts under 50.
STROKES: dict[str, int] = {"X": 102, "x": 85, "o": 68, "g": 38}

SOFT_SIXTEENTH = 58
"""Velocity of a soft cymbal stroke between the eighths."""

# Squares of two bars where a drummer's left hand drops ghost notes, and the grooves in which it does.
GHOST_SQUARES = (6, 7, 9, 10, 15, 22, 23, 25, 26, 31)
GHOSTED = frozenset({"pop", "rock", "soul", "funk", "boom_bap", "rnb", "gospel", "afrobeat", "dnb", "shuffle", "disco"})

Row = tuple[int, int, int, str]

GROOVES: dict[str, tuple[Row, ...]] = {
    "none": (),
    "pop": (
        (KICK, 0, 0, "X...............X.......x......."), (KICK, 1, 3, "X.......X.x.....X.....x.X......."),
        (RIM, 0, 0, "....o.......o..."), (SNARE, 1, 3, "....X.......X..."), (CLAP, 3, 3, "....x.......x..."),
        (HAT, 0, 1, "x...o...x...o..."), (HAT, 1, 2, "x.o.x.o.x.o.x.o."), (TAMBOURINE, 3, 3, "x.o.x.o.x.o.x.o."),
        (OPEN_HAT, 3, 3, "..x...x...x...x."), (SNARE, 2, 3, ".............................g.."),
    ),
    "rock": (
        (KICK, 0, 0, "X.......x......."), (KICK, 1, 3, "X.....x.X.......X.....x.X.x....."),
        (SNARE, 1, 3, "....X.......X..."), (SNARE, 2, 3, ".........g...............g.....g"),
        (HAT, 0, 1, "X.o.x.o.X.o.x.o."), (OPEN_HAT, 2, 2, "x.o.x.o.x.o.x.o."), (RIDE, 3, 3, "X.x.X.x.X.x.X.x."),
        (CRASH, 3, 3, "x..............................."),
    ),
    "folk": (
        (LOW_BONGO, 0, 3, "x.......x......."), (HIGH_BONGO, 1, 3, "....o...........o.....o........."),
        (SHAKER, 1, 3, "o.g.x.g.o.g.x.g."), (TAMBOURINE, 2, 3, "....x.......x..."), (KICK, 2, 3, "X.......x......."),
    ),
    "train": (
        (KICK, 0, 3, "X.......X......."), (SNARE, 1, 3, "g.g.X.ggg.g.X.gg"), (SNARE, 2, 3, "..g...g...g...g."),
        (PEDAL_HAT, 0, 3, "....x.......x..."), (HAT, 0, 2, "o.o.o.o.o.o.o.o."), (RIDE, 3, 3, "x.o.x.o.x.o.x.o."),
    ),
    "shuffle": (
        (KICK, 0, 3, "X.......X......."), (KICK, 2, 3, "......o.......o."), (SNARE, 1, 3, "....X.......X..."),
        (RIM, 0, 0, "....o.......o..."), (HAT, 0, 1, "x.o.x.o.x.o.x.o."), (RIDE, 2, 3, "x.o.x.o.x.o.x.o."),
        (SNARE, 2, 3, "..g...........g."),
    ),
    "swing": (
        (KICK, 0, 3, "g...g...g...g..."), (RIDE, 0, 3, "x...X.o.x...X.o."), (PEDAL_HAT, 0, 3, "....x.......x..."),
        (SNARE, 1, 3, "..........g...........g........."), (SNARE, 2, 3, "......o...............o...o....."),
        (KICK, 2, 3, "..............o...............x."),
    ),
    "brushes": (
        (SNARE, 0, 3, "o...x...o...x..."), (SNARE, 1, 3, "..g...g...g...g."), (KICK, 0, 3, "g.......g......."),
        (PEDAL_HAT, 0, 3, "....o.......o..."), (RIDE, 2, 3, "o...o.g.o...o.g."),
    ),
    "bossa": (
        (KICK, 0, 3, "x.....o.x.....o."), (RIM, 0, 3, "x.....x.....x.......x.....x....."),
        (HAT, 0, 3, "o.g.o.g.o.g.o.g."), (SHAKER, 2, 3, "ogogogogogogogog"),
    ),
    "soul": (
        (KICK, 0, 0, "X.......x......."), (KICK, 1, 3, "X.....x.x.......X..x....x.x....."),
        (SNARE, 1, 3, "....X.......X..."), (RIM, 0, 0, "....o.......o..."), (SNARE, 1, 3, ".......g.g.....g"),
        (HAT, 0, 3, "x.o.x.o.x.o.x.o."), (TAMBOURINE, 2, 3, "....x.......x..."),
    ),
    "funk": (
        (KICK, 0, 3, "X..x......x.....X.x.......x..x.."), (SNARE, 0, 3, "....X.......X..."),
        (SNARE, 1, 3, ".......g.g.g...g"), (HAT, 0, 3, "xoxoxoxoxoxoxoxo"), (OPEN_HAT, 2, 3, "..............x."),
        (COWBELL, 3, 3, "x...x...x...x..."),
    ),
    "disco": (
        (KICK, 0, 3, "X...X...X...X..."), (SNARE, 1, 3, "....X.......X..."), (CLAP, 2, 3, "....x.......x..."),
        (HAT, 0, 3, "x.o.x.o.x.o.x.o."), (OPEN_HAT, 1, 3, "..x...x...x...x."), (TAMBOURINE, 3, 3, "oxoxoxoxoxoxoxox"),
    ),
    "boom_bap": (
        (KICK, 0, 0, "X.........x....."), (KICK, 1, 3, "X......x..x.....X.x....x..x....."),
        (SNARE, 0, 3, "....X.......X..."), (HAT, 0, 0, "x...x...x...x..."), (HAT, 1, 3, "x.o.x.o.x.o.x.o."),
        (SNARE, 2, 3, ".......g.g.....g"), (OPEN_HAT, 2, 3, "..............................x."),
        (SHAKER, 3, 3, "ogogogogogogogog"),
    ),
    "lofi": (
        (KICK, 0, 0, "X.........o....."), (KICK, 1, 3, "X.....x...x.....X......x..x....."),
        (SNARE, 1, 3, "....X.......X..."), (RIM, 0, 0, "....o.......o..."), (HAT, 0, 0, "o...o...o...o..."),
        (HAT, 1, 3, "x.o.x.o.x.o.x.oo"), (SNARE, 2, 3, ".........g.............g.g......"),
        (OPEN_HAT, 2, 3, "..............................o."), (SHAKER, 3, 3, "..g.o.g...g.o.g."),
    ),
    "trap": (
        (KICK, 0, 0, "X.............................x."), (KICK, 1, 3, "X.....x...x.....X..x......x....."),
        (SNARE, 0, 3, "........X......."), (CLAP, 1, 3, "........x......."), (HAT, 0, 1, "x.x.x.x.x.x.x.x."),
        (HAT, 2, 3, "x.x.xox.x.x.xxxox.x.x.xoxxx.xoxo"), (OPEN_HAT, 2, 3, "..............x................."),
        (RIM, 3, 3, "...o......o....."),
    ),
    "rnb": (
        (KICK, 0, 0, "X.........x....."), (KICK, 1, 3, "X..x......x.....X.....x..x......"),
        (SNARE, 0, 3, "....X.......X..."), (CLAP, 2, 3, "....o.......o..."), (HAT, 0, 0, "x...o...x...o..."),
        (HAT, 1, 3, "x.oox.o.x.o.xoo."), (RIM, 2, 3, ".......g......g."),
    ),
    "house": (
        (KICK, 0, 3, "X...X...X...X..."), (CLAP, 1, 3, "....X.......X..."), (OPEN_HAT, 1, 3, "..x...x...x...x."),
        (HAT, 0, 0, "..o...o...o...o."), (HAT, 2, 3, "xoo.xoo.xoo.xoo."), (SHAKER, 3, 3, "ogogogogogogogog"),
        (RIM, 2, 3, "...o......o....."),
    ),
    "techno": (
        (KICK, 0, 3, "X...X...X...X..."), (OPEN_HAT, 1, 3, "..x...x...x...x."), (HAT, 2, 3, "ogogogogogogogog"),
        (CLAP, 2, 3, "....x.......x..."), (RIM, 1, 3, "...o..o....o..o."), (RIDE, 3, 3, "x.x.x.x.x.x.x.x."),
        (LOW_TOM, 3, 3, "...............................o"),
    ),
    "trance": (
        (KICK, 0, 3, "X...X...X...X..."), (CLAP, 1, 3, "....X.......X..."), (OPEN_HAT, 1, 3, "..X...X...X...X."),
        (HAT, 2, 3, "xoxoxoxoxoxoxoxo"), (RIDE, 3, 3, "..x...x...x...x."),
    ),
    "dnb": (
        (KICK, 0, 3, "X.........x.....X.........x....."), (SNARE, 0, 3, "....X.......X..."),
        (SNARE, 1, 3, ".......g.g......"), (HAT, 0, 3, "x.x.x.x.x.x.x.x."), (RIDE, 3, 3, "x.x.x.x.x.x.x.x."),
        (SNARE, 2, 3, "..............g........g.g....g."),
    ),
    "dubstep": (
        (KICK, 0, 3, "X..............."), (KICK, 1, 3, "..............x...........x....."), (SNARE, 0, 3, "........X......."),
        (CLAP, 2, 3, "........x......."), (HAT, 0, 1, "x...x...x...x..."), (HAT, 2, 3, "x..x..x.x..x..xx"),
        (RIDE, 3, 3, "x...x...x...x..."),
    ),
    "synthwave": (
        (KICK, 0, 3, "X...X...X...X..."), (SNARE, 1, 3, "....X.......X..."), (HAT, 0, 1, "x.o.x.o.x.o.x.o."),
        (HAT, 2, 3, "xoxoxoxoxoxoxoxo"), (OPEN_HAT, 3, 3, "..x...x...x...x."), (CLAP, 3, 3, "....x.......x..."),
    ),
    "cinematic": (
        (KICK, 0, 3, "X..............."), (LOW_TOM, 1, 3, "X.....x.x...x..."), (MID_TOM, 2, 3, "..x.x.....x...xx"),
        (SNARE, 3, 3, "....x.......x..."), (KICK, 2, 3, "........X......."),
    ),
    "one_drop": (
        (KICK, 0, 3, "........X......."), (RIM, 0, 3, "........X......."), (HAT, 0, 3, "x.o.x.o.x.o.x.o."),
        (KICK, 3, 3, "X...X.......X..."), (OPEN_HAT, 2, 3, "..............o."), (RIM, 2, 3, "......g..............g....g....."),
    ),
    "salsa": (
        (CLAVES, 0, 3, "....x...x.......x.....x.....x..."), (MUTE_CONGA, 0, 3, "o.g.X.g.o.g.g..."),
        (OPEN_CONGA, 1, 3, "............x.x."), (COWBELL, 2, 3, "x...x.x.x...x.x."), (MARACAS, 1, 3, "x.o.x.o.x.o.x.o."),
        (HIGH_TIMBALE, 2, 3, "x.x.xx.xx.x.xx.x"), (LOW_TIMBALE, 1, 3, "......x........."),
        (KICK, 2, 3, "......x.....x..."),
    ),
    "cumbia": (
        (LONG_GUIRO, 0, 3, "x.......x......."), (GUIRO, 0, 3, "....xx......xx.."), (OPEN_CONGA, 1, 3, "....x.x.....x.x."),
        (LOW_CONGA, 1, 3, "x.......x......."), (COWBELL, 2, 3, "x...x...x...x..."), (KICK, 1, 3, "X.......X......."),
        (MARACAS, 2, 3, "o.x.o.x.o.x.o.x."),
    ),
    "afrobeat": (
        (KICK, 0, 3, "X.....x..x......X..x..x.....x..."), (SNARE, 1, 3, "....x..g....x.g."), (HAT, 0, 3, "x.oox.oox.oox.oo"),
        (OPEN_HAT, 2, 3, "......x.......x."), (RIM, 1, 3, "...o.......o...."),
    ),
    "metal": (
        (KICK, 0, 0, "X.......x......."), (KICK, 1, 1, "X.xxX.xxX.xxX.xx"), (KICK, 2, 3, "XxxxXxxxXxxxXxxx"),
        (SNARE, 1, 3, "....X.......X..."), (CHINA, 3, 3, "X...X...X...X..."), (HAT, 0, 1, "X...X...X...X..."),
        (RIDE, 2, 2, "X...X...X...X..."),
    ),
    "punk": (
        (KICK, 0, 3, "X.....x.X.x....."), (SNARE, 1, 3, "....X.......X..."), (HAT, 0, 1, "X.x.X.x.X.x.X.x."),
        (OPEN_HAT, 2, 2, "X.x.X.x.X.x.X.x."), (CRASH, 3, 3, "X...x...X...x..."), (RIDE, 3, 3, "..x...x...x...x."),
    ),
    "gospel": (
        (KICK, 0, 0, "X.......x......."), (KICK, 1, 3, "X.....x.x.......X.....x.x.....x."), (SNARE, 1, 3, "....X.......X..."),
        (TAMBOURINE, 1, 3, "o.x.o.x.o.x.o.x."), (HAT, 0, 3, "x.o.x.o.x.o.x.o."), (CLAP, 2, 3, "....x.......x..."),
        (SNARE, 2, 3, ".........g.....g"), (RIM, 0, 0, "....o.......o..."),
    ),
    "chip": (
        (KICK, 0, 3, "X.......x.x....."), (SNARE, 0, 3, "....X.......X..."), (HAT, 0, 1, "x.x.x.x.x.x.x.x."),
        (HAT, 2, 3, "xoxxxoxxxoxxxoxx"), (SNARE, 3, 3, "..............xx"), (KICK, 2, 3, "......x........."),
    ),
    "four": (
        (KICK, 0, 3, "X...X...X...X..."), (SNARE, 1, 3, "....X.......X..."), (HAT, 0, 3, "x.o.x.o.x.o.x.o."),
        (OPEN_HAT, 3, 3, "..x...x...x...x."),
    ),
}  # fmt: skip

# Percussion that joins a drum kit, by groove; other grooves use "shaker".
PERCUSSION: dict[str, tuple[Row, ...]] = {
    "shaker": (
        (SHAKER, 0, 0, "....o.......o..."), (SHAKER, 1, 3, "o.g.x.g.o.g.x.g."), (TAMBOURINE, 2, 3, "....x.......x..."),
        (OPEN_CONGA, 3, 3, "......x...x....."),
    ),
    "bossa": (
        (CABASA, 0, 3, "o.g.x.g.o.g.x.g."), (OPEN_CONGA, 1, 3, "......o.....x.o."), (CLAVES, 2, 3, "x.....x.....x.......x.....x....."),
    ),
    "techno": (
        (MARACAS, 0, 3, "..o...o...o...o."), (HIGH_BONGO, 1, 3, "...o..o..o..o..."), (LOW_CONGA, 2, 3, "x..x..x...x..x.."),
    ),
    "afrobeat": (
        (CLAVES, 0, 3, "x..x..x...x.x..."), (SHAKER, 1, 3, "xoxoxoxoxoxoxoxo"), (OPEN_CONGA, 1, 3, "..x...xx..x...xx"),
        (LOW_CONGA, 2, 3, "x.......x..x...."),
    ),
}  # fmt: skip

# Fills by strength: the last beats of a bar, four squares a beat.
FILLS: tuple[tuple[int, tuple[tuple[int, str], ...]], ...] = (
    (1, ((SNARE, "x.gx"),)),
    (1, ((SNARE, "x.x."), (HIGH_TOM, "..x."), (LOW_TOM, "...x"))),
    (2, ((SNARE, "x.xxx..."), (HIGH_TOM, "....x.x."), (LOW_TOM, "......xx"), (KICK, "x...x..."))),
    (2, ((SNARE, "g.x.x.xX"), (KICK, "x..x..x."))),
    (4, ((SNARE, "x.x.xxx.x......."), (HIGH_TOM, "........xxx....."), (MID_TOM, "...........x.x.."),
         (LOW_TOM, "..............xX"), (KICK, "x...x...x...x..."))),
    (4, ((SNARE, "o.o.o.o.xxxxXXXX"), (KICK, "x...x...x...x..."))),
)  # fmt: skip

SOFT_FILLS: tuple[tuple[int, tuple[tuple[int, str], ...]], ...] = (
    (1, ((SNARE, "g.og"),)),
    (1, ((RIM, "..ox"),)),
    (2, ((SNARE, "..g.o.og"), (OPEN_HAT, "......o."))),
    (2, ((SNARE, "o..o..o."), (KICK, "..o..o.."))),
)  # fmt: skip

# Accompaniment: (level range, squares of one bar of 4/4). x short, - hold, X accent; digits name one chord note.
COMPING: dict[str, tuple[tuple[int, int, str], ...]] = {
    "sustain": ((0, 3, "X---------------"), (2, 3, "X-------x-------")),
    "ballad": ((0, 0, "X---------------"), (1, 1, "X-----x---------"), (2, 3, "X-----x-----x---")),
    "long": ((0, 1, "X---------------"), (2, 3, "X-------x-------")),
    "push": ((0, 0, "X---------------"), (1, 1, "X-----x-x-------"), (2, 3, "X--x--X-x--x--X-")),
    "drive": ((0, 0, "X-------x-------"), (1, 1, "X-x-x-x-X-x-x-x-"), (2, 3, "X-x-X-x-X-x-X-x-")),
    "chug": ((0, 0, "X---------------"), (1, 1, "X.xxX.xxX.xxX.x-"), (2, 3, "X---x-x-X---x-x-")),
    "strum": ((0, 0, "X-------x-------"), (1, 1, "X---x-x---x-x-x-"), (2, 3, "X-x-X-xxX-x-X-xx")),
    "boom_chick": ((0, 0, "....x.......x..."), (1, 3, "....X-o.....X-o.")),
    "charleston": ((0, 0, "x-----x---------"), (1, 1, "x-....x-........"), (2, 3, "x-....x-......x-")),
    "bossa": ((0, 3, "x-..x-x-..x-..x-"),),
    "offbeat": ((0, 0, "....x-......x-.."), (1, 3, "..x...x...x...x.")),
    "scratch": ((0, 0, "....x.......x..."), (1, 1, "..x.x..x..x.x..x"), (2, 3, "x.xxx.xxx.xxx.xx")),
    "stabs": ((0, 0, "X-------........"), (1, 1, "x-....x-..x-...."), (2, 3, "X-....x-..x-..x-")),
    "lazy": ((0, 0, "X---------------"), (1, 1, "X-----x---x-----"), (2, 3, "X--x--x---x---x-")),
    "house": ((0, 0, "X-----------..x-"), (1, 3, "X-.x-.x-..x-.x-.")),
    "techno": ((0, 0, "X-.............."), (1, 3, "..x-...x-...x-..")),
    "gate": ((0, 0, "X---------------"), (1, 1, "X-------x-------"), (2, 3, "X.xxX.xxX.xxX.xx")),
    "ostinato": ((0, 0, "X-------x-------"), (1, 3, "x-x-X-x-x-x-X-x-")),
    "alberti": ((0, 3, "1-3-2-3-1-3-2-3-"),),
    "waltz": ((0, 3, "....x-..x-.."),),
    "skank": ((0, 3, "....x.......x..."), (2, 3, "....x.x.....x.x.")),
    "montuno": ((0, 3, "x-x..x-x..x-x-x-"),),
}  # fmt: skip

# Accompaniment -> broken chords for calm sections; digits name one chord note, 1 the lowest.
FIGURATIONS: dict[str, tuple[str, ...]] = {
    "push": ("1-2-3-4-3-2-3-2-", "1---2-3-4---3-2-", "1-3-2-4-1-3-2-4-"),
    "sustain": ("1-2-3-4-3-2-3-2-", "1---3---2---4---", "1-2-3-4---3-2---"),
    "ballad": ("1-2-3-4-3-2-3-2-", "1---3-2-4---3-2-"),
    "long": ("1---2---3---4---", "1-2-3-4-3-2-3-2-"),
    "strum": ("1-3-2-4-1-3-2-3-", "1-4-2-3-1-4-2-3-", "1---3-2-1-4-3-2-"),
    "boom_chick": ("1-3-2-3-1-4-2-3-",),
    "lazy": ("1---2-3---4-3---", "1-----2-3---4---"),
    "ostinato": ("1-2-3-2-1-2-3-2-", "1-3-2-3-1-3-2-3-", "1---3---2---3---", "1---2---3---4---"),
    "alberti": ("1-3-2-3-1-3-2-3-",),
    "drive": ("1-2-3-2-1-2-3-2-",),
    "offbeat": ("1-3-2-3-1-3-2-3-",),
}
# Orders in which an arpeggio climbs through the voices of its chord (1 is the lowest).
ARPEGGIOS: tuple[tuple[int, ...], ...] = ((1, 2, 3, 4), (1, 3, 2, 4), (1, 2, 3, 4, 3, 2), (4, 3, 2, 1), (1, 3, 4, 3))
