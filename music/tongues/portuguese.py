"""Portuguese."""

from music.tongues.tongue import Tongue

PORTUGUESE = Tongue(
    name="Portuguese",
    marks="o os um uma com sem para por do da dos das e muito que como mais em no na tom não são à ao de sobre",
    notes="dó: C\nré: D\nmi: E\nfá: F\nsol: G\nlá: A\nsi: B",
    accidentals="sustenido: #\nbemol: b",
    modes="""
maior, maiores: major
menor, menores: minor
menor harmônica, menor harmónica: harmonic minor
menor melódica: melodic minor
dórico: dorian
frígio: phrygian
lídio: lydian
mixolídio: mixolydian
lócrio: locrian
""",
    tables={
        "little words": """
o, os, as: the
um, uma: a
com: with
e: and
em, no, na, nos, nas: in
de, do, da, dos, das: of
para: for
depois, então: then
seguido de, seguida de: followed by
modo menor, tom menor, tonalidade menor: minor key
modo maior, tom maior, tonalidade maior: major key
no tom de, em tom de, tonalidade de, tom de: key of
acordes: chords
acorde: chord
progressão: progression
canção, canções, peça: song
música: music
""",
        "left out": """
sem: without
só, somente, apenas: only
nenhum, nenhuma: no
""",
        "numbers": """
dois, duas: 2
três: 3
quatro: 4
cinco: 5
seis: 6
sete: 7
oito: 8
nove: 9
dez: 10
doze: 12
dezesseis, dezasseis: 16
vinte: 20
trinta: 30
quarenta: 40
cinquenta: 50
sessenta: 60
setenta: 70
oitenta: 80
noventa: 90
cem: 100
cento e vinte: 120
cento e quarenta: 140
""",
        "lengths": """
segundos, segundo: seconds
um minuto: 1 minute
minutos, minuto: minutes
um minuto e meio, minuto e meio: 1.5 minutes
dois minutos e meio: 2.5 minutes
meio minuto: 0.5 minutes
hora, horas: hours
compassos, compasso: bars
batidas por minuto: bpm
exatamente: exactly
duas vezes: twice
""",
        "metre": """
três por quatro, compasso ternário: 3/4 time
quatro por quatro: 4/4 time
dois por quatro: 2/4 time
seis por oito: 6/8 time
cinco por quatro: 5/4 time
sete por oito: 7/8 time
nove por oito: 9/8 time
doze por oito: 12/8 time
compasso de: in
""",
        "tempo": """
muito lento, muito devagar: very slow
lento, devagar: slow
andamento médio: medium tempo
rápido, veloz, acelerado: fast
muito rápido: very fast
mais rápido: faster
mais lento: slower
acelera para, acelera até: speeds up to
desacelera para: slows down to
começa a, começa em: starts at
termina a, termina em: ends at
modula para, muda para: modulates to
""",
        "moods": """
triste, tristeza: sad
melancólico, melancolia: melancholic
alegre, feliz, contente, alegria: happy
animado, agitado: lively
enérgico, energia: energetic
calmo, tranquilo, sereno: calm
relaxado, relaxante: relaxed
romântico, amor: romantic
escuro, sombrio: dark
misterioso, mistério: mysterious
épico: epic
esperançoso, otimista: hopeful
nostálgico, saudoso: nostalgic
agressivo: aggressive
furioso, zangado: angry
dramático: dramatic
tenso: tense
suave, terno, doce: gentle
sonhador, etéreo: dreamy
festivo, festa: festive
solitário, solidão: lonely
chuvoso, chuva: rainy
verão: summer
noite, noturno: midnight
brincalhão, divertido: playful
solene: solemn
apaixonado: passionate
dançante: danceable
""",
        "instruments": """
piano, pianos: piano
violão: nylon guitar
violões: nylon guitar
guitarra, guitarras: electric guitar
guitarra distorcida: distorted guitar
baixo: bass
contrabaixo: double bass
bateria, baterias: drums
percussão: percussion
cordas: strings
orquestra: orchestra
violino, violinos: violin
viola: viola
violoncelo: cello
flauta, flautas: flute
flauta doce: recorder
clarinete: clarinet
oboé: oboe
fagote: bassoon
trompete, trompetes: trumpet
trombone: trombone
tuba: tuba
trompa: french horn
saxofone: sax
metais, sopros: brass
acordeão, sanfona: accordion
gaita: harmonica
harpa: harp
órgão: organ
coro, coral de vozes, vozes: choir
sinos: bells
caixinha de música, caixa de música: music box
sintetizador, sintetizadores: synth
teclado, teclados: electric piano
cravo: harpsichord
cavaquinho: ukulele
pandeiro: tambourine
""",
        "sections": """
introdução: intro
estrofe, verso: verse
estrofes, versos: verses
refrão: chorus
refrões, refrãos: choruses
ponte: bridge
final, encerramento: outro
último, última: last
primeiro, primeira: first
último refrão: last chorus
primeira estrofe: first verse
segunda estrofe: second verse
segundo refrão: second chorus
""",
        "uses": """
meditar, meditação: meditation
dormir: sleep music
estudar: study
dançar: danceable
casamento: wedding
natal: christmas
""",
        "sound": """
quente: warm
brilhante: bright
íntimo: intimate
antigo: vintage
cru: raw
profundo: deep
amplo: wide
""",
    },
    endings=(("as", "o"), ("os", "o"), ("a", "o"), ("es", ""), ("s", ""), ("amente", "o"), ("mente", "")),
)
