"""A recording without a public address, brought to the gateway's own file store, which gives it one for three days.

The store is another host than the gateway, so that its address is an option of the account. [verified]
"""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from providers.account import Account
from providers.envelope import Vendor, ask, shaped
from providers.orders import Sound
from providers.transport import Call, Transport

PATH: Final = "/api/file-stream-upload"
FOLDER: Final = "sostenuto"
TIMEOUT_S: Final = 300.0


class Uploaded(BaseModel):
    """Where the file is now."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    download_url: str = Field(min_length=1, validation_alias="downloadUrl")


async def uploaded(transport: Transport, account: Account, base_url: str, vendor: Vendor, sound: Sound) -> Sound:
    """The same recording with its address at the gateway's store. It costs nothing, and may be done again."""
    call = Call(
        "POST",
        f"{base_url.rstrip('/')}{PATH}",
        headers=account.bearer(),
        parts=(
            ("file", (sound.filename, sound.content, sound.media_type)),
            ("uploadPath", (None, FOLDER)),
            ("fileName", (None, sound.filename)),
        ),
        timeout_s=TIMEOUT_S,
    )
    stored = shaped(Uploaded, await ask(transport, call, vendor), vendor)
    return sound.model_copy(update={"url": stored.download_url, "content": b""})
