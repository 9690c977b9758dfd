"""A few counters of our own in Prometheus' text format; Temporal's clients and workers export theirs."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from types import MappingProxyType

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_HELP: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "sostenuto_http_requests_total": ("counter", "Requests by method, route and status."),
        "sostenuto_http_request_seconds_total": ("counter", "Seconds until the answer began, by method and route."),
        "sostenuto_songs_started_total": ("counter", "Songs whose workflow this process started."),
        "sostenuto_songs_reopened_total": ("counter", "Songs whose ended workflow this process opened again."),
        "sostenuto_commands_total": ("counter", "Commands by kind and verdict."),
        "sostenuto_event_streams": ("gauge", "Open event streams."),
        "sostenuto_events_sent_total": ("counter", "Numbered events sent to event streams."),
        "sostenuto_media_bytes_total": ("counter", "Bytes of media served."),
    }
)

Labels = tuple[tuple[str, str], ...]


class Metrics:
    """Values by name and labels."""

    def __init__(self) -> None:
        self._values: dict[str, dict[Labels, float]] = {name: defaultdict(float) for name in _HELP}

    def add(self, name: str, value: float = 1, **labels: str) -> None:
        """Add to a counter or gauge; KeyError for a name that is not declared."""
        self._values[name][tuple(sorted(labels.items()))] += value

    def render(self) -> str:
        """All values in Prometheus' text exposition format 0.0.4."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        for name, (kind, about) in _HELP.items():
            yield f"# HELP {name} {about}"
            yield f"# TYPE {name} {kind}"
            for labels, value in sorted(self._values[name].items()):
                shown = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels)
                yield f"{name}{{{shown}}} {value:g}" if shown else f"{name} {value:g}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
