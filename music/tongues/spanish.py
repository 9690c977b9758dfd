"""Spanish."""

from music.tongues.tongue import Tongue

SPANISH = Tongue(
    name="Spanish",
    marks="el los las una unos unas con sin para por del al y muy que como lo su más pero sobre tonalidad en de la",
    notes="do: C\nre: D\nmi: E\nfa: F\nsol: G\nla: A\nsi: B",
    accidentals="sostenido: #\nbemol: b",
    modes="""
mayor, mayores: major
menor, menores: minor
menor armónica, menor armónico: harmonic minor
menor melódica, menor melódico: melodic minor
dórico: dorian
frigio: phrygian
frigio mayor, frigio dominante: phrygian dominant
lidio: lydian
mixolidio: mixolydian
locrio: locrian
""",
    tables={
        "little words": """
el, la, los, las, lo: the
un, una: a
con: with
y, e: and
en, al: in
a: to
de, del: of
para: for
luego, después, entonces: then
seguido de, seguida de: followed by
modo menor, tono menor, tonalidad menor: minor key
modo mayor, tono mayor, tonalidad mayor: major key
en tonalidad de, tonalidad de, tonalidad: key of
acordes: chords
acorde: chord
progresión: progression
canción, canciones, tema, pieza: song
música: music
""",
        "left out": """
sin, sin nada de: without
sin acompañamiento, a solas: unaccompanied
solo, solamente, únicamente: only
nada más, y nada más: only
ningún, ninguna: no
""",
        "numbers": """
dos: 2
tres: 3
cuatro: 4
cinco: 5
seis: 6
siete: 7
ocho: 8
nueve: 9
diez: 10
doce: 12
dieciséis: 16
veinte: 20
treinta: 30
cuarenta: 40
cincuenta: 50
sesenta: 60
setenta: 70
ochenta: 80
noventa: 90
cien: 100
ciento veinte: 120
ciento cuarenta: 140
""",
        "lengths": """
segundos, segundo: seconds
un minuto: 1 minute
minutos, minuto: minutes
un minuto y medio, minuto y medio: 1.5 minutes
dos minutos y medio: 2.5 minutes
medio minuto: 0.5 minutes
hora, horas: hours
compases, compás: bars
pulsos por minuto, pulsaciones por minuto, ppm: bpm
exactamente: exactly
dos veces: twice
""",
        "metre": """
tres por cuatro, tres cuartos, compás de tres por cuatro, tres tiempos: 3/4 time
cuatro por cuatro, compás de cuatro por cuatro: 4/4 time
dos por cuatro: 2/4 time
seis por ocho, compás de seis por ocho: 6/8 time
cinco por cuatro: 5/4 time
siete por ocho: 7/8 time
nueve por ocho: 9/8 time
doce por ocho: 12/8 time
compás de: in
""",
        "tempo": """
muy lento, muy despacio, lentísimo: very slow
lento, despacio, pausado: slow
tempo medio, a medio tiempo, ritmo moderado: medium tempo
rápido, veloz, ligero: fast
muy rápido, rapidísimo: very fast
más rápido: faster
más lento: slower
acelera hasta, acelera a: speeds up to
frena hasta, frena a, baja a: slows down to
empieza a, empieza en, comienza a: starts at
termina a, termina en, acaba a: ends at
modula a, cambia a: modulates to
""",
        "moods": """
triste, tristeza, apenado: sad
melancólico, melancolía: melancholic
alegre, feliz, contento, alegría: happy
animado, movido: lively
enérgico, energía, con fuerza: energetic
tranquilo, calmado, calma, sereno, apacible: calm
relajado, relajante: relaxed
romántico, amor, amoroso: romantic
oscuro, sombrío, tenebroso: dark
misterioso, misterio: mysterious
épico: epic
esperanzador, esperanzado, optimista: hopeful
nostálgico, nostalgia: nostalgic
agresivo: aggressive
furioso, enojado, rabioso: angry
dramático: dramatic
tenso: tense
suave, tierno, dulce: gentle
soñador, etéreo: dreamy
festivo, fiesta: festive
solitario, soledad: lonely
lluvioso, lluvia: rainy
verano, veraniego: summer
noche, nocturno: midnight
juguetón, divertido: playful
solemne: solemn
apasionado: passionate
bailable: danceable
""",
        "instruments": """
piano, pianos: piano
guitarra, guitarras: guitar
guitarra acústica: acoustic guitar
guitarra eléctrica: electric guitar
guitarra española, guitarra clásica, guitarra flamenca: nylon guitar
solo de guitarra: guitar solo
guitarra distorsionada, guitarras distorsionadas: distorted guitar
bajo, bajo eléctrico: bass
contrabajo: double bass
batería, baterías, tambores: drums
percusión, percusiones: percussion
cajón: cajon
cuerdas, sección de cuerdas: strings
orquesta: orchestra
violín, violines: violin
viola: viola
violonchelo, chelo, violoncelo: cello
flauta, flautas: flute
flauta dulce: recorder
clarinete: clarinet
oboe: oboe
fagot: bassoon
trompeta, trompetas: trumpet
trombón: trombone
tuba: tuba
trompa: french horn
saxofón, saxo: sax
metales, vientos: brass
acordeón: accordion
bandoneón: bandoneon
armónica: harmonica
arpa: harp
órgano: organ
coro de voces, voces, coros: choir
campanas: bells
caja de música: music box
sintetizador, sintetizadores, sinte: synth
teclado, teclados: electric piano
clavecín, clave: harpsichord
palmas: hand claps
""",
        "sections": """
introducción: intro
estrofa, verso: verse
estrofas, versos: verses
estribillo, coro: chorus
estribillos: choruses
puente: bridge
final, cierre: outro
último, última: last
primer, primera: first
segundo, segunda estrofa: second verse
último estribillo, último coro: last chorus
primera estrofa: first verse
segundo estribillo, segundo coro: second chorus
""",
        "uses": """
meditar, meditación: meditation
dormir: sleep music
estudiar: study
bailar: danceable
boda: wedding
navidad: christmas
escobillas: brushes
jazz lento: slow jazz
""",
        "sound": """
cálido: warm
brillante: bright
íntimo: intimate
antiguo: vintage
crudo: raw
profundo: deep
amplio: wide
""",
    },
    endings=(("as", "o"), ("os", "o"), ("a", "o"), ("es", ""), ("s", ""), ("amente", "o"), ("mente", "")),
)
