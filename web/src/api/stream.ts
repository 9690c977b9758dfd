import { EVENT_TYPES, isEvent } from "./reducer";
import type { LiveMessage, SongStatusView } from "./schema";

/** What a stream needs of an `EventSource`. */
export interface Source {
  onopen: ((event: Event) => void) | null;
  onerror: ((event: Event) => void) | null;
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}

export interface StreamOptions {
  songId: string;
  /** Number of the newest event that is known. */
  after: number;
  onMessage(message: LiveMessage): void;
  /** Events may have been missed up to this number: everything has to be asked for again. */
  onMissed(sequence: number): void;
  /** It is open again after a break: what is no event, such as what one is to the song, may have changed. */
  onBack?(): void;
  /** Whether the stream is open, or nothing can follow any more. */
  onState(open: boolean): void;
  /** Where the song stands, for as long as the stream is not open; null where it cannot be known. */
  look(): Promise<SongStatusView | null>;
  connect?(url: string): Source;
}

const BACKOFF_MS = [500, 1000, 2000, 4000, 8000];
const LOOK_EVERY_MS = 3000;
const OPENS_WITHIN_MS = 15_000;
/** A timer that comes this late means that the machine slept, and that the connection may be dead without telling. */
const SLEPT_MS = 30_000;
const BEAT_MS = 10_000;

/**
 * One stream of a song's events. Where it breaks it is taken up after the newest number that came; while it cannot be
 * opened, the song is looked at every few seconds instead.
 *
 * A browser's `EventSource` connects again by itself only after some failures and tells nobody when it has given up, so
 * each of ours lives for one connection. Its `after` says what `Last-Event-ID` would.
 */
export class SongStream {
  private readonly options: StreamOptions;
  private after: number;
  private source: Source | null = null;
  private open = false;
  private failures = 0;
  private broken = false;
  private stopped = false;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private patience: ReturnType<typeof setTimeout> | undefined;
  private readonly looking: ReturnType<typeof setInterval>;
  private readonly beating: ReturnType<typeof setInterval>;
  private beat = Date.now();

  constructor(options: StreamOptions) {
    this.options = options;
    this.after = options.after;
    this.looking = setInterval(() => void this.lookIfClosed(), LOOK_EVERY_MS);
    this.beating = setInterval(() => this.noticeSleep(), BEAT_MS);
    globalThis.addEventListener?.("online", this.reconnect);
    this.connect();
  }

  /** Let go of the connection, if there is one, and make a new one at once. */
  readonly reconnect = (): void => {
    if (this.stopped) return;
    this.failures = 0;
    this.broken = true;
    this.connect();
  };

  stop(): void {
    this.stopped = true;
    this.drop();
    clearTimeout(this.retry);
    clearInterval(this.looking);
    clearInterval(this.beating);
    globalThis.removeEventListener?.("online", this.reconnect);
    this.options.onState(true);
  }

  private connect(): void {
    this.drop();
    clearTimeout(this.retry);
    const { songId, connect = (url) => new EventSource(url) as Source } = this.options;
    const source = connect(`/v1/compositions/${encodeURIComponent(songId)}/events?after=${this.after}`);
    this.source = source;
    source.onopen = () => {
      clearTimeout(this.patience);
      this.open = true;
      this.failures = 0;
      this.options.onState(true);
      if (this.broken) this.options.onBack?.();
      this.broken = false;
    };
    source.onerror = () => this.broke();
    for (const type of [...EVENT_TYPES, "progress"]) source.addEventListener(type, (event) => this.take(event));
    this.patience = setTimeout(() => this.broke(), OPENS_WITHIN_MS);
  }

  private drop(): void {
    clearTimeout(this.patience);
    this.open = false;
    if (!this.source) return;
    this.source.onopen = this.source.onerror = null;
    this.source.close();
    this.source = null;
  }

  private broke(): void {
    this.drop();
    if (this.stopped) return;
    this.broken = true;
    this.options.onState(false);
    // Many pages lose the same server at once; they do not all come back in the same instant.
    const wait = (BACKOFF_MS[this.failures] ?? 8000) * (0.75 + Math.random() / 2);
    this.failures += 1;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.connect(), wait);
    if (this.failures > 1) void this.lookIfClosed();
  }

  private take(event: MessageEvent<string>): void {
    if (this.stopped) return;
    const message = JSON.parse(event.data) as LiveMessage;
    if (isEvent(message)) {
      if (message.seq <= this.after) return;
      this.after = message.seq;
    }
    this.options.onMessage(message);
    // The answer to whoever cancelled the song comes last. Asking again would be answered with nothing.
    if (isEvent(message) && message.type === "command_accepted" && message.payload.kind === "cancel") this.stop();
  }

  private async lookIfClosed(): Promise<void> {
    if (this.open || this.stopped) return;
    const seen = await this.options.look();
    if (!seen || this.open || this.stopped) return;
    if (seen.sequence > this.after) {
      this.after = seen.sequence;
      this.options.onMissed(seen.sequence);
    }
    if (seen.status === "cancelled") this.stop();
  }

  private noticeSleep(): void {
    const late = Date.now() - this.beat - BEAT_MS;
    this.beat = Date.now();
    if (late > SLEPT_MS) this.reconnect();
  }
}
