"""ElevenLabs' errors as ours: the code in the document counts before the HTTP status."""

from typing import Any

from domain.providers import ErrorKind
from providers.answers import document
from providers.elevenlabs_models import BY_CODE, BY_STATUS, TITLE, Detail, Refused
from providers.errors import ProviderError
from providers.transport import Reply


def refused(reply: Reply) -> ProviderError:
    """The error that an answer stands for; a refused prompt or plan brings along what would be accepted."""
    detail = detail_of(reply)
    kind = BY_CODE.get(detail.status) or BY_STATUS.get(reply.status, ErrorKind.UPSTREAM)
    return ProviderError(
        kind,
        f"{TITLE}: {detail.message or detail.status or 'no reason given'} (status {reply.status})",
        retry_after_s=_wait_s(reply),
        suggestion=_suggestion(detail.data or {}),
        request_id=reply.headers.get("request-id", "") or reply.headers.get("x-request-id", ""),
        status=reply.status,
    )


def detail_of(reply: Reply) -> Detail:
    """What an error document says; empty for what is none."""
    try:
        told = document(Refused, reply).detail
    except ProviderError:
        return Detail()
    if isinstance(told, Detail):
        return told
    if isinstance(told, str):
        return Detail(message=told)
    return Detail(message="; ".join(str(one.get("msg", one)) for one in told[:3]))


def _wait_s(reply: Reply) -> float | None:
    if reply.retry_after_s is not None:
        return reply.retry_after_s
    try:
        return max(0.0, float(reply.headers["x-ratelimit-reset"]))
    except (KeyError, ValueError):
        return None


def _suggestion(data: dict[str, Any]) -> str:
    """The suggested prompt, or the styles of a suggested plan in one line."""
    prompt = data.get("prompt_suggestion")
    if isinstance(prompt, str):
        return prompt
    plan = data.get("composition_plan_suggestion")
    return ", ".join(dict.fromkeys(_styles(plan))) if isinstance(plan, dict) else ""


def _styles(plan: dict[str, Any]) -> list[str]:
    found = list(plan.get("positive_global_styles") or ())
    for chunk in plan.get("chunks") or ():
        found += chunk.get("positive_styles") or () if isinstance(chunk, dict) else ()
    return [style for style in found if isinstance(style, str)]
