/** The one player of the page. It outlives page changes; what plays is never interrupted by what becomes ready. */

import type { Course } from "./clock";
import { within } from "./clock";
import type { OpenedSource } from "./graph";
import { Deck, Output, peakOf, secondsOf } from "./graph";
import type { Strip } from "./levels";
import { LOUDEST_DB, matched, SILENT_DB, volumeFactor } from "./levels";
import { loudnessOf } from "./measuring";
import { type Offset, offsetsOf } from "./offsets";
import { isStreamed, openSource } from "./opening";
import type { Told } from "./playback";
import { Playback } from "./playback";
import type { PlayerProblem } from "./problems";
import { FORBIDDEN, NO_DEVICE, problemOf, soundProblem } from "./problems";
import { Unreadable } from "./reader";
import type { PlayerSource } from "./sources";
import { bestOf, isNewer } from "./sources";
import { EMPTY, type PlayerState, type Repeat, type SideName } from "./state";
import { Stream } from "./stream";
import { remember, remembered } from "./volume";

interface Side {
  opened: OpenedSource;
  strips: Strip[];
  deck: Deck | null;
}

const TICK_MS = 100;
/** How far ahead of what plays something is read that is to take over. */
const AHEAD_S = 0.7;
const RETIRE_MS = 500;
const WAKE_MS = 1500;
/** A clock that stands this long has no sound card behind it. */
const STUCK_TICKS = 30;
/** A recording with a gap in it tells nothing of how tracks lie to each other: so often another one is made. */
const TRIES = 5;
const OPEN_STRIP: Strip = { muted: false, soloed: false, gain: 0 };

export class Player {
  private state: PlayerState = { ...EMPTY, volume: remembered() };
  private readonly listeners = new Set<() => void>();
  private context: AudioContext | null = null;
  private output: Output | null = null;
  private sides: Side[] = [];
  private stream: Stream | null = null;
  private playback: Playback | null = null;
  /** What will take over from `playback` as soon as enough of it is there. */
  private next: Playback | null = null;
  /** Decks that sound until that moment. */
  private retiring: Deck[] = [];
  /** Where the song stands while nothing plays, in seconds. */
  private place = 0;
  /** Counts what was asked for, so that what has become pointless is dropped. */
  private turn = 0;
  private opening = false;
  private measuring: AbortController | null = null;
  /** Whether somebody has listened to the loaded song, or chosen what to hear of it. */
  private touched = false;
  /** Ids of what could be played when sources were told last. */
  private known: ReadonlySet<string> = new Set();
  private ticker: ReturnType<typeof setInterval> | undefined;
  private stuck = { time: -1, ticks: 0 };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): PlayerState => this.state;

  /** Seconds into the song, exact. */
  now(): number {
    if (this.playback && this.context) return this.playback.frame / this.context.sampleRate;
    return this.stream && this.state.playing ? this.stream.seconds : this.place;
  }

  /** Opens a source. While another one of the song plays, that goes on until this can take over at the same place. */
  async load(source: PlayerSource): Promise<void> {
    if (source.id === this.state.loaded?.id && !this.state.ab) return;
    await this.take([source], () => {
      this.set({ loaded: source, ab: null });
    });
  }

  /** Opens a source and plays it. */
  async listen(source: PlayerSource): Promise<void> {
    if (source.songId !== this.state.loaded?.songId) this.pause();
    this.touched = true;
    const loading = this.load(source);
    // Inside the gesture: later the browser would no longer let it start.
    void this.play();
    await loading;
  }

  /** Opens what somebody has chosen to hear: it stays until they choose again. */
  async choose(source: PlayerSource): Promise<void> {
    this.touched = true;
    this.set({ offered: null });
    await this.load(source);
  }

  /** Two sources side by side: one is heard, both run, at one loudness. */
  async compare(a: PlayerSource, b: PlayerSource): Promise<void> {
    await this.take([a, b], (opened) => {
      if (opened.some(isStreamed)) throw new Unreadable("one of the two can only be played by itself");
      const gains = matched(a.loudness ?? null, b.loudness ?? null);
      const known = a.loudness !== undefined && b.loudness !== undefined;
      this.set({ loaded: a, ab: { side: "a", a, b, gains, matched: known ? "matched" : "measuring" } });
    });
    if (this.state.ab?.a.id === a.id && this.state.ab.matched === "measuring") await this.measure();
  }

  pickSide(side: SideName): void {
    if (!this.state.ab) return;
    this.set({ ab: { ...this.state.ab, side }, loaded: this.state.ab[side] });
    this.balance();
    this.showTracks();
  }

  /** Goes on with the side that is heard. */
  async endComparison(): Promise<void> {
    const { ab } = this.state;
    if (ab) await this.load(ab[ab.side]);
  }

  /**
   * What of a song can be played. The best of it is loaded where nobody is listening; whoever listens is told of what
   * has become ready since, and decides.
   */
  suggest(sources: readonly PlayerSource[]): void {
    const best = bestOf(sources);
    if (!best) return;
    const { loaded, playing, ab } = this.state;
    if (loaded?.songId !== best.songId) {
      if (playing) return;
      this.touched = false;
      this.known = new Set(sources.map(({ id }) => id));
      void this.load(best);
      this.set({ sources });
      return;
    }
    const news = !this.known.has(best.id) && isNewer(best, loaded);
    this.known = new Set(sources.map(({ id }) => id));
    this.set({ sources, ...(news && !ab ? { offered: best } : {}) });
    if (news && !this.touched && !playing) void this.load(best);
  }

  dismissOffer(): void {
    this.set({ offered: null });
  }

  async play(): Promise<void> {
    if (this.state.playing || !this.state.loaded) return;
    this.touched = true;
    this.set({ playing: true, problem: null });
    const problem = await this.awake();
    if (!this.state.playing) return;
    if (problem) this.fail(problem);
    else if (!this.opening && this.sides.length === 0 && !this.stream) await this.reopen();
    else if (!this.opening && !this.playback) this.start();
  }

  pause(): void {
    if (!this.state.playing) return;
    this.halt();
    this.set({ playing: false, position: this.place, level: 0 });
  }

  toggle(): void {
    if (this.state.playing) this.pause();
    else void this.play();
  }

  seek(seconds: number): void {
    const place = within(seconds, this.state.duration);
    this.place = place;
    if (this.stream) this.stream.seek(place);
    else if (this.playback) this.start();
    this.set({ position: place });
  }

  /** Moves by seconds. */
  step(seconds: number): void {
    this.seek(this.now() + seconds);
  }

  /** Repeats a stretch, such as a section; null plays on. */
  loop(repeat: Repeat | null): void {
    const now = this.now();
    this.set({ repeat });
    if (repeat && (now < repeat.from || now >= repeat.to)) this.seek(repeat.from);
    else if (this.playback) this.seek(now);
  }

  mute(id: string): void {
    this.strip(id, (strip) => ({ ...strip, muted: !strip.muted }));
  }

  solo(id: string): void {
    this.strip(id, (strip) => ({ ...strip, soloed: !strip.soloed }));
  }

  /** dB. */
  setGain(id: string, gain: number): void {
    this.strip(id, (strip) => ({ ...strip, gain: Math.min(LOUDEST_DB, Math.max(SILENT_DB, gain)) }));
  }

  /** All tracks as they were mixed. */
  resetTracks(): void {
    for (const { id } of this.state.tracks) this.strip(id, () => OPEN_STRIP);
  }

  select(id: string): void {
    this.set({ selected: id });
  }

  setVolume(volume: number): void {
    this.set({ volume: Math.min(1, Math.max(0, volume)), silent: false });
    remember(this.state.volume);
    this.output?.set(volumeFactor(this.state.volume));
  }

  silence(silent: boolean): void {
    this.set({ silent });
    this.output?.set(silent ? 0 : volumeFactor(this.state.volume));
  }

  /** Tries again what failed. */
  async retry(): Promise<void> {
    this.set({ problem: null });
    await this.play();
  }

  /** Highest sample that a track has let through lately. */
  levelOf(id: string): number {
    const channel = this.heard()?.deck?.channels.find(({ track }) => track.id === id);
    return channel && this.state.playing ? peakOf(channel.meter) : 0;
  }

  /** Bytes of decoded sound that lie ready to be played. */
  get bytes(): number {
    return this.playback?.bytes ?? 0;
  }

  /** How often the sound of this stretch of playing was interrupted because it came too late. */
  get gaps(): number {
    return this.playback?.gaps ?? 0;
  }

  /** See `offsetsOf`; nothing is told while nothing plays. */
  async offsets(): Promise<Offset[]> {
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      const { context, playback } = this;
      if (!context || !playback) return [];
      const found = await offsetsOf(context, playback, this.heard()?.deck?.channels ?? []);
      if (found && playback === this.playback) return found;
    }
    return [];
  }

  /** Opens sources and lets them take over; a failure leaves what was there. */
  private async take(sources: readonly PlayerSource[], changed: (opened: OpenedSource[]) => void): Promise<void> {
    this.turn += 1;
    const { turn } = this;
    const [first] = sources;
    if (!first) return;
    const { loaded } = this.state;
    this.measuring?.abort();
    this.opening = true;
    // Where nothing plays yet, what is coming is shown at once.
    if (!loaded || (loaded.songId !== first.songId && !this.playback))
      this.set({ loaded: first, tracks: [], duration: 0 });
    this.set({ loading: true, problem: null });
    try {
      const opened = await Promise.all(sources.map(openSource));
      if (turn !== this.turn) return;
      const same = loaded?.songId === first.songId;
      const place = same ? this.now() : 0;
      const hands = same && this.playback !== null && !this.state.repeat && !opened.some(isStreamed);
      this.opening = false;
      if (!hands) this.halt();
      this.leave();
      changed(opened);
      this.enter(opened, place, same);
    } catch (error) {
      if (turn !== this.turn) return;
      this.opening = false;
      this.set({ loading: false });
      // What still plays need not stop for it.
      if (this.playback) this.set({ problem: problemOf(error) });
      else this.fail(problemOf(error));
    }
  }

  private enter(opened: readonly OpenedSource[], place: number, same: boolean): void {
    this.sides = opened
      .filter((one) => !isStreamed(one))
      .map((one) => ({ opened: one, strips: stripsOf(one), deck: null }));
    const [single] = opened;
    if (single && isStreamed(single)) {
      const stream = new Stream(single.source, this.told(), () => this.set({ duration: stream.duration }));
      this.stream = stream;
    }
    const duration = Math.max(0, ...this.sides.map((side) => secondsOf(side.opened)));
    this.place = this.sides.length ? within(place, duration) : place;
    const { loaded, offered, repeat, sources } = this.state;
    this.set({
      duration,
      position: this.place,
      loading: false,
      offered: offered && loaded && isNewer(offered, loaded) ? offered : null,
      repeat: same ? repeat : null,
      sources: sources[0]?.songId === loaded?.songId ? sources : [],
    });
    this.showTracks();
    if (!this.state.playing) return;
    if (this.playback) this.handOver(this.playback);
    else this.start();
  }

  private async reopen(): Promise<void> {
    const { loaded, ab } = this.state;
    if (ab) await this.take([ab.a, ab.b], () => undefined);
    else if (loaded) await this.take([loaded], () => undefined);
  }

  private start(): void {
    const context = this.wake();
    const output = this.output as Output;
    this.stopSound();
    this.ticker ??= setInterval(() => this.tick(), TICK_MS);
    this.stuck = { time: -1, ticks: 0 };
    if (this.stream) {
      this.stream.seek(this.place);
      this.stream.play(context, output).catch((error: unknown) => this.fail(problemOf(error)));
      return;
    }
    const decks = this.decksOn(context, output);
    const course = this.course(decks, context.sampleRate, this.place);
    this.playback = new Playback(context, decks, output, course, this.told());
    this.set({ loading: true });
  }

  /** What plays goes on until what has been opened can take over at the same place. */
  private handOver(playback: Playback): void {
    const context = this.wake();
    const output = this.output as Output;
    this.next?.stop(false);
    const decks = this.decksOn(context, output);
    const course = this.course(decks, context.sampleRate, this.now() + AHEAD_S);
    const next = new Playback(context, decks, output, course, this.told(), playback);
    this.next = next;
  }

  private decksOn(context: AudioContext, output: Output): Deck[] {
    for (const side of this.sides) {
      side.deck ??= new Deck(context, side.opened.source, side.opened.opened, output.gate);
      side.deck.set(side.strips);
    }
    this.balance();
    return this.sides.flatMap(({ deck }) => deck ?? []);
  }

  private course(decks: readonly Deck[], rate: number, place: number): Course {
    const end = Math.max(0, ...decks.map(({ frames }) => frames));
    const { repeat } = this.state;
    const from = Math.round(place * rate);
    const loop = repeat && { from: Math.round(repeat.from * rate), to: Math.min(end, Math.round(repeat.to * rate)) };
    return { from: from >= end ? 0 : from, end, loop };
  }

  /** Sound stops, the place is kept. */
  private halt(): void {
    this.place = this.now();
    this.stopSound();
    this.stream?.pause();
    clearInterval(this.ticker);
    this.ticker = undefined;
  }

  private stopSound(): void {
    this.next?.stop(false);
    this.playback?.stop(true);
    this.next = null;
    this.playback = null;
    this.retire();
  }

  private leave(): void {
    this.retiring.push(...this.sides.flatMap(({ deck }) => deck ?? []));
    this.sides = [];
    if (!this.playback) this.retire();
    this.stream?.close();
    this.stream = null;
  }

  /** Takes decks away, after their last milliseconds have faded out. */
  private retire(): void {
    const decks = this.retiring.splice(0);
    setTimeout(() => {
      for (const deck of decks) deck.close();
    }, RETIRE_MS);
  }

  private told(): Told {
    return {
      joined: () => {
        this.playback = this.next;
        this.next = null;
        this.retire();
      },
      ended: () => {
        this.halt();
        this.place = this.state.duration;
        this.set({ playing: false, position: this.place, loading: false, level: 0 });
      },
      failed: (error) => this.fail(problemOf(error)),
    };
  }

  private fail(problem: PlayerProblem): void {
    this.halt();
    this.set({ playing: false, loading: false, position: this.place, problem, level: 0 });
  }

  private tick(): void {
    const { context, output, playback, stream } = this;
    if (!context || !output) return;
    const waits = playback?.waits ?? stream?.waits ?? false;
    const stands = context.currentTime === this.stuck.time && context.state === "running";
    this.stuck = { time: context.currentTime, ticks: stands ? this.stuck.ticks + 1 : 0 };
    if (this.stuck.ticks > STUCK_TICKS) {
      this.fail(NO_DEVICE);
      return;
    }
    this.set({
      position: this.now(),
      duration: stream ? stream.duration : this.state.duration,
      loading: this.opening || this.next !== null || waits,
      level: peakOf(output.meter),
    });
  }

  /** The context, made at the first gesture, and at the sound card's own rate: all tracks are brought to that. */
  private wake(): AudioContext {
    if (this.context === null) {
      const context = new AudioContext({ latencyHint: "playback" });
      this.context = context;
      this.output = new Output(context);
      this.output.set(this.state.silent ? 0 : volumeFactor(this.state.volume));
      // A call on the phone, or another page that takes the sound card.
      context.addEventListener("statechange", () => {
        if (context.state !== "running" && this.playback) this.pause();
      });
    }
    return this.context;
  }

  /** Lets the context run; what is in the way of that. The browser may keep its answer to itself until there is a gesture. */
  private async awake(): Promise<PlayerProblem | null> {
    try {
      const context = this.wake();
      if (context.state !== "running") {
        const patience = new Promise<void>((resolve) => setTimeout(resolve, WAKE_MS));
        await Promise.race([context.resume(), patience]);
      }
      return context.state === "running" ? null : FORBIDDEN;
    } catch (error) {
      return soundProblem(error);
    }
  }

  /** How loud each side is: the one that is heard at its matched gain, the other one silent. */
  private balance(): void {
    const { ab } = this.state;
    const names: readonly SideName[] = ["a", "b"];
    this.sides.forEach(({ deck }, index) => {
      const name = names[index] ?? "a";
      deck?.level(ab === null ? 0 : ab.side === name ? ab.gains[name] : null);
    });
  }

  private async measure(): Promise<void> {
    const leaving = new AbortController();
    this.measuring = leaving;
    const [a, b] = await Promise.all(
      this.sides.map(({ opened }) => opened.source.loudness ?? loudnessOf(opened, leaving.signal).catch(() => null)),
    );
    const { ab } = this.state;
    if (leaving.signal.aborted || !ab) return;
    const known = typeof a === "number" && typeof b === "number";
    this.set({ ab: { ...ab, gains: matched(a ?? null, b ?? null), matched: known ? "matched" : "unknown" } });
    this.balance();
  }

  private heard(): Side | undefined {
    return this.sides[this.state.ab?.side === "b" ? 1 : 0];
  }

  private strip(id: string, change: (strip: Strip) => Strip): void {
    const side = this.heard();
    if (!side) return;
    side.strips = side.strips.map((strip, index) =>
      side.opened.opened[index]?.track.id === id ? change(strip) : strip,
    );
    side.deck?.set(side.strips);
    this.showTracks();
  }

  private showTracks(): void {
    const side = this.heard();
    const tracks = (side?.opened.opened ?? []).map(({ track }, index) => {
      const { muted, soloed, gain } = side?.strips[index] ?? OPEN_STRIP;
      return { id: track.id, name: track.name, kind: track.kind, muted, soloed, gain, loading: false };
    });
    const { selected } = this.state;
    this.set({ tracks, selected: tracks.some(({ id }) => id === selected) ? selected : null });
  }

  private set(change: Partial<PlayerState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of [...this.listeners]) listener();
  }
}

function stripsOf({ opened }: OpenedSource): Strip[] {
  return opened.map(() => OPEN_STRIP);
}

export const player = new Player();
