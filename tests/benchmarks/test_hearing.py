"""The way to the ears and back, with a stand-in that answers by the rules of the real ones."""

import sys
from pathlib import Path

import pytest

from benchmarks import hearing
from benchmarks.ear_lines import claim_heard, heard_tempos
from benchmarks.ears.environment import EarsUnavailableError, fingerprint
from benchmarks.excerpts import Clip
from benchmarks.tally import Tally
from tests.benchmarks.test_symbolic import asks

EAR = """
import json, sys
for line in sys.stdin:
    job = json.loads(line)
    if "deaf" in job["path"]:
        sys.exit(1)
    failed = {"error": "silence"} if "silent" in job["path"] else {"tempo": {"madmom": len(job["ask"])}}
    print(json.dumps({"id": job["id"], **failed}), flush=True)
"""


@pytest.fixture
def ear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    worker = tmp_path / "worker.py"
    worker.write_text(EAR)
    monkeypatch.setattr(hearing, "WORKER", worker)
    monkeypatch.setattr(hearing, "ears_python", lambda: Path(sys.executable))
    return tmp_path


def sound(folder: Path, name: str) -> str:
    path = folder / name
    path.write_bytes(name.encode())
    return str(path)


def test_answers_come_in_order_and_are_kept(ear: Path) -> None:
    jobs = [(sound(ear, f"{i}.flac"), ("tempo",) * (i + 1)) for i in range(5)]
    steps: list[int] = []
    first = hearing.listen(jobs, ear / "kept", processes=2, done=lambda: steps.append(1))
    assert [answer["tempo"]["madmom"] for answer in first] == [1, 2, 3, 4, 5]
    assert len(steps) == 5
    assert len(list((ear / "kept").iterdir())) == 5
    assert hearing.listen(jobs, ear / "kept", processes=2, done=lambda: steps.append(1)) == first
    assert len(steps) == 10


def test_what_cannot_be_heard_is_told_and_asked_again(ear: Path) -> None:
    jobs = [(sound(ear, "silent.flac"), ("key",))]
    assert hearing.listen(jobs, ear / "kept", processes=2, done=lambda: None)[0]["error"] == "silence"
    assert list((ear / "kept").iterdir()) == []


def test_an_ear_that_ends_is_an_error(ear: Path) -> None:
    with pytest.raises(EarsUnavailableError, match="deaf"):
        hearing.listen([(sound(ear, "deaf.flac"), ("key",))], ear / "kept", processes=1, done=lambda: None)


def test_the_environment_follows_its_requirements() -> None:
    assert len(fingerprint()) == 64
    assert fingerprint() == fingerprint()


def clip(metre: str = "4/4", chords: tuple[str, ...] = (), **asked: object) -> Clip:
    return Clip(path="x", asked=asks(**asked), seed=1, metre=metre, drums=True, chords=chords)  # type: ignore[arg-type]


def test_dotted_quarters_are_quarters_and_a_half() -> None:
    heard = {"tempo": {"madmom": 64.0, "essentia": 96.0}}
    assert heard_tempos(clip("6/8", tempo=64.0), heard) == {"madmom": 64.0, "essentia": 64.0}
    assert heard_tempos(clip("4/4", tempo=64.0), heard)["essentia"] == 96.0


def test_lines_of_the_ears() -> None:
    song = clip(tempo=100.0, key="A", scale="minor")
    heard = {
        "tempo": {"madmom": 50.0, "essentia": 101.0}, "beats_per_bar": 3,
        "key": {"madmom": "C major", "bgate": "A minor", "edma": "C major", "krumhansl": "E minor"},
    }  # fmt: skip
    listed = clip(chords=("C", "G", "Am", "F"))
    changes = {"chords": [[0, "N"], [0.1, "C"], [2, "G"], [4, "Am7"], [6, "Dm"]]}
    tally = Tally()
    claim_heard(tally, [(song, heard), (listed, changes), (song, {"error": "silence"})])
    lines = {line.name: line for line in tally.lines}
    assert lines["clips heard without an error"].ok is False
    assert lines["TB: same bin, by at least one of two ears"].ok is True
    assert lines["  TB by madmom"].value == "0.0 % of 1"
    assert lines["  within 4 %, any octave, by madmom"].value == "100.0 % of 1"
    assert lines["CK: tonic and mode, by essentia or madmom"].ok is True
    assert lines["  CKD by madmom"].value == "100.0 % of 1"
    assert lines["  CK by essentia krumhansl"].value == "0.0 % of 1"
    assert lines["3/4 and 4/4 with drums, by madmom"].ok is False
    assert lines["PCM: the whole list, in order, by Chordino"].ok is False
    assert lines["ECM: mean share of the list"].value == "75.0 %"
