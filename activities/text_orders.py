"""What is asked of language models: one function for each task, from the context and the documents of a stage."""

import hashlib
from collections.abc import Callable, Mapping

from activities.ideation import given_wishes, wording
from activities.music_orders import Documents
from domain.context import SongContext
from domain.providers import Needs, Task
from domain.providing import Asking
from providers.language import brief
from providers.orders import TextOrder

Maker = Callable[[Asking, SongContext, Documents], tuple[TextOrder, Needs]]


def person(asking: Asking) -> str:
    """A hash that stands for the owner at a vendor."""
    return hashlib.sha256(asking.owner.encode()).hexdigest()[:32]


def _enhancement(asking: Asking, context: SongContext, documents: Documents) -> tuple[TextOrder, Needs]:
    text = wording(context.get, documents["prompt"].decode())
    given = given_wishes(context.get)
    return brief.order(text, level=asking.level, given=given, user=person(asking)), Needs(task=asking.task)


TEXT_ORDERS: Mapping[Task, Maker] = {Task.ENHANCEMENT: _enhancement}
