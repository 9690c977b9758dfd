"""The command `sostenuto`."""

import os
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from domain.commands import CommandKind
from domain.errors import SostenutoError
from domain.stages import SongStatus, Stage
from sostenuto.output import DEBUG, Output, report_error, run
from sostenuto.songs import LAST
from sostenuto.version import VERSION
from sostenuto.wishes import Wishes, checked_context, checked_settings, read_prompt

if TYPE_CHECKING:
    from sostenuto.making import Making
    from sostenuto.steering import Steering
    from storage.config import Settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Sostenuto: a sentence goes in, a mastered and measured song comes out.",
)

Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Folder of songs, media and servers.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object; progress goes to standard error.")]
SongName = Annotated[str, typer.Argument(metavar="ID", help="A song's id, a unique part of it, or 'last'.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Release folder; default songs/TITLE-ID.")]
Sets = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="A wish by context path; repeatable.")
]
Zip = Annotated[bool, typer.Option("--zip", help="Also write the release as one zip, beside its folder.")]
Wait = Annotated[bool, typer.Option("--wait", help="Keep waiting when the song is blocked.")]


@app.command()
def make(
    prompt: Annotated[str, typer.Argument(help="What the song should be; - reads standard input.")],
    out: Out = None,
    title: Annotated[str | None, typer.Option(help="Title; otherwise the song finds one.")] = None,
    seed: Annotated[int | None, typer.Option(help="Same prompt and seed, same song.")] = None,
    review: Annotated[
        str | None, typer.Option(metavar="STAGES", help="Wait for you after these: all, none, or names with commas.")
    ] = None,
    duration: Annotated[float | None, typer.Option(help="Length in seconds.")] = None,
    tempo: Annotated[float | None, typer.Option(help="Beats per minute.")] = None,
    key: Annotated[str | None, typer.Option(help='Key, such as "F minor".')] = None,
    lufs: Annotated[float | None, typer.Option(help="Integrated loudness of the master in LUFS.")] = None,
    reference: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A finished song whose tone the master comes near.")
    ] = None,
    formats: Annotated[
        list[str] | None, typer.Option("--format", help="More formats than WAV, FLAC and MP3: opus.")
    ] = None,
    sets: Sets = None,
    enhance: Annotated[bool, typer.Option("--enhance/--no-enhance", help="Enrich the prompt before composing.")] = True,
    level: Annotated[str | None, typer.Option(help="How far: light, moderate or strong.")] = None,
    preferred: Annotated[
        list[str] | None, typer.Option("--provider", metavar="NAME", help="Ask this one first; repeatable.")
    ] = None,
    forbidden: Annotated[
        list[str] | None, typer.Option("--no-provider", metavar="NAME", help="Never ask this one; repeatable.")
    ] = None,
    production: Annotated[
        str | None, typer.Option(metavar="WHO", help="Who plays: auto, builtin or provider (any that is set up).")
    ] = None,
    vocals: Annotated[bool, typer.Option("--vocals", help="A song that is sung: words, and a provider.")] = False,
    stems: Annotated[bool, typer.Option("--stems", help="A provider's song in its parts.")] = False,
    cover: Annotated[
        bool, typer.Option("--cover", help="A provider's own version of the song given as --reference.")
    ] = False,
    budget: Annotated[
        float | None, typer.Option(metavar="USD", help="What providers may cost for this song in US dollars.")
    ] = None,
    on_unknown: Annotated[
        str | None,
        typer.Option("--on-unknown", metavar="WHAT", help="When an order may be lost: block or fallback."),
    ] = None,
    zipped: Zip = False,
    wait: Wait = False,
    as_json: Json = False,
    data: Data = None,
) -> int:
    """Make a song and write its release folder."""
    output = Output(as_json=as_json)

    def action() -> int:
        wishes = Wishes(
            prompt=read_prompt(prompt),
            title=title,
            settings=checked_settings(
                seed=seed,
                review=review,
                formats=formats or (),
                enhance=enhance,
                level=level,
                preferred=preferred or (),
                forbidden=forbidden or (),
                production=production,
                vocals=vocals,
                stems=stems,
                cover=cover,
                budget=budget,
                on_unknown=on_unknown,
            ),
            context=checked_context(sets or (), duration=duration, tempo=tempo, key=key, lufs=lufs),
            reference=reference,
        )
        return _making(output, data, out, wait, zipped).make(wishes)

    return run(output, action)


@app.command()
def compose(
    prompt: Annotated[str, typer.Argument(help="What the song should be; - reads standard input.")],
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder; default songs/TITLE-sSEED.")] = None,
    title: Annotated[str | None, typer.Option(help="Title; otherwise the song finds one.")] = None,
    seed: Annotated[int | None, typer.Option(help="Same prompt and seed, same song.")] = None,
    duration: Annotated[float | None, typer.Option(help="Length in seconds.")] = None,
    tempo: Annotated[float | None, typer.Option(help="Beats per minute.")] = None,
    key: Annotated[str | None, typer.Option(help='Key, such as "F minor".')] = None,
    sets: Sets = None,
    enhance: Annotated[bool, typer.Option("--enhance/--no-enhance", help="Enrich the prompt before composing.")] = True,
    level: Annotated[str | None, typer.Option(help="How far: light, moderate or strong.")] = None,
    as_json: Json = False,
) -> int:
    """Write a song down, without sound: MIDI, score, lead sheet, chords, piano roll. Takes a second or two."""
    output = Output(as_json=as_json)

    def action() -> int:
        from sostenuto.composing import compose_song

        wishes = Wishes(
            prompt=read_prompt(prompt),
            title=title,
            settings=checked_settings(seed=seed, review=None, formats=(), enhance=enhance, level=level),
            context=checked_context(sets or (), duration=duration, tempo=tempo, key=key),
        )
        return compose_song(output, wishes, out)

    return run(output, action)


@app.command()
def master(
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE...", help="Takes of one song.")] = None,
    stems: Annotated[Path | None, typer.Option(metavar="DIR", help="Stems of one song, told by name.")] = None,
    reference: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A finished song to come near in tone.")
    ] = None,
    lufs: Annotated[float | None, typer.Option(help="Integrated loudness in LUFS; default the preset's.")] = None,
    ceiling: Annotated[float | None, typer.Option(help="Highest true peak in dBTP; default the preset's.")] = None,
    preset: Annotated[
        str | None, typer.Option(help="Where it will be heard: spotify, apple, broadcast, club …")
    ] = None,
    genre: Annotated[str | None, typer.Option(help="Whose mix and tone to go by, such as house.")] = None,
    tempo: Annotated[float | None, typer.Option(help="Beats per minute that were asked for.")] = None,
    key: Annotated[str | None, typer.Option(help='Key that was asked for, such as "A minor".')] = None,
    seconds: Annotated[float | None, typer.Option(help="Length that was asked for.")] = None,
    take: Annotated[int | None, typer.Option(help="Use this take, whatever the measurements say.")] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the master.")] = Path("master"),
    as_json: Json = False,
) -> int:
    """Master sound from elsewhere: the best of several takes, or a set of stems. Needs no server."""
    output = Output(as_json=as_json)

    def action() -> int:
        from sostenuto.mastering import MasterWishes, asked_of, master_files

        wishes = MasterWishes(
            files=tuple(files or ()), stems=stems, reference=reference, lufs=lufs, ceiling=ceiling, preset=preset,
            genre=genre, asked=asked_of(tempo=tempo, key=key, seconds=seconds), take=take,
        )  # fmt: skip
        return master_files(output, wishes, out)

    return run(output, action)


@app.command()
def sketch(
    prompt: Annotated[str, typer.Argument(help="What the song should be; - reads standard input.")],
    out: Annotated[
        str | None, typer.Option("--out", metavar="FILE", help="WAV file, - for standard output; TITLE-sSEED.wav.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Title; otherwise the song finds one.")] = None,
    seed: Annotated[int | None, typer.Option(help="Same prompt and seed, same song.")] = None,
    seconds: Annotated[float | None, typer.Option(help="End after so long; otherwise the whole song.")] = None,
    duration: Annotated[float | None, typer.Option(help="Length of the song in seconds.")] = None,
    tempo: Annotated[float | None, typer.Option(help="Beats per minute.")] = None,
    key: Annotated[str | None, typer.Option(help='Key, such as "F minor".')] = None,
    sets: Sets = None,
    enhance: Annotated[bool, typer.Option("--enhance/--no-enhance", help="Enrich the prompt before composing.")] = True,
    level: Annotated[str | None, typer.Option(help="How far: light, moderate or strong.")] = None,
    as_json: Json = False,
) -> int:
    """Hear a song in a second or two, played quickly by the sampler; --out - streams it to a player."""
    output = Output(as_json=as_json)
    began = time.monotonic()

    def action() -> int:
        from sostenuto.sketching import sketch_song

        wishes = Wishes(
            prompt=read_prompt(prompt),
            title=title,
            settings=checked_settings(seed=seed, review=None, formats=(), enhance=enhance, level=level),
            context=checked_context(sets or (), duration=duration, tempo=tempo, key=key),
        )
        return sketch_song(output, _settings(None), wishes, out, seconds=seconds, began=began)

    return run(output, action)


@app.command()
def follow(
    song: SongName = LAST,
    out: Out = None,
    zipped: Zip = False,
    wait: Wait = False,
    as_json: Json = False,
    data: Data = None,
) -> int:
    """Follow a song that is under way; write its release folder at its end."""
    output = Output(as_json=as_json)
    return run(output, lambda: _making(output, data, out, wait, zipped).follow(song))


@app.command()
def export(
    song: SongName = LAST, out: Out = None, zipped: Zip = False, as_json: Json = False, data: Data = None
) -> int:
    """Write the release folder of a finished song."""
    output = Output(as_json=as_json)
    return run(output, lambda: _making(output, data, out, False, zipped).export(song))


@app.command()
def status(song: SongName = LAST, as_json: Json = False, data: Data = None) -> int:
    """Show where a song stands."""
    output = Output(as_json=as_json)
    return run(output, lambda: _steering(output, data).show(song))


@app.command("list")
def list_songs(
    stage: Annotated[Stage | None, typer.Option(help="Only songs at this stage.")] = None,
    status: Annotated[SongStatus | None, typer.Option(help="Only songs of this status.")] = None,
    text: Annotated[str | None, typer.Option(help="Only songs whose title or prompt holds this.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="At most so many.")] = 20,
    as_json: Json = False,
    data: Data = None,
) -> int:
    """List songs, the newest change first."""
    output = Output(as_json=as_json)
    return run(output, lambda: _steering(output, data).songs(stage=stage, status=status, text=text, limit=limit))


@app.command()
def providers(as_json: Json = False, data: Data = None) -> int:
    """Show whom songs can ask: what is set up and healthy, what it can do, costs and has cost."""
    output = Output(as_json=as_json)

    def action() -> int:
        from sostenuto.providers import Offer

        return Offer(_settings(data), output).show()

    return run(output, action)


@app.command()
def advance(
    song: SongName,
    to: Annotated[Stage | None, typer.Option("--to", help="The stage to go to, one step forward or back.")] = None,
    sets: Sets = None,
    as_json: Json = False,
    data: Data = None,
) -> int:
    """Send a song on to its next stage."""
    output = Output(as_json=as_json)

    def action() -> int:
        arguments = {"target": to and to.value, "changes": checked_context(sets or ()) or None}
        return _steering(output, data).send(song, CommandKind.ADVANCE, arguments)

    return run(output, action)


# "-16 LUFS" is an instruction, not an option.
@app.command(context_settings={"ignore_unknown_options": True})
def revise(
    song: SongName,
    instruction: Annotated[str | None, typer.Argument(help='What to change, such as "slower, in D minor".')] = None,
    stage: Annotated[Stage | None, typer.Option(help="The stage to make again.")] = None,
    sets: Sets = None,
    as_json: Json = False,
    data: Data = None,
) -> int:
    """Change something about a song; it is made again from there."""
    output = Output(as_json=as_json)

    def action() -> int:
        arguments = {
            "instruction": instruction,
            "stage": stage and stage.value,
            "changes": checked_context(sets or ()) or None,
        }
        return _steering(output, data).send(song, CommandKind.REVISE, arguments)

    return run(output, action)


@app.command()
def hold(song: SongName, as_json: Json = False, data: Data = None) -> int:
    """Let a song finish its step and start no other."""
    return _plain(song, CommandKind.HOLD, as_json, data)


@app.command()
def resume(song: SongName, as_json: Json = False, data: Data = None) -> int:
    """Let a held song go on."""
    return _plain(song, CommandKind.RESUME, as_json, data)


@app.command()
def retry(song: SongName, as_json: Json = False, data: Data = None) -> int:
    """Try again what blocked a song."""
    return _plain(song, CommandKind.RETRY, as_json, data)


@app.command()
def cancel(song: SongName, as_json: Json = False, data: Data = None) -> int:
    """Give a song up; what it has made is kept."""
    return _plain(song, CommandKind.CANCEL, as_json, data)


@app.command("open")
def open_song(
    song: SongName = LAST,
    only_print: Annotated[bool, typer.Option("--print", help="Print the links, open nothing.")] = False,
    as_json: Json = False,
    data: Data = None,
) -> int:
    """Open a song in the studio and in the Temporal UI."""
    output = Output(as_json=as_json)
    browse = not (only_print or as_json) and sys.stdout.isatty()
    return run(output, lambda: _steering(output, data).open(song, browse=browse))


@app.command()
def up(as_json: Json = False, data: Data = None) -> int:
    """Start Temporal, the worker, the API and the studio on this machine."""
    from sostenuto import serving

    output = Output(as_json=as_json)
    return run(output, lambda: serving.up(_settings(data), output))


@app.command("serve-api")
def serve_api() -> int:
    """Serve the API alone."""
    from sostenuto import serving

    return run(Output(), lambda: serving.serve_api(_settings(None)))


@app.command()
def migrate(as_json: Json = False, data: Data = None) -> int:
    """Bring the database to the newest schema."""
    from sostenuto import serving

    output = Output(as_json=as_json)
    return run(output, lambda: serving.migrate(_settings(data), output))


keys = typer.Typer(no_args_is_help=True, help="Issue, list and revoke API keys, straight in the database.")
app.add_typer(keys, name="keys")
OwnerName = Annotated[str | None, typer.Option("--owner", metavar="USER", help="Whose songs the key is for.")]


retention = typer.Typer(no_args_is_help=True, help="Look after the files of archived songs.")
app.add_typer(retention, name="retention")


@retention.command("run")
def run_retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: Json = False,
    data: Data = None,
) -> int:
    """Remove files of songs archived long ago that nothing else needs, as the daily schedule does."""
    output = Output(as_json=as_json)

    def action() -> int:
        from sostenuto.retention import Archive

        return Archive(_settings(data), output).run(dry=dry_run)

    return run(output, action)


@keys.command("create")
def create_key(
    owner: OwnerName = None,
    name: Annotated[str, typer.Option(help="What you know it by.")] = "",
    scopes: Annotated[
        str, typer.Option(metavar="NAMES", help="What it may be used for: read, write, webhooks, keys.")
    ] = "read,write",
    expires: Annotated[str | None, typer.Option(metavar="TIME", help="When it ends, such as 2027-03-01.")] = None,
    as_json: Json = False,
    data: Data = None,
) -> int:
    """Issue an API key and print it, this once."""
    output = Output(as_json=as_json)

    def action() -> int:
        from sostenuto.keys import Keys, read_scopes, read_time

        ends = read_time(expires) if expires else None
        return Keys(_settings(data), output).create(owner, name, read_scopes(scopes), ends)

    return run(output, action)


@keys.command("list")
def list_keys(owner: OwnerName = None, as_json: Json = False, data: Data = None) -> int:
    """List API keys, the newest first."""
    output = Output(as_json=as_json)

    def action() -> int:
        from sostenuto.keys import Keys

        return Keys(_settings(data), output).show(owner)

    return run(output, action)


@keys.command("revoke")
def revoke_key(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The key's id, or how it begins.")],
    as_json: Json = False,
    data: Data = None,
) -> int:
    """Revoke an API key and end the browser sessions that it opened."""
    output = Output(as_json=as_json)

    def action() -> int:
        from sostenuto.keys import Keys

        return Keys(_settings(data), output).revoke(key)

    return run(output, action)


@app.command()
def version(as_json: Json = False) -> int:
    """Print the version."""
    Output(as_json=as_json).result({"version": VERSION}, VERSION)
    return 0


def _plain(song: str, kind: CommandKind, as_json: bool, data: Path | None) -> int:
    output = Output(as_json=as_json)
    return run(output, lambda: _steering(output, data).send(song, kind, {}))


# What talks to a server is imported when it is needed: composing and asking for the version go without.
def _settings(data: Path | None) -> "Settings":
    from storage.config import load_settings

    return load_settings(data_dir=data) if data else load_settings()


def _steering(output: Output, data: Path | None) -> "Steering":
    from sostenuto.steering import Steering

    return Steering(_settings(data), output)


def _making(output: Output, data: Path | None, out: Path | None, wait: bool, zipped: bool) -> "Making":
    from sostenuto.making import Making

    asks = sys.stdin.isatty() and sys.stderr.isatty() and not output.as_json
    return Making(_settings(data), output, out, _ask if asks else None, wait, zipped)


def _ask(question: str) -> str | None:
    print(question, file=sys.stderr, flush=True)
    try:
        return input("> ")
    except EOFError:
        return None


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    sys.exit(_run(sys.argv[1:]))


def _run(arguments: list[str]) -> int:
    try:
        code = app(arguments, prog_name="sostenuto", standalone_mode=False)
    except typer.exceptions.TyperException as error:
        print(f"error: {' '.join(error.format_message().split())}", file=sys.stderr)
        return error.exit_code
    except SostenutoError as error:
        return report_error(error)
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone; nothing more can be said there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:
        if os.environ.get(DEBUG):
            traceback.print_exc()
        print(f"error: {type(error).__name__}: {error} ({DEBUG}=1 shows more)", file=sys.stderr)
        return 1
    return code if isinstance(code, int) else 0


def _interrupt(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt
