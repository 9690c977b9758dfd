/** Integrated loudness of ITU-R BS.1770-5, for sound that the server has told no figure of. */

const BLOCK_S = 0.4;
const STEP_S = 0.1;
const ABSOLUTE_GATE = -70;
const RELATIVE_GATE = -10;
const OFFSET = -0.691;

interface Biquad {
  b0: number;
  b1: number;
  b2: number;
  a1: number;
  a2: number;
}

/** Measures channels that come piece by piece. */
export class LoudnessMeter {
  private readonly filters: readonly Biquad[];
  private readonly memory: Float64Array[] = [];
  private readonly step: number;
  private readonly energies: number[] = [];
  private filled = 0;
  private sum = 0;

  constructor(rate: number) {
    this.filters = [shelf(rate), highPass(rate)];
    this.step = Math.round(rate * STEP_S);
  }

  /** More samples of every channel, all of one length; one channel counts as two that are alike, as it is played. */
  take(channels: readonly Float32Array[]): void {
    const length = channels[0]?.length ?? 0;
    const heard = channels.map((samples, channel) => this.weighted(samples, channel));
    const weight = channels.length === 1 ? 2 : 1;
    for (let i = 0; i < length; i++) {
      for (const samples of heard) this.sum += weight * (samples[i] as number) ** 2;
      this.filled += 1;
      if (this.filled === this.step) {
        this.energies.push(this.sum / this.step);
        this.filled = 0;
        this.sum = 0;
      }
    }
  }

  /** LUFS of everything so far; null where it is silent or shorter than a block of 400 ms. */
  get integrated(): number | null {
    const per = Math.round(BLOCK_S / STEP_S);
    const blocks: number[] = [];
    for (let end = per; end <= this.energies.length; end++) blocks.push(mean(this.energies.slice(end - per, end)));
    const loud = blocks.filter((energy) => lufs(energy) > ABSOLUTE_GATE);
    if (loud.length === 0) return null;
    const gate = lufs(mean(loud)) + RELATIVE_GATE;
    return lufs(mean(loud.filter((energy) => lufs(energy) > gate)));
  }

  private weighted(samples: Float32Array, channel: number): Float64Array {
    let current = Float64Array.from(samples);
    this.filters.forEach((filter, index) => {
      const at = channel * this.filters.length + index;
      let memory = this.memory[at];
      if (memory === undefined) {
        memory = new Float64Array(2);
        this.memory[at] = memory;
      }
      current = filtered(current, filter, memory);
    });
    return current;
  }
}

function filtered(
  samples: Float64Array,
  { b0, b1, b2, a1, a2 }: Biquad,
  memory: Float64Array,
): Float64Array<ArrayBuffer> {
  const out = new Float64Array(samples.length);
  let z1 = memory[0] as number;
  let z2 = memory[1] as number;
  for (let i = 0; i < samples.length; i++) {
    const x = samples[i] as number;
    const y = b0 * x + z1;
    z1 = b1 * x - a1 * y + z2;
    z2 = b2 * x - a2 * y;
    out[i] = y;
  }
  memory[0] = z1;
  memory[1] = z2;
  return out;
}

/** The head's shelf at any rate: the standard gives coefficients for 48 kHz, these are the analogue values behind them. */
function shelf(rate: number): Biquad {
  const k = Math.tan((Math.PI * 1681.974450955533) / rate);
  const q = 0.7071752369554196;
  const high = 10 ** (3.999843853973347 / 20);
  const band = high ** 0.4996667741545416;
  const a0 = 1 + k / q + k * k;
  return {
    b0: (high + (band * k) / q + k * k) / a0,
    b1: (2 * (k * k - high)) / a0,
    b2: (high - (band * k) / q + k * k) / a0,
    a1: (2 * (k * k - 1)) / a0,
    a2: (1 - k / q + k * k) / a0,
  };
}

function highPass(rate: number): Biquad {
  const k = Math.tan((Math.PI * 38.13547087602444) / rate);
  const q = 0.5003270373238773;
  const a0 = 1 + k / q + k * k;
  return { b0: 1, b1: -2, b2: 1, a1: (2 * (k * k - 1)) / a0, a2: (1 - k / q + k * k) / a0 };
}

function lufs(energy: number): number {
  return energy > 0 ? OFFSET + 10 * Math.log10(energy) : Number.NEGATIVE_INFINITY;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
