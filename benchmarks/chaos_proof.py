"""What the chaos run proves, from the ledger on one side and the vendors' own records on the other."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from typing import Final, Self

from benchmarks.chaos_vendors import Taken
from domain.providers import NO_PROVIDER, OUTCOME_UNKNOWN
from domain.stages import SongStatus
from storage.records import Composition, ProviderTask, TaskStatus

MICRO: Final = Decimal("0.000001")
WITHOUT_ANSWER: Final = frozenset({"lost", "half"})
UNANSWERED: Final = (TaskStatus.OUTCOME_UNKNOWN, TaskStatus.RUNNING)
"""Nobody knows whether it was taken, or a callback said so too late: the song sees it when it is told to retry."""
LEFT_ALONE: Final = "left alone"
MOST_SHOWN: Final = 12
HUNG: Final = "hung"


@dataclass(frozen=True)
class Ended:
    """A song at its end: `status` and, where it is blocked, the code and the reason; `hung` when it has no end."""

    id: str
    owner: str
    status: str
    code: str
    reason: str
    resubmissions: int

    @classmethod
    def of(cls, id_: str, owner: str, shown: Composition | None, resubmissions: int) -> Self:
        """From what the database shows of it; None when it still worked after a long time."""
        if shown is None:
            return cls(id_, owner, HUNG, "", "", resubmissions)
        blocked = shown.blocked or {}
        return cls(id_, owner, shown.status, blocked.get("code", ""), blocked.get("reason", ""), resubmissions)


@dataclass(frozen=True)
class Evidence:
    """Everything that is compared. By provider: what its server took, how often it refused, what it will bill."""

    songs: Sequence[Ended]
    rows: Sequence[ProviderTask]
    taken: Mapping[str, Sequence[Taken]]
    refusals: Mapping[str, int]
    spent: Mapping[str, Decimal]
    deaths: Sequence[str]


@dataclass(frozen=True)
class Account:
    """One provider, by both sides. `unheard` are charges that the ledger does not know to have been made."""

    provider: str
    rows: Sequence[ProviderTask]
    taken: Sequence[Taken]
    spent: Decimal
    refusals: int

    @property
    def settled(self) -> list[ProviderTask]:
        return [row for row in self.rows if row.cost]

    @property
    def refused(self) -> list[ProviderTask]:
        return [row for row in self.asked if row.status is TaskStatus.REFUSED]

    @property
    def asked(self) -> list[ProviderTask]:
        """Orders that went out, as far as the ledger knows: not those that were held back from a resting provider."""
        return [row for row in self.rows if not (row.error or "").startswith(LEFT_ALONE)]

    @property
    def open(self) -> list[ProviderTask]:
        return [row for row in self.rows if row.status in UNANSWERED]

    @property
    def billed(self) -> list[Taken]:
        return [one for one in self.taken if not one.refunded]

    @property
    def known(self) -> Decimal:
        return sum((row.cost or Decimal(0) for row in self.rows), Decimal(0))

    @property
    def reserved(self) -> Decimal:
        return sum((row.reserved for row in self.rows), Decimal(0))

    @property
    def unheard(self) -> Counter[Decimal]:
        """Charges of the vendor that are nobody's settled cost, by their amounts."""
        return Counter(_amount(one.usd) for one in self.billed) - Counter(_amount(row.cost) for row in self.settled)

    @property
    def invented(self) -> Counter[Decimal]:
        """Settled costs that are no charge of the vendor."""
        return Counter(_amount(row.cost) for row in self.settled) - Counter(_amount(one.usd) for one in self.billed)


def prove(evidence: Evidence) -> tuple[list[str], list[str]]:
    """The lines of the report, and everything that is wrong."""
    accounts = [
        Account(name, [row for row in evidence.rows if row.provider == name], evidence.taken[name],
                evidence.spent[name], evidence.refusals[name])
        for name in evidence.taken
    ]  # fmt: skip
    checks = {
        "every song ended, completed or blocked": list(_unended(evidence.songs)),
        "every blocked song has a true reason": list(_untrue(evidence)),
        "no charge identity was submitted twice": list(_twice(evidence, accounts)),
        "settled = the servers' counters without unheard charges, to the cent": list(_unequal(accounts)),
        "unheard charges are reserved, and were lost or killed": list(_unreserved(accounts)),
        "nothing is left open but what nobody can know": list(_left(evidence)),
        "no process ended by itself": list(evidence.deaths),
    }
    wrong = [problem for problems in checks.values() for problem in problems]
    saved = sum(map(_saved, accounts))
    lines = [*_ends(evidence.songs), f"{saved:6}  orders without an answer were saved by a callback"]
    lines += ["", *_table(accounts), ""]
    for told, problems in checks.items():
        lines.append(f"{'FAIL' if problems else 'ok  '}  {told}")
        lines += [f"        {problem}" for problem in problems[:MOST_SHOWN]]
        lines += [f"        … and {len(problems) - MOST_SHOWN} more"] * (len(problems) > MOST_SHOWN)
    return lines, wrong


# What is proven: each function gives what speaks against it.


def _unended(songs: Sequence[Ended]) -> Iterator[str]:
    for song in songs:
        if song.status not in (SongStatus.COMPLETED, SongStatus.BLOCKED):
            yield f"song {song.id} is {song.status}"


def _untrue(evidence: Evidence) -> Iterator[str]:
    """A block names an order without an answer, or failures that the ledger has and the servers have given."""
    rows = _by_song(evidence.rows)
    for song in evidence.songs:
        if song.status != SongStatus.BLOCKED:
            continue
        mine = rows.get(song.id, [])
        if song.code == OUTCOME_UNKNOWN:
            named = song.reason.partition(" ")[0]
            if not any(row.provider == named and row.status in UNANSWERED for row in mine):
                yield f"song {song.id} waits for {named}, where it has no order without an answer"
        elif song.code == NO_PROVIDER:
            yield from _unfailed(song, mine)
        else:
            yield f"song {song.id} is blocked by {song.code}: {song.reason[:200]}"
    for name, count in evidence.refusals.items():
        refused = sum(
            row.provider == name and row.status is TaskStatus.REFUSED and not (row.error or "").startswith(LEFT_ALONE)
            for row in evidence.rows
        )
        if refused > count:
            yield f"{name}: the ledger has {refused} refusals, the server refused {count} times"


def _unfailed(song: Ended, rows: Sequence[ProviderTask]) -> Iterator[str]:
    failed = {(row.provider, str(row.error_kind)) for row in rows if row.error_kind}
    for part in song.reason.partition(": ")[2].split("; "):
        provider, _, told = part.partition(" (")
        kind = told.partition(":")[0]
        if kind.isidentifier() and kind in KINDS and (provider, kind) not in failed:
            yield f"song {song.id} says that {provider} failed with {kind}, and the ledger knows of none"


KINDS: Final = frozenset({"rate_limited", "concurrency_limit", "overloaded", "upstream", "timeout", "outcome_unknown",
                          "moderation", "auth", "invalid_request", "not_found", "result_expired"})  # fmt: skip


def _twice(evidence: Evidence, accounts: Sequence[Account]) -> Iterator[str]:
    """By the ledger; by our token in each order, where the vendor gets one; by the song's owner, where it gets him."""
    held = Counter(
        (row.composition_id, row.step_key, row.provider, row.resubmission)
        for row in evidence.rows
        if row.status not in (TaskStatus.REFUSED, TaskStatus.PENDING)
    )
    yield from (f"the ledger has {count} orders of {key}" for key, count in held.items() if count > 1)
    for account in accounts:
        yield from _tokens(account)
        yield from _persons(account)
        if len(account.taken) > len(account.asked) - len(account.refused):
            yield (
                f"{account.provider} took {len(account.taken)} orders, the ledger submitted "
                f"{len(account.asked) - len(account.refused)} that were not refused"
            )


def _tokens(account: Account) -> Iterator[str]:
    """Each order that was taken has a token of its own, of a call that the ledger does not call refused."""
    known = {row.callback_token: row for row in account.rows}
    counted = Counter(one.token for one in account.taken if one.token)
    for token, count in counted.items():
        row = known.get(hashlib.sha256(token.encode()).hexdigest())
        if count > 1:
            yield f"{account.provider} took one order {count} times"
        if row is None or row.status is TaskStatus.REFUSED:
            yield f"{account.provider} took an order that the ledger {'refused' if row else 'does not know'}"


def _persons(account: Account) -> Iterator[str]:
    """No song's owner was charged more often than the ledger has orders of his that may have been taken."""
    orders = Counter(_person(row.owner) for row in account.asked if row.status is not TaskStatus.REFUSED)
    counted = Counter(one.person for one in account.taken if one.person)
    for person, count in counted.items():
        if count > orders[person]:
            yield f"{account.provider} charged a song {count} times, the ledger has {orders[person]} orders of it"


def _unequal(accounts: Sequence[Account]) -> Iterator[str]:
    for account in accounts:
        unheard = sum((amount * count for amount, count in account.unheard.items()), Decimal(0))
        if account.invented:
            yield f"{account.provider}: the ledger has charges that the server has not: {dict(account.invented)}"
        if account.known + unheard != _sum(account.billed):
            yield f"{account.provider}: settled {account.known} + unheard {unheard} is not {_sum(account.billed)}"


def _unreserved(accounts: Sequence[Account]) -> Iterator[str]:
    for account in accounts:
        unheard = sum(account.unheard.values())
        dollars = sum((amount * count for amount, count in account.unheard.items()), Decimal(0))
        if unheard > len(account.open):
            yield f"{account.provider}: {unheard} charges unheard of, and {len(account.open)} orders without an answer"
        if dollars > account.reserved:
            yield f"{account.provider}: ${dollars} unheard of, and ${account.reserved} reserved"
        lost = sum(one.fault in WITHOUT_ANSWER for one in account.billed)
        dead = sum(_died(row) for row in account.open)
        if unheard > lost + dead:
            yield f"{account.provider}: {unheard} charges unheard of, {lost} answers lost and {dead} calls killed"


def _left(evidence: Evidence) -> Iterator[str]:
    """A call may stay running only where its song no longer waits for it: news of it came too late."""
    songs = {song.id: song for song in evidence.songs}
    for row in evidence.rows:
        if row.status in (TaskStatus.SUBMITTING, TaskStatus.PENDING):
            yield f"{row.provider}: a call of song {row.composition_id} is {row.status}"
        if row.composition_id not in songs:
            yield f"{row.provider}: a call of the song {row.composition_id}, which nobody started"
        if row.status is TaskStatus.OUTCOME_UNKNOWN and row.reserved != row.quoted:
            yield f"{row.provider}: an order without an answer has {row.reserved} of {row.quoted} reserved"


# Lines.


def _ends(songs: Sequence[Ended]) -> Iterator[str]:
    counted = Counter(f"{song.status} {song.code}".strip() for song in songs)
    yield from (f"{count:6}  {told}" for told, count in counted.most_common())
    again = sum(song.resubmissions for song in songs)
    yield f"{again:6}  of them were told to retry an order without an answer"


def _table(accounts: Sequence[Account]) -> Iterator[str]:
    yield (
        f"{'provider':14}{'sent':>6}{'refused':>9}{'settled':>9}{'no answer':>11}{'taken':>7}{'lost':>6}"
        f"{'server $':>12}{'settled $':>12}{'unheard $':>12}{'reserved $':>12}"
    )
    for account in accounts:
        yield _row(account)
    yield (
        f"{'all':14}{'':48}{_cents(sum((a.spent for a in accounts), Decimal(0)))}"
        f"{_cents(sum((a.known for a in accounts), Decimal(0)))}"
        f"{_cents(sum((a.spent - a.known for a in accounts), Decimal(0)))}"
        f"{_cents(sum((a.reserved for a in accounts), Decimal(0)))}"
    )


def _row(account: Account) -> str:
    lost = sum(one.fault in WITHOUT_ANSWER for one in account.billed)
    return (
        f"{account.provider:14}{len(account.asked):6}{len(account.refused):9}{len(account.settled):9}{len(account.open):11}"
        f"{len(account.taken):7}{lost:6}{_cents(account.spent)}{_cents(account.known)}"
        f"{_cents(account.spent - account.known)}{_cents(account.reserved)}"
    )


def _saved(account: Account) -> int:
    """Orders whose answer was lost and whose result came all the same."""
    known = {row.callback_token for row in account.settled}
    lost = (one.token for one in account.billed if one.fault in WITHOUT_ANSWER and one.token)
    return sum(hashlib.sha256(token.encode()).hexdigest() in known for token in lost)


def _cents(amount: Decimal) -> str:
    return f"{amount:12.6f}"


def _amount(usd: Decimal | None) -> Decimal:
    """As the ledger keeps it: a vendor that bills by the token names smaller parts of a cent."""
    return (usd or Decimal(0)).quantize(MICRO, ROUND_UP)


def _sum(taken: Sequence[Taken]) -> Decimal:
    return sum((_amount(one.usd) for one in taken), Decimal(0))


def _died(row: ProviderTask) -> bool:
    """Whether the call ended with its worker."""
    told = row.error or ""
    return told.startswith(("whoever submitted it", "the call ended unexpectedly"))


def _person(owner: str) -> str:
    return hashlib.sha256(owner.encode()).hexdigest()[:32]


def _by_song(rows: Sequence[ProviderTask]) -> dict[str, list[ProviderTask]]:
    found: dict[str, list[ProviderTask]] = {}
    for row in rows:
        found.setdefault(row.composition_id, []).append(row)
    return found
