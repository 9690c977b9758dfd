"""German: H is the English B, B the English B flat; sharps end in -is, flats in -es."""

from music.tongues.tongue import Tongue

GERMAN = Tongue(
    name="German",
    marks="der das ein eine einen einem einer mit ohne und für im vom zum zur über nicht sehr auf aus bei von wie ist"
    " dem den tonart aber oder",
    notes="""
c: C
cis: C#
ces: Cb
d: D
dis: D#
des: Db
e: E
eis: E#
es: Eb
f: F
fis: F#
fes: Fb
g: G
gis: G#
ges: Gb
a: A
ais: A#
as: Ab
h: B
his: B#
b: Bb
""",
    accidentals="",
    modes="""
dur: major
moll: minor
harmonisch moll, harmonisches moll: harmonic minor
melodisch moll: melodic minor
dorisch: dorian
phrygisch: phrygian
lydisch: lydian
mixolydisch: mixolydian
lokrisch: locrian
""",
    tables={
        "little words": """
der, die, das, den, dem: the
ein, eine, einen, einem, einer, eines: a
mit: with
und: and
in, im: in
von, vom: of
für: for
bei, mit tempo: at
dann, danach, anschließend: then
gefolgt von: followed by
in moll, molltonart: minor key
in dur, durtonart: major key
in der tonart, tonart: key of
akkorde, akkorden, akkordfolge: chords
akkord: chord
lied, song, stück, musikstück, nummer: song
musik: music
""",
        "left out": """
ohne: without
kein, keine, keinen: no
nur, lediglich, ausschließlich: only
allein, alleine: alone
""",
        "numbers": """
zwei: 2
drei: 3
vier: 4
fünf: 5
sechs: 6
sieben: 7
acht: 8
neun: 9
zehn: 10
zwölf: 12
sechzehn: 16
zwanzig: 20
dreißig: 30
vierzig: 40
fünfzig: 50
sechzig: 60
siebzig: 70
achtzig: 80
neunzig: 90
hundert: 100
hundertzwanzig: 120
hundertvierzig: 140
""",
        "lengths": """
sekunden, sekunde: seconds
eine minute: 1 minute
minuten, minute: minutes
anderthalb minuten, eineinhalb minuten: 1.5 minutes
zweieinhalb minuten: 2.5 minutes
eine halbe minute: 0.5 minutes
stunde, stunden: hours
takte, takten: bars
schläge pro minute: bpm
genau, exakt: exactly
zweimal, zwei mal: twice
dreimal, drei mal: 3 times
""",
        "metre": """
takt: time
dreivierteltakt, im dreivierteltakt, dreiviertel: 3/4 time
viervierteltakt: 4/4 time
zweivierteltakt: 2/4 time
sechsachteltakt, sechsachtel: 6/8 time
fünfvierteltakt: 5/4 time
siebenachteltakt: 7/8 time
neunachteltakt: 9/8 time
zwölfachteltakt: 12/8 time
""",
        "tempo": """
sehr langsam: very slow
langsam, ruhiges tempo: slow
mittleres tempo, mäßig schnell: medium tempo
schnell, flott, zügig: fast
sehr schnell: very fast
beschleunigt auf, steigert sich auf: speeds up to
verlangsamt auf: slows down to
beginnt mit, beginnt bei, startet bei: starts at
endet mit, endet bei: ends at
moduliert nach, wechselt nach: modulates to
""",
        "moods": """
traurig, trauer: sad
melancholisch, melancholie, wehmütig: melancholic
fröhlich, glücklich, heiter, froh, lustig: happy
lebhaft, beschwingt, schwungvoll: lively
energisch, energiegeladen, kraftvoll: energetic
ruhig, friedlich, still: calm
entspannt, entspannend: relaxed
romantisch, verliebt, liebe: romantic
dunkel, düster, dunkle, finster: dark
geheimnisvoll, mysteriös: mysterious
episch: epic
hoffnungsvoll, zuversichtlich: hopeful
nostalgisch, sehnsüchtig, sehnsucht: nostalgic
aggressiv: aggressive
wütend, zornig: angry
dramatisch: dramatic
spannend, angespannt: tense
sanft, zart, lieblich: gentle
verträumt, träumerisch: dreamy
festlich, feierlich: festive
einsam, einsamkeit: lonely
regnerisch, regen: rainy
sommer, sommerlich: summer
nacht, nächtlich: midnight
verspielt: playful
leidenschaftlich: passionate
tanzbar: danceable
gemütlich: cozy
""",
        "instruments": """
klavier, flügel: piano
gitarre, gitarren: guitar
akustikgitarre, akustische gitarre: acoustic guitar
e-gitarre, e-gitarren, elektrische gitarre: electric guitar
konzertgitarre, klassische gitarre: nylon guitar
verzerrte gitarre, verzerrte gitarren: distorted guitar
bass, e-bass: bass
kontrabass: double bass
schlagzeug, trommeln, drums: drums
schlagwerk, perkussion: percussion
streicher: strings
orchester: orchestra
geige, geigen, violine, violinen: violin
bratsche: viola
cello, violoncello: cello
flöte, querflöte: flute
blockflöte: recorder
klarinette: clarinet
oboe: oboe
fagott: bassoon
trompete, trompeten: trumpet
posaune, posaunen: trombone
tuba: tuba
horn, waldhorn, hörner: french horn
saxophon, saxofon: sax
bläser, blechbläser: brass
akkordeon, ziehharmonika, schifferklavier: accordion
mundharmonika: harmonica
harfe: harp
orgel: organ
kirchenorgel: church organ
chor, stimmen: choir
glocken: bells
spieluhr: music box
glockenspiel: glockenspiel
synthesizer: synth
e-piano: electric piano
cembalo: harpsichord
pauken: timpani
zither: harp
""",
        "sections": """
strophe, vers: verse
strophen: verses
refrain, kehrvers: chorus
refrains: choruses
brücke, überleitung: bridge
schluss, ausklang, ende: outro
einleitung, vorspiel: intro
zwischenspiel: interlude
letzter, letzte, letzten, letztes: last
erster, erste, ersten, erstes: first
zweite strophe, zweiten strophe: second verse
letzter refrain, letzten refrain: last chorus
""",
        "uses": """
meditieren, entspannung: meditation
einschlafen, schlafen: sleep music
lernen: study
tanzen: danceable
hochzeit: wedding
weihnachten: christmas
besen: brushes
""",
        "sound": """
warm: warm
hell, strahlend: bright
intim: intimate
rau: raw
tief: deep
weit: wide
""",
    },
    endings=(("e", ""), ("er", ""), ("es", ""), ("en", ""), ("em", ""), ("s", ""), ("n", "")),
    compounds=True,
)
