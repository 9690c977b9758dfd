"""A song to hear early and to look at: sketch, waveform, spectrogram, peaks, loudness, and the score page by page.

What is asked for of a sound is that of the newest stage that can be heard, of `stage`, of one `stem` by its name, or of
the file with the SHA-256 `content_hash`, of any revision. All raise NotFound, which tells what there is.
"""

import re

import httpx

from domain.stages import Stage
from sostenuto import picture_answers as answers
from sostenuto.resources.asking import LISTENING_TIMEOUT_S, Asking, Target, given, save, song_path

SKETCH_HEADER = "Sostenuto-Sketch"
# The API waits up to 30 seconds for a first sound, and as long for the rest of it.
SKETCH_SILENCE_S = 40.0


class Pictures(Asking):
    """Calls for what a song sounds and looks like."""

    def sketch(self, song_id: str, target: Target, *, wait: float = 20.0) -> answers.Sketch:
        """Write the song as it is written now to `target`, played quickly by the sampler, as it arrives.

        FLAC, 32 kHz. `wait`: at most so many seconds, 0 to 30, for the first sound of a song that is on its way to one.
        """
        path = f"{song_path(song_id)}/sketch"
        with self._reading(path, params={"wait": wait}, timeout=SKETCH_SILENCE_S) as response:
            return _sketch(response, save(response, target, chunk_bytes=None)[1])

    def waveform(
        self,
        song_id: str,
        target: Target,
        *,
        stage: Stage | None = None,
        stem: str | None = None,
        content_hash: str | None = None,
    ) -> int:
        """Write the sound over time to `target`, as PNG, full scale from edge to edge; its size in bytes."""
        sound = _sound(stage, stem, content_hash)
        return self._file(f"{song_path(song_id)}/waveform.png", target, timeout=LISTENING_TIMEOUT_S, **sound)

    def spectrogram(
        self,
        song_id: str,
        target: Target,
        *,
        stage: Stage | None = None,
        stem: str | None = None,
        content_hash: str | None = None,
    ) -> int:
        """Write the sound's frequencies over time to `target`, as PNG; its size in bytes."""
        sound = _sound(stage, stem, content_hash)
        return self._file(f"{song_path(song_id)}/spectrogram.png", target, timeout=LISTENING_TIMEOUT_S, **sound)

    def peaks(
        self,
        song_id: str,
        *,
        points: int = 1000,
        stage: Stage | None = None,
        stem: str | None = None,
        content_hash: str | None = None,
    ) -> answers.Peaks:
        """Lowest and highest sample of each of at most `points` columns, 1 to 8192: what players draw."""
        params = {"points": points, **_sound(stage, stem, content_hash)}
        response = self._call("GET", f"{song_path(song_id)}/peaks.json", params=params, timeout=LISTENING_TIMEOUT_S)
        return self._parse(answers.Peaks, response)

    def loudness(
        self,
        song_id: str,
        *,
        points: int = 1000,
        stage: Stage | None = None,
        stem: str | None = None,
        content_hash: str | None = None,
    ) -> answers.LoudnessCurve:
        """How loud the sound is, in at most `points` steps, 1 to 8192, and as a whole."""
        params = {"points": points, **_sound(stage, stem, content_hash)}
        response = self._call("GET", f"{song_path(song_id)}/loudness.json", params=params, timeout=LISTENING_TIMEOUT_S)
        return self._parse(answers.LoudnessCurve, response)

    def score(self, song_id: str, target: Target, *, page: int = 1) -> int:
        """Write a page of the newest score to `target`, A4 upright, as SVG; its size in bytes. Pages count from 1."""
        return self._file(f"{song_path(song_id)}/score.svg", target, timeout=LISTENING_TIMEOUT_S, page=page)

    def timemap(self, song_id: str) -> answers.Timemap:
        """How many pages the score has, and which of its notes sound when."""
        response = self._call("GET", f"{song_path(song_id)}/score/timemap.json", timeout=LISTENING_TIMEOUT_S)
        return self._parse(answers.Timemap, response)


def _sound(stage: Stage | None, stem: str | None, content_hash: str | None) -> dict[str, str]:
    return given(stage=stage, stem=stem, hash=content_hash)


def _sketch(response: httpx.Response, size: int) -> answers.Sketch:
    """What the header says, such as `current; part=whole; stage=arrangement; revision=2; take=1`."""
    told = response.headers.get(SKETCH_HEADER, "")
    fields = dict(re.findall(r"(\w+)=(\w+)", told))
    numbers = {name: int(fields[name]) for name in ("revision", "take") if fields.get(name, "").isdecimal()}
    return answers.Sketch(size=size, state=told.partition(";")[0], part=fields.get("part", ""), **numbers)
