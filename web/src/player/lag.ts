/** How much later than its file a sound comes out. */

/**
 * Frames by which `heard` lags behind, -`reach` to `reach`, with a fraction; null where it is silent. `wanted` is what the
 * file holds from `reach` frames before to `reach` frames after the frames at which it should have sounded.
 */
export function lagOf(heard: Float32Array, wanted: Float32Array, reach: number): number | null {
  const scores = new Float64Array(2 * reach + 1);
  let best = -1;
  for (let shift = 0; shift <= 2 * reach; shift++) {
    let product = 0;
    let energy = 0;
    for (let i = 0; i < heard.length; i++) {
      const sample = wanted[i + shift] as number;
      product += (heard[i] as number) * sample;
      energy += sample * sample;
    }
    scores[shift] = energy > 0 ? product / Math.sqrt(energy) : 0;
    if (best < 0 || (scores[shift] as number) > (scores[best] as number)) best = shift;
  }
  if ((scores[best] as number) <= 1e-6) return null;
  return reach - best - peakBetween(scores[best - 1], scores[best] as number, scores[best + 1]);
}

/** Where a parabola through three scores has its top, -0.5 to 0.5 around the middle one. */
function peakBetween(left: number | undefined, middle: number, right: number | undefined): number {
  if (left === undefined || right === undefined) return 0;
  const bend = left - 2 * middle + right;
  return bend < 0 ? (left - right) / (2 * bend) : 0;
}

/** Where the loudest `length` samples begin, in steps of half of that. */
export function loudestAt(samples: Float32Array, length: number): number {
  let [best, most] = [0, 0];
  for (let start = 0; start + length <= samples.length; start += length >> 1) {
    const energy = samples.subarray(start, start + length).reduce((sum, sample) => sum + sample * sample, 0);
    if (energy > most) [best, most] = [start, energy];
  }
  return best;
}
