/** The mixing desk in the browser: one channel a track, one bus a side, one output. */

import type { Strip } from "./levels";
import { factors, gainOf } from "./levels";
import type { Reader } from "./reader";
import { resampled } from "./resample";
import type { PlayerSource, Track } from "./sources";

/** Shorter is heard as a click, longer as sluggish. */
export const FADE_S = 0.015;
const METER_FRAMES = 2048;

export interface Opened {
  track: Track;
  reader: Reader;
}

/** A source whose files have been opened. */
export interface OpenedSource {
  source: PlayerSource;
  opened: readonly Opened[];
}

export function secondsOf({ opened }: OpenedSource): number {
  return Math.max(0, ...opened.map(({ reader }) => reader.frames / reader.rate));
}

/** Moves a parameter without a click, from where it is. */
export function glide(param: AudioParam, to: number, now: number, seconds = FADE_S): void {
  param.cancelScheduledValues(now);
  param.setValueAtTime(param.value, now);
  param.linearRampToValueAtTime(to, now + seconds);
}

export interface Channel {
  track: Track;
  /** At the context's rate. */
  reader: Reader;
  input: GainNode;
  fader: GainNode;
  meter: AnalyserNode;
}

/** The channels of one source, and the bus that they meet in. */
export class Deck {
  readonly bus: GainNode;
  private readonly door: GainNode;
  readonly channels: readonly Channel[];
  readonly frames: number;

  constructor(
    private readonly context: BaseAudioContext,
    readonly source: PlayerSource,
    opened: readonly Opened[],
    output: AudioNode,
  ) {
    this.bus = context.createGain();
    this.door = context.createGain();
    this.bus.connect(this.door).connect(output);
    this.channels = opened.map((one) => this.channel(one));
    this.frames = Math.max(0, ...this.channels.map(({ reader }) => reader.frames));
  }

  set(strips: readonly Strip[]): void {
    factors(strips).forEach((factor, index) => {
      const channel = this.channels[index];
      if (channel) glide(channel.fader.gain, factor, this.context.currentTime);
    });
  }

  /** How loud the whole side is, in dB; null is silence. */
  level(decibels: number | null): void {
    glide(this.bus.gain, decibels === null ? 0 : gainOf(decibels), this.context.currentTime);
  }

  /** Comes in, or goes out (`in` 0), at a moment: one source takes over from another. */
  turn(level: 0 | 1, when: number): void {
    const { gain } = this.door;
    gain.cancelScheduledValues(when);
    gain.setValueAtTime(1 - level, Math.max(when, this.context.currentTime));
    gain.linearRampToValueAtTime(level, when + FADE_S);
  }

  /** Not heard until its turn. */
  hold(): void {
    this.door.gain.value = 0;
  }

  close(): void {
    this.bus.disconnect();
    this.door.disconnect();
    for (const { input, fader, meter } of this.channels) for (const node of [input, fader, meter]) node.disconnect();
  }

  private channel({ track, reader }: Opened): Channel {
    const [input, fader, meter] = [this.context.createGain(), this.context.createGain(), meterOf(this.context)];
    input.gain.value = track.scale ?? 1;
    input.connect(fader).connect(this.bus);
    fader.connect(meter);
    return { track, reader: resampled(reader, this.context.sampleRate), input, fader, meter };
  }
}

/** What all sides meet in: a gate for starts and stops, the volume, a meter, the loudspeakers. */
export class Output {
  readonly gate: GainNode;
  readonly meter: AnalyserNode;
  private readonly volume: GainNode;

  constructor(private readonly context: BaseAudioContext) {
    [this.gate, this.volume, this.meter] = [context.createGain(), context.createGain(), meterOf(context)];
    this.gate.connect(this.volume).connect(context.destination);
    this.volume.connect(this.meter);
  }

  set(factor: number): void {
    glide(this.volume.gain, factor, this.context.currentTime);
  }

  /** Lets sound through from `when` on; a start in the middle of a sound is faded in. */
  open(when: number, fade: boolean): void {
    const { gain } = this.gate;
    gain.setValueAtTime(fade ? 0 : 1, when);
    if (fade) gain.linearRampToValueAtTime(1, when + FADE_S / 2);
  }

  /** Fades out; the moment from which on nothing is heard. */
  shut(): number {
    const now = this.context.currentTime;
    glide(this.gate.gain, 0, now, FADE_S / 2);
    return now + FADE_S / 2;
  }
}

const samples = new Float32Array(METER_FRAMES);

/** The highest sample that a meter has seen lately, 0 to 1 and more. */
export function peakOf(meter: AnalyserNode): number {
  meter.getFloatTimeDomainData(samples);
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return peak;
}

function meterOf(context: BaseAudioContext): AnalyserNode {
  const meter = context.createAnalyser();
  meter.fftSize = METER_FRAMES;
  return meter;
}
