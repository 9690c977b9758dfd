"""Italian."""

from music.tongues.tongue import Tongue

ITALIAN = Tongue(
    name="Italian",
    marks="il lo gli una uno con senza per del della di e molto che più tonalità nel nella sul alla al dal dei delle",
    notes="do: C\nre: D\nmi: E\nfa: F\nsol: G\nla: A\nsi: B",
    accidentals="diesis: #\nbemolle: b",
    modes="""
maggiore, maggiori: major
minore, minori: minor
minore armonica, minore armonico: harmonic minor
minore melodica: melodic minor
dorico: dorian
frigio: phrygian
lidio: lydian
misolidio: mixolydian
locrio: locrian
""",
    tables={
        "little words": """
il, la, i, le, gli, lo: the
un, una, uno: a
con: with
e, ed: and
in, nel, nella: in
a: to
di, del, della, dei, delle: of
per: for
poi, dopo: then
seguito da, seguita da: followed by
modo minore, tonalità minore: minor key
modo maggiore, tonalità maggiore: major key
in tonalità di, nella tonalità di, tonalità di: key of
accordi: chords
accordo: chord
progressione: progression
canzone, canzoni, brano, pezzo: song
musica: music
""",
        "left out": """
senza: without
solo, soltanto, solamente: only
nessun, nessuna: no
""",
        "numbers": """
due: 2
tre: 3
quattro: 4
cinque: 5
sei: 6
sette: 7
otto: 8
nove: 9
dieci: 10
dodici: 12
sedici: 16
venti: 20
trenta: 30
quaranta: 40
cinquanta: 50
sessanta: 60
settanta: 70
ottanta: 80
novanta: 90
cento: 100
centoventi: 120
centoquaranta: 140
""",
        "lengths": """
secondi, secondo: seconds
un minuto: 1 minute
minuti, minuto: minutes
un minuto e mezzo, minuto e mezzo: 1.5 minutes
due minuti e mezzo: 2.5 minutes
mezzo minuto: 0.5 minutes
ora, ore: hours
battute, battuta, misure, misura: bars
battiti al minuto: bpm
esattamente: exactly
due volte: twice
""",
        "metre": """
tre quarti, tempo di tre quarti: 3/4 time
quattro quarti: 4/4 time
due quarti: 2/4 time
sei ottavi, tempo di sei ottavi: 6/8 time
cinque quarti: 5/4 time
sette ottavi: 7/8 time
nove ottavi: 9/8 time
dodici ottavi: 12/8 time
tempo di: in
""",
        "tempo": """
lentissimo, molto lento: very slow
lento, lentamente: slow
tempo medio, a tempo medio: medium tempo
veloce, rapido, svelto: fast
velocissimo, molto veloce: very fast
più veloce: faster
più lento: slower
accelera fino a, accelera a: speeds up to
rallenta fino a, rallenta a: slows down to
inizia a, comincia a, parte da: starts at
finisce a, termina a: ends at
modula in, modula a, cambia in: modulates to
""",
        "moods": """
triste, tristezza: sad
malinconico, malinconia: melancholic
allegra, allegre, allegri, allegro e felice: happy
felice, gioioso, gioia, contento: happy
vivace, animato, brioso: lively
energico, energia: energetic
calmo, tranquillo, sereno: calm
rilassato, rilassante: relaxed
romantico, amore: romantic
scuro, cupo, oscuro: dark
misterioso, mistero: mysterious
epico: epic
pieno di speranza, speranzoso, ottimista: hopeful
nostalgico, nostalgia: nostalgic
aggressivo: aggressive
furioso, arrabbiato: angry
drammatico: dramatic
teso: tense
dolce, tenero, delicato: gentle
sognante, etereo: dreamy
festoso, festa: festive
solitario, solitudine: lonely
piovoso, pioggia: rainy
estate, estivo: summer
notte, notturna: midnight
giocoso, divertente: playful
solenne: solemn
appassionato: passionate
ballabile: danceable
""",
        "instruments": """
pianoforte, piano: piano
chitarra, chitarre: guitar
chitarra acustica: acoustic guitar
chitarra elettrica: electric guitar
chitarra classica: nylon guitar
chitarra distorta, chitarre distorte: distorted guitar
basso, basso elettrico: bass
contrabbasso: double bass
batteria, batterie, tamburi: drums
percussioni, percussione: percussion
archi: strings
orchestra: orchestra
violino, violini: violin
viola: viola
violoncello: cello
flauto, flauti: flute
flauto dolce: recorder
clarinetto: clarinet
oboe: oboe
fagotto: bassoon
tromba, trombe: trumpet
trombone: trombone
tuba: tuba
corno: french horn
sassofono: sax
ottoni, fiati: brass
fisarmonica: accordion
armonica a bocca: harmonica
arpa: harp
organo: organ
coro, voci: choir
campane: bells
carillon: music box
sintetizzatore, sintetizzatori: synth
clavicembalo: harpsichord
mandolino: mandolin
""",
        "sections": """
introduzione: intro
strofa: verse
strofe: verses
ritornello: chorus
ritornelli: choruses
ponte: bridge
finale, chiusura: outro
ultimo, ultima: last
primo, prima: first
ultimo ritornello: last chorus
prima strofa: first verse
seconda strofa: second verse
secondo ritornello: second chorus
""",
        "uses": """
meditare, meditazione: meditation
dormire: sleep music
studiare: study
ballare: danceable
matrimonio: wedding
natale: christmas
spazzole: brushes
""",
        "sound": """
caldo: warm
brillante, luminoso: bright
intimo: intimate
grezzo: raw
profondo: deep
ampio: wide
""",
    },
    endings=(
        ("a", "o"),
        ("i", "o"),
        ("he", "o"),
        ("hi", "o"),
        ("e", "o"),
        ("e", "a"),
        ("i", "e"),
        ("amente", "o"),
        ("mente", ""),
    ),
)
