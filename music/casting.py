"""Casting: which instrument sits in which chair."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.score import Role
from music.genres import Genre
from music.instruments import INSTRUMENTS, Instrument, instrument

CHORDAL = (Role.KEYS, Role.GUITAR, Role.PAD, Role.STRINGS, Role.BRASS, Role.ARPEGGIO)


@dataclass(frozen=True, slots=True)
class Chair:
    """A player of the arrangement."""

    id: str
    name: str
    role: Role
    instrument: Instrument


def cast(instruments: Sequence[str], style: Genre, constraints: Mapping[str, Any]) -> tuple[Chair, ...]:
    """A chair for every instrument asked for, and a lead when one of them can play the tune.

    An instrument takes the role that the genre gives it, or its own most usual one that is still free.
    Raises `InvalidValue` for an unknown instrument.
    """
    players = [instrument(id_) for id_ in instruments]
    players = [p for p in players if not _excluded(p, constraints)]
    if not players:
        players = [INSTRUMENTS["grand_piano"]]
    wished: dict[str, list[Role]] = {}
    for chair, ids in style.band.items():
        for id_ in ids:
            wished.setdefault(id_, []).append(Role(chair))
    roles: list[tuple[Instrument, Role]] = []
    for player in players:
        roles.append((player, _role(player, [role for _, role in roles], wished, players)))
    roles = _with_accompanist(_with_lead(roles))
    chairs: list[Chair] = []
    for player, role in roles:
        count = sum(chair.role is role for chair in chairs)
        again = sum(chair.instrument is player for chair in chairs)
        chairs.append(
            Chair(
                id=role.value if count == 0 else f"{role.value}_{count + 1}",
                name=player.name if again == 0 else f"{player.name} ({role.value})",
                role=role,
                instrument=player,
            )
        )
    return tuple(chairs)


_COMPING = (Role.KEYS, Role.GUITAR)


def _with_accompanist(roles: list[tuple[Instrument, Role]]) -> list[tuple[Instrument, Role]]:
    """Nobody to strike the chords, but a lead who could, and somebody else for the tune: they change places."""
    if any(role in _COMPING for _, role in roles):
        return roles
    could = [p.roles[0] in _COMPING and role is Role.LEAD for p, role in roles]
    lead = could.index(True) if any(could) else None
    other = next((i for i, (p, role) in enumerate(roles) if role is Role.COUNTER and Role.LEAD in p.roles), None)
    if lead is None or other is None:
        return roles
    swapped = list(roles)
    swapped[lead] = (roles[lead][0], roles[lead][0].roles[0])
    swapped[other] = (roles[other][0], Role.LEAD)
    return swapped


def _excluded(player: Instrument, constraints: Mapping[str, Any]) -> bool:
    if constraints.get("no_drums") and player.is_drum:
        return True
    if constraints.get("no_bass") and player.roles[0] is Role.BASS:
        return True
    without = constraints.get("without") or ()
    return isinstance(without, list | tuple) and player.id in without


def _role(
    player: Instrument, taken: Sequence[Role], wished: Mapping[str, list[Role]], players: Sequence[Instrument]
) -> Role:
    """The genre's role for the player if free, else the player's first free one, else its first."""
    if player.is_drum:
        return _drum_role(player, taken, players)
    for own in wished.get(player.id, ()):
        if own in player.roles and own not in taken:
            return own
    free = [role for role in player.roles if role not in taken]
    if free:
        return free[0]
    fallback = [role for role in player.roles if role not in (Role.LEAD, Role.BASS)]
    return (fallback or [Role.COUNTER])[0]


def _drum_role(player: Instrument, taken: Sequence[Role], players: Sequence[Instrument]) -> Role:
    kits = [p for p in players if p.is_drum and p.roles[0] is Role.DRUMS]
    if player.roles[0] is Role.DRUMS:
        return Role.DRUMS if Role.DRUMS not in taken else Role.PERCUSSION
    return Role.PERCUSSION if kits or Role.DRUMS in taken else Role.DRUMS


def _with_lead(roles: list[tuple[Instrument, Role]]) -> list[tuple[Instrument, Role]]:
    """Somebody has to play the tune: a counter line, a second keyboard, or a chord player's other hand."""
    if any(role is Role.LEAD for _, role in roles):
        return roles
    for i, (player, role) in enumerate(roles):
        if role is Role.COUNTER and Role.LEAD in player.roles:
            return [*roles[:i], (player, Role.LEAD), *roles[i + 1 :]]
    able = [i for i, (player, _) in enumerate(roles) if Role.LEAD in player.roles]
    chordal = [i for i in able if roles[i][1] in CHORDAL]
    if len([r for _, r in roles if r in CHORDAL]) >= 2 and chordal:
        i = chordal[-1]
        return [*roles[:i], *roles[i + 1 :], (roles[i][0], Role.LEAD)]
    pool = able or [i for i, (player, _) in enumerate(roles) if not player.is_drum and player.family != "effects"]
    if not pool:
        return roles
    return [*roles, (roles[pool[0]][0], Role.LEAD)]
