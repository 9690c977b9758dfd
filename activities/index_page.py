"""index.html: the page of a release folder. It opens from the disk: no server, nothing from elsewhere."""

from collections.abc import Iterator, Mapping, Sequence, Set
from html import escape
from typing import Any
from urllib.parse import quote

from activities.markup import document, figure, link, size, table
from activities.release import FILES
from audio.pictures.canvas import LEFT, RIGHT, WIDTH

# The best that a browser plays comes first.
_PLAYED = (
    ("master.flac", "audio/flac"),
    ("master.wav", "audio/wav"),
    ("master.mp3", "audio/mpeg"),
    ("master.opus", "audio/ogg"),
)
_GROUPS: Sequence[tuple[str, Sequence[tuple[str, str]]]] = (
    ("Sound", (
        ("master.wav", "the master"), ("master.flac", "the master, lossless and smaller"),
        ("master.mp3", "the master for everywhere"), ("master.opus", "the master for the web"),
        ("mix.wav", "the mix before mastering"),
    )),
    ("Notes", (
        ("song.mid", "MIDI as played"), ("song-quantised.mid", "MIDI as written"), ("song.musicxml", "full score"),
        ("leadsheet.musicxml", "tune and chords"), ("score.svg", "the lead sheet engraved"),
        ("chords.txt", "chord chart"), ("pianoroll.png", "piano roll"),
    )),
    ("Pictures", (
        ("cover.png", "cover"), ("waveform.png", "waveform"), ("spectrogram.png", "spectrogram"),
        ("loudness.png", "loudness over time"), ("peaks.json", "waveform data, audiowaveform version 2"),
        ("peaks-float.json", "waveform data as floats, one list a channel"),
    )),
    ("Records", (
        ("report.html", "what was asked, measured and decided"), ("report.json", "the same for programs"),
        ("provenance.json", "how the song came to be, for programs"),
    )),
)  # fmt: skip
_STYLE = """
header{display:grid;grid-template-columns:minmax(9rem,18rem) 1fr;gap:1.5rem;align-items:end}
header img{width:100%;height:auto;border-radius:12px;display:block;box-shadow:0 6px 24px #0004}
header h1{font-size:clamp(1.8rem,6vw,3.2rem)}header p{margin:.4rem 0}
@media(max-width:34rem){header{grid-template-columns:1fr}header a{max-width:20rem}}
audio{width:100%;display:block;margin:.8rem 0}
.wave{position:relative;touch-action:manipulation}.wave.live{cursor:pointer}
.wave i{position:absolute;top:0;bottom:0;width:2px;background:#e8590c;pointer-events:none;display:none}
.wave.live i{display:block}.wave figure a{pointer-events:none}
ul.stems{list-style:none;padding:0;margin:0;display:grid;gap:.5rem 1.2rem;
grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr))}
.stems li{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:.6rem .8rem}
.stems audio{margin:.4rem 0 0;height:2.4rem}.stems small{color:var(--soft)}
"""
# One sound at a time; a click into the waveform goes there. Without a script the page plays all the same.
_SCRIPT = """
const all=[...document.querySelectorAll('audio')],main=all[0],wave=document.querySelector('.wave');
for(const a of all)a.addEventListener('play',()=>{for(const b of all)if(b!==a)b.pause()});
if(main&&wave){const line=wave.querySelector('i'),left=+wave.dataset.left,wide=+wave.dataset.wide;
wave.classList.add('live');
const show=()=>{line.style.left=100*(left+wide*(main.currentTime/(main.duration||1)))+'%'};
main.addEventListener('timeupdate',show);main.addEventListener('seeked',show);show();
wave.addEventListener('click',e=>{const box=wave.getBoundingClientRect();
const at=((e.clientX-box.left)/box.width-left)/wide;
if(at>=0&&at<=1&&main.duration){main.currentTime=at*main.duration;main.play()}})}
"""


def render_index(report: Mapping[str, Any], *, chords: str, report_bytes: Mapping[str, int]) -> str:
    """The page, from the report's document; `report_bytes` are the sizes of the files that it does not list itself."""
    sizes = {file["path"]: int(file["bytes"]) for file in report["files"]} | dict(report_bytes)
    body = "".join(
        [
            _header(report, sizes),
            "<main>",
            _player(report, sizes),
            _stems(report.get("stems", ()), sizes),
            _score(chords, sizes),
            _more_pictures(sizes),
            _files(sizes, {file["path"] for file in report["files"] if file.get("plan")}),
            "</main>",
            f'<footer class="soft"><p>{_origin(report)}</p></footer>',
        ]
    )
    return document(str(report["title"]), body, _STYLE, _SCRIPT)


def _header(report: Mapping[str, Any], sizes: Mapping[str, int]) -> str:
    title = escape(str(report["title"]))
    cover = (
        f'<a href="{FILES["cover"]}"><img src="{FILES["cover"]}" alt="Cover of {title}" width="1400" height="1400"></a>'
    )
    held = sum(check["ok"] for check in report["checks"])
    checks = f"{held} of {len(report['checks'])} checks hold"
    return (
        f"<header>{cover if FILES['cover'] in sizes else ''}<div><h1>{title}</h1>"
        f"<p>{' · '.join(escape(fact) for fact in _facts(report))}</p>"
        f"<blockquote>{escape(str(report['prompt']))}</blockquote>"
        f"<p>{link(FILES['report_html'], checks) if FILES['report_html'] in sizes else checks}</p></div></header>"
    )


def _facts(report: Mapping[str, Any]) -> Iterator[str]:
    """What one says of a song in a line."""
    asked, measured = report["requested"], report["measured"]
    yield from (str(genre).replace("_", " ") for genre in asked["genre"][:2])
    if asked["key"]:
        yield f"{asked['key']} {str(asked['scale']).replace('_', ' ')}"
    yield f"{asked['tempo']:g} bpm"
    yield str(asked["time_signature"])
    seconds = round(measured["duration_s"])
    yield f"{seconds // 60}:{seconds % 60:02d}"
    yield f"{measured['integrated_lufs']:.1f} LUFS, {measured['true_peak_dbtp']:.1f} dBTP"


def _sources(files: Sequence[tuple[str, str]]) -> str:
    return "".join(f'<source src="{escape(quote(path))}" type="{kind}">' for path, kind in files)


def _player(report: Mapping[str, Any], sizes: Mapping[str, int]) -> str:
    there = [(path, kind) for path, kind in _PLAYED if path in sizes]
    title = escape(str(report["title"]), quote=True)
    sound = f'<audio controls preload="metadata" aria-label="{title}">{_sources(there)}</audio>'
    if FILES["waveform_png"] not in sizes:
        return sound
    shares = f'data-left="{LEFT / WIDTH:.5f}" data-wide="{(WIDTH - LEFT - RIGHT) / WIDTH:.5f}"'
    picture = figure(FILES["waveform_png"], "Waveform of the master with its sections")
    return f'{sound}<div class="wave" {shares}>{picture}<i></i></div>'


def _stems(stems: Sequence[Mapping[str, Any]], sizes: Mapping[str, int]) -> str:
    items = "".join(
        f"<li><b>{escape(str(stem['name']))}</b> <small>{escape(str(stem['role']).replace('_', ' '))} · "
        f"{link(stem['path'], size(sizes[stem['path']]), download=True)}</small>"
        f'<audio controls preload="none" aria-label="{escape(str(stem["name"]), quote=True)}">'
        f"{_sources([(stem['path'], 'audio/wav')])}</audio></li>"
        for stem in stems
        if stem["path"] in sizes
    )
    return f'<h2>Stems</h2><ul class="stems">{items}</ul>' if items else ""


def _score(chords: str, sizes: Mapping[str, int]) -> str:
    sheet = figure(FILES["engraving"], "Lead sheet: tune and chords") if FILES["engraving"] in sizes else ""
    chart = f"<h2>Chords</h2><pre>{escape(chords)}</pre>" if chords else ""
    return f"{chart}<h2>Lead sheet</h2>{sheet}" if sheet else chart


def _more_pictures(sizes: Mapping[str, int]) -> str:
    shown = (
        (FILES["spectrogram_png"], "Spectrogram of the master from 20 Hz to 20 kHz", False),
        (FILES["loudness_png"], "Loudness of the master over time against its target", True),
        (FILES["pianoroll"], "Piano roll of all parts", True),
    )
    found = "".join(figure(path, words, words, chart=chart) for path, words, chart in shown if path in sizes)
    return f"<h2>Pictures</h2>{found}" if found else ""


def _files(sizes: Mapping[str, int], plan: Set[str]) -> str:
    """The files by group; those in `plan` are notes that the sound need not keep to."""
    known = {path for _, files in _GROUPS for path, _ in files}
    others = [(path, "") for path in sizes if path not in known and not path.startswith("stems/")]
    parts = []
    for name, files in (*_GROUPS, ("More", others)):
        rows = [
            (link(path), escape(f"{words}: the plan" if path in plan else words), size(sizes[path]))
            for path, words in files
            if path in sizes
        ]
        if rows:
            parts.append(f"<h3>{name}</h3>{table(('file', '', 'size'), rows, numbers=(2,))}")
    return f"<h2>Files</h2>{''.join(parts)}"


def _origin(report: Mapping[str, Any]) -> str:
    made = f"Made by a machine: Sostenuto {report['versions'].get('sostenuto', '')}, seed {report['seed']}"
    return escape(f"{made}, take {report['take']}, with {report['sound_set']}.")
