import numpy as np
import pytest

from audio.measure import measure
from audio.mixing import Mix, mix, plan_mix
from audio.rate import RATE, Array
from domain.errors import InvalidValue, RenderError
from domain.score import Role
from tests.audio.signals import noise
from tests.audio.songs import note, part


def remix(parts, stems, preferences=None, genre=("house",), channels=2) -> Mix:
    return mix(stems, parts, plan_mix(parts, genre=genre, channels=channels, preferences=preferences or {}), seed=1)


def same(a: Mix, b: Mix) -> bool:
    return np.array_equal(a.mix, b.mix)


def test_stems_add_up_to_the_mix_to_the_last_bit(house_mix: Mix) -> None:
    total = sum(x.astype(np.float64) for x in house_mix.stems.values())
    assert np.array_equal(total, house_mix.mix.astype(np.float64))
    steps = house_mix.mix.astype(np.float64) * 2**23
    assert np.array_equal(steps, np.rint(steps))
    assert {"reverb_room", "reverb_plate", "delay"} <= house_mix.stems.keys()


def test_mix_has_headroom_width_and_a_middle(house_mix: Mix) -> None:
    m = house_mix.measured
    assert -3.3 < m.sample_peak_dbfs <= -3.0
    assert 0.3 < m.correlation < 0.97
    assert m.low_side_db <= -15.0
    assert m.dc < 10 ** (-70 / 20)
    left, right = (float(np.sqrt(np.mean(house_mix.mix[:, c] ** 2))) for c in (0, 1))
    assert abs(20 * np.log10(left / right)) < 1.0


def test_spectrum_is_near_the_genre(house_mix: Mix, house_parts) -> None:
    target = plan_mix(house_parts, genre=("house",), channels=2, preferences={}).bus.target_bands
    for band in ("63", "125", "250", "500", "1000", "2000", "4000", "8000", "16000"):
        assert abs(house_mix.measured.octave_bands_db[band] - target[band]) <= 6.0, band


def test_mono_fold_loses_little(house_mix: Mix) -> None:
    fold = house_mix.mix.mean(axis=1, keepdims=True).repeat(2, axis=1)
    folded, whole = measure(fold, RATE), house_mix.measured
    assert whole.integrated_lufs - folded.integrated_lufs < 1.5


def test_lead_is_in_front(house_mix: Mix) -> None:
    levels = {name: measure(x, RATE).integrated_lufs for name, x in house_mix.stems.items() if np.any(x)}
    assert all(levels["lead"] >= levels[name] - 0.5 for name in ("keys", "pad", "arp", "strings", "guitar"))


@pytest.mark.parametrize(
    "preferences",
    [
        {"gain": {"bass": -4}}, {"gain": {"drums": 3.0}}, {"pan": {"keys": 0.8}}, {"mute": ["pad"]}, {"reverb": 0.0},
        {"reverb": 1.0}, {"delay": 1.0}, {"width": 0.1}, {"ducking": False}, {"glue": False}, {"compression": 1.0},
    ],
)  # fmt: skip
def test_every_preference_changes_the_mix_and_is_recorded(preferences, house_parts, house_stems, house_mix) -> None:
    changed = remix(house_parts, house_stems, preferences)
    assert not same(changed, house_mix)
    assert changed.decisions != house_mix.decisions


def test_gain_and_pan_do_what_they_say(house_parts, house_stems, house_mix) -> None:
    placed = remix(house_parts, house_stems, {"gain": {"keys": -3}, "pan": {"keys": -1.0}})
    keys = placed.stems["keys"]
    assert np.abs(keys[:, 0]).max() > 20 * np.abs(keys[:, 1]).max()
    assert any(d.what == "keys.gain" and d.reason == "asked for" for d in placed.decisions)


def test_width_one_is_wider_than_width_zero(house_parts, house_stems) -> None:
    narrow, wide = (remix(house_parts, house_stems, {"width": w}).measured.correlation for w in (0.0, 1.0))
    assert narrow > wide + 0.02
    assert wide > 0.3


@pytest.mark.parametrize(
    ("preferences", "path"),
    [
        ({"gain": {"tuba": 1}}, "gain.tuba"), ({"gain": {"bass": 99}}, "gain.bass"), ({"loudness": 3}, "loudness"),
        ({"pan": {"keys": 2}}, "pan.keys"), ({"reverb": 1.5}, "reverb"), ({"reverb": float("nan")}, "reverb"),
        ({"mute": ["tuba"]}, "mute.tuba"),
    ],
)  # fmt: skip
def test_bad_preferences_are_refused_by_path(preferences, path: str, house_parts) -> None:
    with pytest.raises(InvalidValue, match=f"creative.preferences.mix.{path}"):
        plan_mix(house_parts, genre=(), channels=2, preferences=preferences)


def test_one_channel_gives_the_same_on_both_sides(house_parts, house_stems) -> None:
    mono = remix(house_parts, house_stems, channels=1)
    assert np.array_equal(mono.mix[:, 0], mono.mix[:, 1])
    with pytest.raises(InvalidValue, match=r"technical\.channels"):
        plan_mix(house_parts, genre=(), channels=3, preferences={})


def test_same_stems_same_mix(house_parts, house_stems, house_mix) -> None:
    assert same(remix(house_parts, house_stems), house_mix)


def test_bass_gives_way_to_the_kick(house_parts) -> None:
    n = round(house_parts[0].duration_s * RATE)
    steady = {p.id: np.full((n, 2), 0.0, np.float32) for p in house_parts}
    t = np.arange(n) / RATE
    steady["bass"] = np.repeat(0.2 * np.sin(2 * np.pi * 220 * t)[:, None], 2, axis=1).astype(np.float32)
    wanted = {"compression": 0.0, "glue": False, "reverb": 0.0}
    ducked = remix(house_parts, steady, wanted).stems["bass"][:, 0]
    kick = next(x.start for x in house_parts[0].notes if x.pitch == 36 and x.start > 1)
    at, after = (float(np.abs(ducked[round(s * RATE) : round(s * RATE) + 480]).max()) for s in (kick, kick + 0.55))
    assert 20 * np.log10(after / at) > 3.0


def silent_except(parts, name: str, x: Array) -> dict[str, Array]:
    return {p.id: x if p.id == name else np.zeros_like(x) for p in parts}


def test_silent_stems_are_named_and_harmless(house_parts) -> None:
    result = remix(house_parts, silent_except(house_parts, "lead", noise(house_parts[0].duration_s)))
    assert np.isfinite(result.mix).all()
    assert any(d.what == "bass.level" and d.value == "silent" for d in result.decisions)
    nothing = remix(house_parts, {p.id: np.zeros((RATE, 2), np.float32) for p in house_parts})
    assert not nothing.mix.any()


def test_bad_stems_are_refused_by_name(house_parts, house_stems) -> None:
    broken = dict(house_stems) | {"pad": np.full_like(house_stems["pad"], np.nan)}
    with pytest.raises(RenderError, match="stem 'pad'"):
        remix(house_parts, broken)
    with pytest.raises(RenderError, match="pad are missing"):
        remix(house_parts, {k: v for k, v in house_stems.items() if k != "pad"})
    with pytest.raises(RenderError, match="differ in length"):
        remix(house_parts, dict(house_stems) | {"pad": house_stems["pad"][:-5]})
    with pytest.raises(RenderError, match="tuba"):
        remix(house_parts, dict(house_stems) | {"tuba": house_stems["pad"]})


def test_one_part_alone_and_ten_milliseconds() -> None:
    solo = [part("piano", Role.KEYS, "grand_piano", [note(60, 0, 1)], 2.0)]
    assert remix(solo, {"piano": noise(2)}, genre=("classical",)).mix.any()
    assert remix(solo, {"piano": noise(0.01)}).mix.any()


def test_a_finished_mix_passes_through() -> None:
    whole = [part("full_mix", Role.FULL_MIX, "full_mix", [], 2.0)]
    x = noise(2, 0.05)
    result = remix(whole, {"full_mix": x})
    ratio = result.mix[1000] / x[1000]
    assert result.mix == pytest.approx(x * ratio[0], abs=1e-4)
    assert set(result.stems) == {"full_mix"}


def test_a_mix_too_wide_for_mono_is_narrowed(house_parts) -> None:
    wide = noise(house_parts[0].duration_s)
    wide[:, 1] = -wide[:, 0] * 0.9
    result = remix(house_parts, silent_except(house_parts, "pad", wide))
    assert result.measured.correlation > 0.3
    assert any(d.what == "bus.width" for d in result.decisions)


def test_hits_leave_headroom(house_parts) -> None:
    n = round(house_parts[0].duration_s * RATE)
    x = noise(house_parts[0].duration_s, 0.01)
    x[RATE::RATE] = 1.0
    wanted = {"reverb": 0.0, "compression": 0.0, "glue": False, "ducking": False}
    stems = {p.id: np.zeros((n, 2), np.float32) for p in house_parts}
    for name in ("drums", "lead"):
        held = remix(house_parts, stems | {name: x}, wanted).stems[name]
        assert measure(held, RATE).crest_db < measure(x, RATE).crest_db - 10.0


def test_kernels_compile_before_the_first_song() -> None:
    from audio.render import warm_up

    warm_up()
