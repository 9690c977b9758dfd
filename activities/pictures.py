"""The pictures of a finished song: its cover, and what its master looks like."""

from activities.job import StepJob, canonical
from activities.mastering import goal
from activities.release import filename
from audio.files import decode
from audio.pictures.canvas import Stretch
from audio.pictures.cover import draw_cover
from audio.pictures.loudness_curve import draw_loudness
from audio.pictures.peaks import peaks_of
from audio.pictures.spectrogram import draw_spectrogram
from audio.pictures.waveform import draw_waveform
from domain.score import Score
from domain.steps import MediaType
from music.genres import main_genre
from music.scorelayout import section_label


def run_cover(job: StepJob) -> None:
    """A cover drawn from the score; files that can carry it get it while they are encoded."""
    score = job.model("score", Score)
    genre = main_genre(job.read("musical.genre"))
    data = draw_cover(
        score,
        family=genre.spectrum,
        genre=genre.name,
        valence=job.read("musical.mood.valence"),
        arousal=job.read("musical.mood.arousal"),
    )
    job.put("cover", data, "image/png", MediaType.PICTURE, filename("cover", ()))


def run_pictures(job: StepJob) -> None:
    """Waveform, spectrogram, loudness over time, and the peaks that players draw from."""
    score = job.model("score", Score)
    audio, rate = decode(job.content("master"))
    where = stretches(score)
    drawn = {
        "waveform_png": draw_waveform(audio, rate, stretches=where, title=score.title),
        "spectrogram_png": draw_spectrogram(audio, rate, stretches=where, title=score.title),
        "loudness_png": draw_loudness(
            audio, rate, target_lufs=goal(job).target_lufs, stretches=where, title=score.title
        ),
    }
    for name, data in drawn.items():
        job.put(name, data, "image/png", MediaType.PICTURE, filename(name, ()))
    for name, document in zip(("peaks", "peaks_float"), peaks_of(audio, rate), strict=True):
        job.put(name, canonical(document), "application/json", MediaType.WAVEFORM, filename(name, ()))


def stretches(score: Score) -> tuple[Stretch, ...]:
    """The score's sections in seconds."""
    bar = score.time_signature.beats_per_bar
    return tuple(
        Stretch(
            section_label(section.name),
            score.seconds(section.start_bar * bar),
            score.seconds((section.start_bar + section.bars) * bar),
            section.start_bar + 1,
        )
        for section in score.sections
    )
