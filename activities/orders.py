"""From what a stage asks to an order: one function for each task, the order's own documents only."""

from collections.abc import Callable, Mapping

from activities.music_orders import Documents, cover_order, music_order, section_order, stems_order
from activities.text_orders import TEXT_ORDERS
from domain.context import SongContext
from domain.errors import InvalidValue
from domain.providers import Needs, Task
from domain.providing import Asking
from providers.orders import Order

Maker = Callable[[Asking, SongContext, Documents], tuple[Order, Needs]]


def make_order(asking: Asking, context: SongContext, documents: Documents) -> tuple[Order, Needs]:
    """The order for a task and what a provider must be able to do for it. InvalidValue for a task without any."""
    maker = _MAKERS.get(asking.task)
    if maker is None:
        raise InvalidValue(f"nothing is ordered for the task {asking.task}: choose one of {', '.join(_MAKERS)}")
    return maker(asking, context, documents)


_MAKERS: Mapping[Task, Maker] = {
    Task.FULL_SONG: music_order,
    Task.INSTRUMENTAL: music_order,
    Task.VOCALS: music_order,
    Task.TRANSFORMATION: cover_order,
    Task.SECTION_EDIT: section_order,
    Task.STEMS: lambda asking, _context, documents: stems_order(asking, documents),
    **TEXT_ORDERS,
}
