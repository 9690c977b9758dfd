"""Archives from vendors: names become roles, never paths; limits hold whatever the directory claims."""

import io
import zipfile

import pytest

from domain.providers import ErrorKind
from providers.archives import stem_name, unpacked
from providers.errors import ProviderError
from tests.providers.servers.base import tone

WAV = tone(0.1)


def archive(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as made:
        for name, content in files:
            made.writestr(name, content)
    return target.getvalue()


def test_stems_and_midi_files_by_name() -> None:
    made = unpacked(
        archive(
            ("mix/Vocals.WAV", WAV), ("../../etc/Drums & Perc.wav", WAV), ("bass.mid", b"MThd"), ("read me.txt", b"hi")
        )
    )
    assert [(file.role, file.media_type) for file in made] == [
        ("stem:vocals", "audio/wav"),
        ("stem:drums_perc", "audio/wav"),
        ("midi", "audio/midi"),
    ]
    assert made[0].content == WAV


def test_two_of_one_name_stay_apart() -> None:
    made = unpacked(archive(("a/bass.wav", WAV), ("b/bass.wav", WAV), ("c\\bass.wav", WAV)))
    assert [file.role for file in made] == ["stem:bass", "stem:bass_2", "stem:bass_3"]


@pytest.mark.parametrize(("given", "name"), [("02 - Lead Vox (wet)", "02_lead_vox_wet"), ("///", "stem"), ("", "stem")])
def test_names(given: str, name: str) -> None:
    assert stem_name(given) == name


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<html>", "not a zip"),
        (archive(("vocals.wav", WAV))[:-40], "not a zip"),
        (archive(("notes.txt", b"hi")), "holds no sound"),
        (archive(("vocals.wav", b"<html>a page</html>")), "stem:vocals is no sound"),
        (archive(("vocals.wav", b"")), "stem:vocals is no sound"),
        (archive(*((f"{number}.wav", WAV) for number in range(65))), "65 files"),
        (archive(("bomb.wav", b"RIFF" + bytes(300_000))), "more than 100,000 bytes"),
        (archive(("a.wav", WAV * 6), ("b.wav", WAV * 6)), "more than 100,000 bytes"),
    ],
)
@pytest.mark.parametrize(("charged", "kind"), [(True, ErrorKind.OUTCOME_UNKNOWN), (False, ErrorKind.UPSTREAM)])
def test_what_cannot_be_used(content: bytes, told: str, charged: bool, kind: ErrorKind) -> None:
    with pytest.raises(ProviderError, match=told) as caught:
        unpacked(content, max_bytes=100_000, charged=charged)
    assert caught.value.kind is kind


def test_a_damaged_member_is_not_handed_on() -> None:
    whole = bytearray(archive(("vocals.wav", WAV), method=zipfile.ZIP_STORED))
    at = whole.index(WAV) + 2_000
    whole[at] ^= 0xFF
    with pytest.raises(ProviderError, match="CRC"):
        unpacked(bytes(whole))
