/** One file played by the browser itself as it arrives: a sketch that is still being made, or what is too long to decode. */

import { range } from "./bytes";
import type { Output } from "./graph";
import type { Told } from "./playback";
import { Unreadable } from "./reader";
import type { PlayerSource } from "./sources";

export class Stream {
  private readonly element = new Audio();
  private node: MediaElementAudioSourceNode | null = null;
  private left = false;

  constructor(
    readonly source: PlayerSource,
    told: Told,
    /** Called when more is known of how long it is. */
    grown: () => void,
  ) {
    this.element.preload = "metadata";
    this.element.src = source.tracks[0]?.url ?? "";
    this.element.addEventListener("durationchange", () => this.left || grown());
    this.element.addEventListener("ended", () => this.left || told.ended());
    this.element.addEventListener("error", () => void this.explain().then((error) => this.left || told.failed(error)));
  }

  get seconds(): number {
    return this.element.currentTime;
  }

  /** 0 until the head of the file is there; a stream that goes on is as long as what has come of it. */
  get duration(): number {
    const { duration, buffered } = this.element;
    if (Number.isFinite(duration)) return duration;
    return buffered.length ? buffered.end(buffered.length - 1) : 0;
  }

  get waits(): boolean {
    return !this.element.paused && this.element.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
  }

  async play(context: AudioContext, output: Output): Promise<void> {
    if (this.node === null) {
      this.node = context.createMediaElementSource(this.element);
      this.node.connect(output.gate);
    }
    output.open(context.currentTime, true);
    try {
      await this.element.play();
    } catch (error) {
      const name = error instanceof DOMException ? error.name : "";
      // A pause ends the waiting too, and is no failure.
      if (name !== "AbortError") throw name === "NotAllowedError" ? error : await this.explain();
    }
  }

  pause(): void {
    this.element.pause();
  }

  seek(seconds: number): void {
    this.element.currentTime = seconds;
  }

  /** The element does not say whether a file is away or of a kind that it cannot play, so that is asked. */
  private async explain(): Promise<unknown> {
    if (this.element.error?.code === MediaError.MEDIA_ERR_NETWORK) return this.element.error;
    try {
      await range(this.source.tracks[0]?.url ?? "", 0, 1);
      return new Unreadable("this browser cannot decode the file");
    } catch (error) {
      return error;
    }
  }

  close(): void {
    this.left = true;
    this.element.pause();
    this.element.removeAttribute("src");
    this.element.load();
    this.node?.disconnect();
  }
}
