"""The client's calls about what stands around a song, by what they are about: a module for each idea."""

from sostenuto.resources.access import Access
from sostenuto.resources.people import People
from sostenuto.resources.pictures import Pictures
from sostenuto.resources.references import References
from sostenuto.resources.songs import Songs
from sostenuto.resources.versions import Versions
from sostenuto.resources.webhooks import Webhooks
from sostenuto.resources.words import Words

__all__ = ["Resources"]


class Resources(Songs, Versions, People, Access, Webhooks, Pictures, References, Words):
    """Mixed into the client, which sends and reads. Errors are those of `domain.errors`, as everywhere in it."""
