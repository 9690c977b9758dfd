"""French."""

from music.tongues.tongue import Tongue

FRENCH = Tongue(
    name="French",
    marks="le les une des avec sans du et très que qui dans plus tonalité est sur au aux mais un en de la",
    notes="do, ut: C\nré: D\nmi: E\nfa: F\nsol: G\nla: A\nsi: B",
    accidentals="dièse: #\nbémol: b",
    modes="""
majeur, majeure: major
mineur, mineure: minor
mineur harmonique, mineure harmonique: harmonic minor
mineur mélodique: melodic minor
dorien: dorian
phrygien: phrygian
lydien: lydian
mixolydien: mixolydian
locrien: locrian
""",
    tables={
        "little words": """
le, la, les: the
un, une: a
avec: with
et: and
en, dans, au, aux: in
à: at
de, du, des: of
pour: for
puis, ensuite: then
suivi de, suivie de: followed by
mode mineur, tonalité mineure: minor key
mode majeur, tonalité majeure: major key
dans la tonalité de, en tonalité de, tonalité de: key of
accords: chords
accord: chord
progression, suite d'accords: progression
chanson, chansons, morceau: song
musique: music
""",
        "left out": """
sans: without
seulement, uniquement, rien que: only
seul, seule: alone
aucun, aucune, pas de: no
""",
        "numbers": """
deux: 2
trois: 3
quatre: 4
cinq: 5
six: 6
sept: 7
huit: 8
neuf: 9
dix: 10
douze: 12
seize: 16
vingt: 20
trente: 30
quarante: 40
cinquante: 50
soixante: 60
quatre-vingt-dix: 90
cent: 100
cent vingt: 120
cent quarante: 140
""",
        "lengths": """
secondes, seconde: seconds
une minute: 1 minute
minutes, minute: minutes
une minute et demie, minute et demie: 1.5 minutes
deux minutes et demie: 2.5 minutes
une demi-minute: 0.5 minutes
heure, heures: hours
mesures, mesure: bars
battements par minute, à la noire: bpm
exactement: exactly
deux fois: twice
""",
        "metre": """
à trois temps, trois temps, trois-quatre, trois quarts: 3/4 time
à quatre temps, quatre-quatre: 4/4 time
à deux temps, deux-quatre: 2/4 time
six-huit, six huit: 6/8 time
à cinq temps, cinq-quatre: 5/4 time
sept-huit: 7/8 time
neuf-huit: 9/8 time
douze-huit: 12/8 time
""",
        "tempo": """
très lent, très lentement: very slow
lent, lente, lentement: slow
tempo moyen, tempo modéré: medium tempo
rapide, rapidement, vite: fast
très rapide, très vite: very fast
plus rapide, plus vite: faster
plus lent, plus lente: slower
accélère jusqu'à, accélère à: speeds up to
ralentit à, ralentit jusqu'à: slows down to
commence à, débute à: starts at
finit à, se termine à: ends at
module en, module vers, passe en: modulates to
""",
        "moods": """
triste, tristesse: sad
mélancolique, mélancolie: melancholic
joyeux, joyeuse, heureux, heureuse, gai, gaie, joie: happy
entraînant, entraînante, vif, vive: lively
énergique, énergie: energetic
calme, paisible, tranquille, serein: calm
détendu, relaxant, relaxante: relaxed
romantique, amour: romantic
sombre, obscur, ténébreux: dark
mystérieux, mystérieuse, mystère: mysterious
épique: epic
plein d'espoir, optimiste: hopeful
nostalgique, nostalgie: nostalgic
agressif, agressive: aggressive
furieux, furieuse, en colère: angry
dramatique: dramatic
tendu: tense
doux, douce, tendre, délicat: gentle
rêveur, rêveuse, éthéré, planant: dreamy
festif, festive, fête: festive
solitaire, solitude: lonely
pluvieux, pluie: rainy
été, estival: summer
nuit, nocturne la nuit: midnight
ludique, amusant: playful
solennel, solennelle: solemn
passionné: passionate
dansant, dansante: danceable
""",
        "instruments": """
piano, pianos: piano
guitare, guitares: guitar
guitare acoustique, guitare sèche: acoustic guitar
guitare électrique: electric guitar
guitare classique, guitare espagnole: nylon guitar
guitare saturée, guitares saturées: distorted guitar
basse, basse électrique: bass
contrebasse: double bass
batterie: drums
tambours: drums
percussions, percussion: percussion
cordes: strings
orchestre: orchestra
violon, violons: violin
alto: viola
violoncelle: cello
flûte, flûtes: flute
flûte à bec: recorder
clarinette: clarinet
hautbois: oboe
basson: bassoon
trompette, trompettes: trumpet
trombone: trombone
tuba: tuba
cor: french horn
saxophone: sax
cuivres: brass
accordéon: accordion
harmonica: harmonica
harpe: harp
orgue: organ
chœur, chorale, voix: choir
cloches: bells
boîte à musique: music box
synthé, synthétiseur, synthétiseurs: synth
clavier, claviers: electric piano
clavecin: harpsichord
""",
        "sections": """
introduction: intro
couplet: verse
couplets: verses
refrain: chorus
refrains: choruses
pont: bridge
final, fin: outro
dernier, dernière: last
premier, première: first
dernier refrain: last chorus
premier couplet: first verse
deuxième couplet, second couplet: second verse
deuxième refrain: second chorus
""",
        "uses": """
méditer, méditation: meditation
dormir: sleep music
étudier: study
danser: danceable
mariage: wedding
noël: christmas
balais: brushes
""",
        "sound": """
chaud, chaleureux, chaleureuse: warm
brillant, lumineux: bright
intime: intimate
brut: raw
profond: deep
ample: wide
""",
    },
    endings=(("es", ""), ("e", ""), ("s", ""), ("les", "l"), ("ement", "e")),
)
