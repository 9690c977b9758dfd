"""Sound from elsewhere in a song's steps: the reference that its person uploaded."""

from activities.job import StepJob
from audio.intake import Purpose, take_in
from audio.rate import RATE
from audio.tonal_balance import ReferenceProfile, profile

REFERENCE = "reference"


def reference_profile(job: StepJob) -> ReferenceProfile | None:
    """What the master comes near to, None without an uploaded song; what was found in its file is explained."""
    if REFERENCE not in job.request.inputs:
        return None
    taken = take_in(job.content(REFERENCE), name=REFERENCE, purpose=Purpose.REFERENCE)
    for note in taken.notes:
        job.explain(note.what, note.value, note.reason)
    return profile(taken.audio, RATE)
