/**
 * One stretch of playing, from a start to the next stop: pieces of all tracks are read ahead of time and started on one
 * clock, at the same frame. What is late holds back all tracks together, so that they never part.
 */

import type { Course, Piece } from "./clock";
import { frameAfter, pieceSeconds, pieces } from "./clock";
import type { Channel, Deck, Output } from "./graph";
import { FADE_S } from "./graph";
import { stretch } from "./reader";

/** From now to the first sound: time to hand the buffers over. */
const LEAD_S = 0.1;
const LATE_S = 0.1;
/** Web Audio makes sound in blocks of this many frames. */
const QUANTUM = 128;
const FIRST_S = 0.5;
/** How much must lie ready before it starts or goes on: little where reading is this many times as fast as playing. */
const QUICK = 4;
const QUICK_START_S = 0.4;
const SLOW_START_S = 4;
/** What takes over must come within this time; after that it comes in with a gap. */
const LONGEST_WAIT_S = 8;
const SPARE_S = 2;
const LOOK_EVERY_MS = 100;
/** A loop's end and its beginning are of different moments: both are faded over this long. */
const SEAM_S = 0.003;

export interface Told {
  ended(): void;
  failed(error: unknown): void;
  /** It has taken over from what played before. */
  joined(): void;
}

export class Playback {
  private readonly leaving = new AbortController();
  private readonly sounding = new Set<AudioBufferSourceNode>();
  private readonly rate: number;
  /** The context's frame at which the course begins; null until the first piece is there. */
  private anchor: number | null = null;
  private scheduled = 0;
  /** What has been read and not been started yet. */
  private held: { piece: Piece; sounds: Float32Array<ArrayBuffer>[][] }[] = [];
  private complete = false;
  /** How often sound was missing in the middle. */
  gaps = 0;

  constructor(
    private readonly context: AudioContext,
    private readonly decks: readonly Deck[],
    private readonly output: Output,
    private readonly course: Course,
    private readonly told: Told,
    /** What plays the same song now, and goes on until this can take over at the same place. */
    private before: Playback | null = null,
  ) {
    this.rate = context.sampleRate;
    if (before) for (const deck of decks) deck.hold();
    void this.run();
  }

  /** The song's frame that sounds now. */
  get frame(): number {
    return this.frameAt(this.now);
  }

  /** The song's frame that sounds at a frame of the context. */
  frameAt(contextFrame: number): number {
    const elapsed = this.anchor === null ? 0 : contextFrame - this.anchor;
    return frameAfter(this.course, Math.min(this.scheduled, Math.max(0, elapsed)));
  }

  /** Whether it waits for sound that should be there. */
  get waits(): boolean {
    return this.anchor === null || (!this.complete && this.now - this.anchor >= this.scheduled);
  }

  /** The context's frame at which the course begins, while sound comes out without a gap; else null. */
  get steady(): number | null {
    return this.waits ? null : this.anchor;
  }

  /** Bytes of decoded sound that lie ready. */
  get bytes(): number {
    let sum = 0;
    for (const { buffer } of this.sounding) if (buffer) sum += buffer.length * buffer.numberOfChannels * 4;
    return sum;
  }

  /** Ends it; `heard` says whether it is the one that sounds, and is faded out. */
  stop(heard: boolean): void {
    this.leaving.abort();
    const when = heard ? this.output.shut() : this.context.currentTime;
    for (const node of this.sounding) node.stop(when);
  }

  /** Gives way to another playback at a frame of the context. */
  private giveWay(frame: number): void {
    this.leaving.abort();
    const when = frame / this.rate;
    for (const deck of this.decks) deck.turn(0, when);
    for (const node of this.sounding) node.stop(when + FADE_S);
  }

  private get now(): number {
    return Math.round(this.context.currentTime * this.rate);
  }

  private async run(): Promise<void> {
    const { signal } = this.leaving;
    try {
      const channels = this.decks.flatMap((deck) => deck.channels);
      const longest = Math.round(pieceSeconds(channels.length) * this.rate);
      for (const piece of pieces(this.course, longest, Math.round(FIRST_S * this.rate))) {
        await this.until(() => piece.at - this.elapsed < longest + SPARE_S * this.rate);
        const began = performance.now();
        const sounds = await Promise.all(
          channels.map(({ reader }) => stretch(reader, piece.from, piece.count, signal)),
        );
        if (signal.aborted) return;
        this.held.push({ piece, sounds });
        const speed = (piece.count / this.rate) * (1000 / (performance.now() - began + 1));
        if (this.isEnough(speed)) this.startHeld(channels);
      }
      this.startHeld(channels);
      this.complete = true;
      await this.until(() => this.elapsed >= this.scheduled);
      if (!signal.aborted) this.told.ended();
    } catch (error) {
      if (!signal.aborted) this.told.failed(error);
    }
  }

  private get elapsed(): number {
    return this.anchor === null ? this.missed : this.now - this.anchor;
  }

  private async until(ready: () => boolean): Promise<void> {
    while (!ready() && !this.leaving.signal.aborted) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }

  /** While sound comes out, whatever is there is started; before that, and after a gap, enough has to lie ready. */
  private isEnough(speed: number): boolean {
    const [first] = this.held;
    if (first === undefined || this.isInTime(first.piece)) return true;
    const ready = this.held.reduce((sum, { piece }) => sum + piece.count, 0) - this.missed;
    return (
      this.missed > LONGEST_WAIT_S * this.rate || ready >= this.rate * (speed >= QUICK ? QUICK_START_S : SLOW_START_S)
    );
  }

  /** Frames of the course that have gone by while it was read, where it takes over from something that plays. */
  private get missed(): number {
    return this.before ? Math.max(0, this.before.frame + this.lead - this.course.from) : 0;
  }

  private get lead(): number {
    return Math.ceil(LEAD_S * this.rate);
  }

  private startHeld(channels: readonly Channel[]): void {
    for (const { piece, sounds } of this.held.splice(0)) {
      this.handOver(
        channels,
        sounds.map((sound) => this.bufferOf(sound, piece)),
        piece,
      );
      this.scheduled = piece.at + piece.count;
    }
  }

  /**
   * Starts a piece of all tracks at one frame. If that frame had passed before the last track was told, some would have
   * started later than others: then all of them are taken back, and told again with more time.
   */
  private handOver(channels: readonly Channel[], buffers: readonly AudioBuffer[], piece: Piece): void {
    for (let lead = this.lead; ; lead *= 2) {
      const anew = !this.before && !this.isInTime(piece);
      if (this.before) this.anchor = this.now + this.course.from - this.before.frame;
      else if (anew) this.anchor = this.now + lead - piece.at;
      const begin = (this.anchor ?? 0) + piece.at;
      // What takes over may do so in the middle of a piece.
      const due = this.before ? Math.max(begin, this.now + lead) : begin;
      if (due >= begin + piece.count) return;
      const nodes = buffers.map((buffer, index) => this.start(channels[index], buffer, due, due - begin));
      if (due > this.now + QUANTUM) {
        if (anew && this.scheduled > 0) this.gaps += 1;
        this.takeOver(due);
        if (anew) this.output.open(due / this.rate, piece.from > 0);
        return;
      }
      for (const node of nodes) this.drop(node);
    }
  }

  private takeOver(due: number): void {
    if (this.before === null) return;
    this.before.giveWay(due);
    for (const deck of this.decks) deck.turn(1, due / this.rate);
    this.before = null;
    this.told.joined();
  }

  private isInTime(piece: Piece): boolean {
    return this.anchor !== null && this.anchor + piece.at >= this.now + LATE_S * this.rate;
  }

  private bufferOf(sound: Float32Array<ArrayBuffer>[], piece: Piece): AudioBuffer {
    const buffer = this.context.createBuffer(Math.max(1, sound.length), piece.count, this.rate);
    const { loop } = this.course;
    for (const [index, samples] of sound.entries()) {
      if (piece.turn) faded(samples, this.rate, 1);
      if (loop !== null && piece.from + piece.count === loop.to) faded(samples, this.rate, -1);
      buffer.copyToChannel(samples, index);
    }
    return buffer;
  }

  private start(
    channel: Channel | undefined,
    buffer: AudioBuffer,
    due: number,
    skipped: number,
  ): AudioBufferSourceNode {
    const node = this.context.createBufferSource();
    node.buffer = buffer;
    if (channel) node.connect(channel.input);
    node.onended = () => this.drop(node);
    this.sounding.add(node);
    node.start(due / this.rate, skipped / this.rate);
    return node;
  }

  private drop(node: AudioBufferSourceNode): void {
    node.onended = null;
    node.disconnect();
    this.sounding.delete(node);
  }
}

/** Fades the beginning (`direction` 1) or the end (-1) of samples. */
function faded(samples: Float32Array, rate: number, direction: 1 | -1): void {
  const length = Math.min(samples.length, Math.round(SEAM_S * rate));
  for (let i = 0; i < length; i++) {
    const at = direction === 1 ? i : samples.length - 1 - i;
    samples[at] = ((samples[at] as number) * i) / length;
  }
}
