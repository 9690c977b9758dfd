"""What the small adapters refuse before any call, said the same way."""

from domain.providers import ErrorKind
from providers.contract import Callback, Pending, Product
from providers.errors import ProviderError
from providers.orders import MusicOrder, Order, Sound


def music(order: Order, title: str) -> MusicOrder:
    """The order when it is one for sound; ProviderError UNSUPPORTED when it is one for words."""
    if isinstance(order, MusicOrder):
        return order
    raise unsupported(title, f"it makes sound, not words ({order.task})")


def unsupported(title: str, reason: str) -> ProviderError:
    """The error for what a provider does not do."""
    return ProviderError(ErrorKind.UNSUPPORTED, f"{title} cannot do this: {reason}")


def uploaded(sound: Sound | None, title: str, *, max_bytes: int) -> Sound:
    """The sound that goes along with an order; UNSUPPORTED when its bytes are missing or too many."""
    if sound is None or not sound.content:
        raise unsupported(title, "it works on a sound file, and the order brings none along")
    if len(sound.content) > max_bytes:
        raise unsupported(title, f"the sound file has {len(sound.content):,} bytes, at most {max_bytes:,} are taken")
    return sound


def no_callbacks(title: str) -> Callback:
    """Refuse a callback: this vendor documents none."""
    raise ProviderError(ErrorKind.INVALID_REQUEST, f"{title} sends no callbacks; this call is not from it")


def no_jobs(title: str) -> Pending | Product:
    """Refuse to poll: this vendor answers with what it made."""
    raise ProviderError(ErrorKind.UNSUPPORTED, f"{title} answers with the sound itself; there is no job to ask for")
