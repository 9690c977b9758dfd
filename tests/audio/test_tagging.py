"""Tags as readers that are not ours see them: mutagen, ffprobe, libsndfile, and the bytes of the standards."""

import base64
import io
import json
import shutil
import struct
import subprocess
from datetime import UTC, datetime

import mutagen
import numpy as np
import pytest
import soundfile
from mutagen.flac import FLAC, Picture
from mutagen.id3 import ID3
from mutagen.mp3 import MP3, BitrateMode
from mutagen.oggopus import OggOpus
from mutagen.wave import WAVE
from PIL import Image
from pydantic import ValidationError

from audio.files import decode, encode_flac, encode_mp3, encode_opus, encode_wav
from audio.measure import measure
from audio.rate import RATE
from audio.tagging import FORMATS, Tags, tag
from audio.tagging.tags import MAX_COVER_BYTES
from domain.disclosure import Disclosure, SourceType
from domain.errors import RenderError
from tests.audio.signals import noise

ENCODE = {"wav": encode_wav, "flac": encode_flac, "mp3": encode_mp3, "opus": encode_opus}
URI = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"
SOUND = noise(1.3)
FILES = {name: encode(SOUND, RATE) for name, encode in ENCODE.items()}
COMMENT = "line one\nline two 🎹"
NASTY = [
    "\"Quoted\" 'title' = ; \\",
    "two\nlines\r\nand\ttabs",
    "emoji 🎧🔥 日本語 ünder",
    "x" * 255,
    "lone \ud800 half",
    "nul\0l",
]


def cover(pixels: int = 64) -> bytes:
    out = io.BytesIO()
    grain = np.random.default_rng(1).integers(0, 255, (pixels, pixels, 3), np.uint8)
    Image.fromarray(grain).save(out, "PNG")
    return out.getvalue()


def disclosure() -> Disclosure:
    return Disclosure(
        vocals=False, instrumentation=True, composition=True, post_production=True, lyrics=False,
        source=SourceType.ALGORITHMIC,
    )  # fmt: skip


def tags(**changes) -> Tags:
    given = {
        "title": "Ünder the rain 🌧", "artist": "Duo Ñ", "bpm": 92.5, "key": "Eb harmonic_minor",
        "genre": ("lo-fi", "jazz"), "created": datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC), "isrc": "aa-6q7-20-00047",
        "comment": COMMENT, "software": "Sostenuto 0.1.0", "cover": cover(), "disclosure": disclosure(),
        "measured": measure(SOUND, RATE),
    }  # fmt: skip
    return Tags(**{**given, **changes})


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("picture", [None, cover(700)], ids=["plain", "large cover"])
def test_samples_stay_and_the_same_tags_give_the_same_bytes(name, picture) -> None:
    once = tag(FILES[name], name, tags(cover=picture))
    assert once == tag(FILES[name], name, tags(cover=picture))
    assert tag(once, name, tags(title="Other")) == tag(FILES[name], name, tags(title="Other"))
    assert once != FILES[name]
    before, rate = decode(FILES[name])
    after, same = decode(once)
    assert np.array_equal(before, after)
    assert rate == same
    assert picture is None or len(picture) > 1_000_000


def frames_of(name: str, data: bytes) -> ID3:
    if name == "wav":
        return WAVE(io.BytesIO(data)).tags
    return MP3(io.BytesIO(data)).tags


@pytest.mark.parametrize("name", ["wav", "mp3"])
def test_id3_is_read_by_another(name) -> None:
    found = frames_of(name, tag(FILES[name], name, tags()))
    assert found.version == (2, 4, 0)
    said = {key: found[key].text for key in ("TIT2", "TPE1", "TBPM", "TKEY", "TCON", "TSRC", "TSSE")}
    assert said == {
        "TIT2": ["Ünder the rain 🌧"], "TPE1": ["Duo Ñ"], "TBPM": ["92"], "TKEY": ["Ebm"], "TCON": ["lo-fi", "jazz"],
        "TSRC": ["AA6Q72000047"], "TSSE": ["Sostenuto 0.1.0"],
    }  # fmt: skip
    assert str(found["TDRC"].text[0]) == "2026-03-04"
    assert found["COMM::eng"].text == [COMMENT]
    assert found["APIC:Cover"].data == cover()
    assert (found["APIC:Cover"].mime, found["APIC:Cover"].type) == ("image/png", 3)
    marks = {frame.desc: frame.text[0] for frame in found.getall("TXXX")}
    assert marks == dict(disclosure().marks())
    assert marks["AI_VOCALS"] == "false"
    assert marks["AI_COMPOSITION"] == "true"
    assert marks["DIGITAL_SOURCE_TYPE"] == URI


@pytest.mark.parametrize(("name", "reader"), [("flac", FLAC), ("opus", OggOpus)])
def test_vorbis_comments_are_read_by_another(name, reader) -> None:
    found = reader(io.BytesIO(tag(FILES[name], name, tags())))
    said = dict(found.tags.as_dict())
    said.pop("metadata_block_picture", None)
    assert said == {
        "title": ["Ünder the rain 🌧"], "artist": ["Duo Ñ"], "genre": ["lo-fi", "jazz"], "date": ["2026-03-04"],
        "bpm": ["92.5"], "key": ["Eb harmonic minor"], "initialkey": ["Ebm"], "isrc": ["AA6Q72000047"],
        "comment": [COMMENT], "encoded_by": ["Sostenuto 0.1.0"],
        **{key.lower(): [value] for key, value in disclosure().marks()},
    }  # fmt: skip
    raw = found.tags["metadata_block_picture"][0] if name == "opus" else None
    picture = Picture(base64.b64decode(raw)) if raw else found.pictures[0]
    assert picture.data == cover()
    assert (picture.mime, picture.type, picture.width, picture.height, picture.depth) == ("image/png", 3, 64, 64, 24)


def test_flac_keeps_the_digest_of_its_samples_and_its_encoder() -> None:
    before, after = FLAC(io.BytesIO(FILES["flac"])), FLAC(io.BytesIO(tag(FILES["flac"], "flac", tags())))
    assert after.info.md5_signature == before.info.md5_signature != 0
    assert after.tags.vendor == before.tags.vendor != ""


@pytest.mark.parametrize("pixels", [4, 60, 200, 700])
def test_opus_pages_are_laid_anew_for_every_size_of_cover(pixels) -> None:
    data = tag(FILES["opus"], "opus", tags(cover=cover(pixels)))
    found = OggOpus(io.BytesIO(data))
    assert Picture(base64.b64decode(found.tags["metadata_block_picture"][0])).data == cover(pixels)
    assert found.info.length == pytest.approx(1.3, abs=1e-3)


@pytest.mark.parametrize("padding", range(500, 520))
def test_opus_comment_packets_of_every_length_around_a_full_segment(padding) -> None:
    data = tag(FILES["opus"], "opus", Tags(title="t", comment="c" * padding))
    assert OggOpus(io.BytesIO(data)).tags["comment"] == ["c" * padding]
    assert np.array_equal(decode(data)[0], decode(FILES["opus"])[0])


def test_a_comment_packet_that_fills_its_page_is_not_torn() -> None:
    empty = len(tag(FILES["opus"], "opus", Tags(comment="c"))) - len(FILES["opus"])
    for length in range(255 * 255 - empty - 400, 255 * 255 - empty + 400, 7):
        data = tag(FILES["opus"], "opus", Tags(comment="c" * length))
        assert OggOpus(io.BytesIO(data)).tags["comment"] == ["c" * length]


def test_mp3_stays_at_its_constant_rate_and_length() -> None:
    info = MP3(io.BytesIO(tag(FILES["mp3"], "mp3", tags()))).info
    assert (info.bitrate, info.bitrate_mode) == (320_000, BitrateMode.CBR)
    assert info.length == pytest.approx(1.3, abs=0.06)


def chunks(data: bytes) -> dict[bytes, bytes]:
    assert struct.unpack_from("<I", data, 4)[0] == len(data) - 8
    found, at = {}, 12
    while at < len(data):
        name, length = struct.unpack_from("<4sI", data, at)
        assert name not in found
        found[name] = data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
    return found


def test_bext_is_version_2_with_loudness() -> None:
    given = tags()
    found = chunks(tag(FILES["wav"], "wav", given))
    assert list(found) == [b"fmt ", b"bext", b"LIST", b"data", b"id3 "]
    bext = found[b"bext"]
    assert bext[:256].rstrip(b"\0") == b"Under the rain ?; generated: algorithmicMedia"
    assert bext[256:288].rstrip(b"\0") == b"Sostenuto 0.1.0"
    assert bext[288:320].rstrip(b"\0") == b"AA6Q72000047"
    assert bext[320:338] == b"2026-03-04" + bytes(8)
    assert struct.unpack_from("<QH", bext, 338) == (0, 2)
    m = given.measured
    loudness = [value / 100 for value in struct.unpack_from("<5h", bext, 412)]
    assert loudness == pytest.approx(
        [m.integrated_lufs, m.loudness_range_lu, m.true_peak_dbtp, m.max_momentary_lufs, m.max_short_term_lufs],
        abs=0.0051,
    )
    assert bext[422:602] == bytes(180)
    assert bext[602:] == b"A=PCM,F=48000,W=24,M=stereo,T=Sostenuto 0.1.0\r\n"


def test_unknown_loudness_and_time_are_said_to_be_unknown() -> None:
    bext = chunks(tag(FILES["wav"], "wav", Tags(title="t")))[b"bext"]
    assert struct.unpack_from("<5h", bext, 412) == (0x7FFF,) * 5
    assert bext[320:338] == bytes(18)


def test_libsndfile_reads_the_titles() -> None:
    for name in FORMATS:
        with soundfile.SoundFile(io.BytesIO(tag(FILES[name], name, tags()))) as file:
            assert file.title == "Ünder the rain 🌧", name
            assert file.artist == "Duo Ñ", name


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed")
@pytest.mark.parametrize("name", FORMATS)
def test_ffprobe_reads_title_and_cover(name, tmp_path) -> None:
    path = tmp_path / f"song.{name}"
    path.write_bytes(tag(FILES[name], name, tags(title='Plain = title; "quoted"')))
    asked = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(path)]
    ran = subprocess.run(asked, capture_output=True, text=True, check=True)
    told = json.loads(ran.stdout)
    audio = next(s for s in told["streams"] if s["codec_type"] == "audio")
    said = {k.lower(): v for k, v in {**told["format"].get("tags", {}), **audio.get("tags", {})}.items()}
    assert ran.stderr == ""
    assert said["title"] == 'Plain = title; "quoted"'
    assert said["artist"] == "Duo Ñ"
    pictures = [s for s in told["streams"] if s["codec_type"] == "video"]
    assert [(p["codec_name"], p["width"], p["disposition"]["attached_pic"]) for p in pictures] == [("png", 64, 1)]
    if name == "wav":
        assert said["coding_history"].startswith("A=PCM,F=48000,W=24,M=stereo")


@pytest.mark.parametrize("title", NASTY)
@pytest.mark.parametrize("name", FORMATS)
def test_strange_titles_survive_or_are_cleaned(name, title) -> None:
    data = tag(FILES[name], name, tags(title=title))
    assert np.array_equal(decode(data)[0], decode(FILES[name])[0])
    found = mutagen.File(io.BytesIO(data))
    read = found.tags["TIT2"].text if name in ("wav", "mp3") else found.tags["title"]
    whole = title.replace("\ud800", "?").replace("\0", " ")
    line = whole.replace("\r\n", " ").replace("\n", " ").replace("\t", " ")
    assert read == [whole if name in ("flac", "opus") else line]


def test_what_is_no_tag_is_refused() -> None:
    for wrong in ("AA-6Q7-20-0004", "A1-6Q7-20-00047", "AA6Q7200000470", ""):
        with pytest.raises(ValidationError, match="is no ISRC"):
            tags(isrc=wrong)
    for changes in ({"cover": b"GIF89a" + bytes(60)}, {"bpm": 0}, {"key": "H minor"}):
        with pytest.raises(ValidationError):
            tags(**changes)
    with pytest.raises(ValidationError, match="at most"):
        tags(cover=cover() + bytes(MAX_COVER_BYTES))
    assert Tags(isrc=None).isrc is None


@pytest.mark.parametrize("name", ["wav", "flac", "opus"])
def test_another_format_is_refused(name) -> None:
    with pytest.raises(RenderError):
        tag(FILES["mp3"], name, tags())


def test_an_earlier_id3v1_trailer_is_dropped() -> None:
    trailer = b"TAG" + b"old title".ljust(125, b"\0")
    assert tag(FILES["mp3"] + trailer, "mp3", tags()) == tag(FILES["mp3"], "mp3", tags())
