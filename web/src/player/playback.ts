/**
 * One stretch of playing, from a start to the next stop: pieces of all tracks are read ahead of time and started on one
 * clock, at the same frame. What is late holds back all tracks together, so that they never part.
 */

import type { Course, Piece } from "./clock";
import { frameAfter, pieceSeconds, pieces } from "./clock";
import type { Channel, Deck, Output } from "./graph";
import { stretch } from "./reader";

/** From now to the first sound: time to hand the buffers over. */
const LEAD_S = 0.06;
const LATE_S = 0.01;
const FIRST_S = 0.5;
const SPARE_S = 2;
const LOOK_EVERY_MS = 100;
/** A loop's end and its beginning are of different moments: both are faded over this long. */
const SEAM_S = 0.003;

export interface Told {
  ended(): void;
  failed(error: unknown): void;
}

export class Playback {
  private readonly leaving = new AbortController();
  private readonly sounding = new Set<AudioBufferSourceNode>();
  private readonly rate: number;
  /** The context's frame at which the course begins; null until the first piece is there. */
  private anchor: number | null = null;
  private scheduled = 0;
  private complete = false;

  constructor(
    private readonly context: AudioContext,
    private readonly decks: readonly Deck[],
    private readonly output: Output,
    private readonly course: Course,
    private readonly told: Told,
  ) {
    this.rate = context.sampleRate;
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

  /** Bytes of decoded sound that lie ready. */
  get bytes(): number {
    let sum = 0;
    for (const { buffer } of this.sounding) if (buffer) sum += buffer.length * buffer.numberOfChannels * 4;
    return sum;
  }

  stop(): void {
    this.leaving.abort();
    const when = this.output.shut();
    for (const node of this.sounding) node.stop(when);
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
        const sounds = await Promise.all(
          channels.map(({ reader }) => stretch(reader, piece.from, piece.count, signal)),
        );
        if (signal.aborted) return;
        this.keepTime(piece);
        for (const [index, channel] of channels.entries()) this.start(channel, sounds[index] ?? [], piece);
        this.scheduled = piece.at + piece.count;
      }
      this.complete = true;
      await this.until(() => this.elapsed >= this.scheduled);
      if (!signal.aborted) this.told.ended();
    } catch (error) {
      if (!signal.aborted) this.told.failed(error);
    }
  }

  private get elapsed(): number {
    return this.anchor === null ? 0 : this.now - this.anchor;
  }

  private async until(ready: () => boolean): Promise<void> {
    while (!ready() && !this.leaving.signal.aborted) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }

  /** Sets the clock at the first piece, and anew where a piece comes too late. */
  private keepTime(piece: Piece): void {
    if (this.anchor !== null && this.anchor + piece.at >= this.now + LATE_S * this.rate) return;
    this.anchor = this.now + Math.ceil(LEAD_S * this.rate) - piece.at;
    this.output.open((this.anchor + piece.at) / this.rate, piece.from > 0);
  }

  private start(channel: Channel, sound: Float32Array<ArrayBuffer>[], piece: Piece): void {
    if (sound.length === 0 || this.anchor === null) return;
    const buffer = this.context.createBuffer(sound.length, piece.count, this.rate);
    const loop = this.course.loop;
    sound.forEach((samples, index) => {
      if (piece.turn) faded(samples, this.rate, 1);
      if (loop !== null && piece.from + piece.count === loop.to) faded(samples, this.rate, -1);
      buffer.copyToChannel(samples, index);
    });
    const node = this.context.createBufferSource();
    node.buffer = buffer;
    node.connect(channel.input);
    node.onended = () => {
      node.disconnect();
      this.sounding.delete(node);
    };
    this.sounding.add(node);
    node.start((this.anchor + piece.at) / this.rate);
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
