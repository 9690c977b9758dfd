/** Bytes of a file of the API by range, with patience for a server that asks for it. */

export class SoundMissing extends Error {}

const TRIES = 4;
const AT_ONCE = 4;

let under = 0;
const waiting: (() => void)[] = [];

/** A browser has six connections to a server, and the page needs some of them for other things. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (under >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else under += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else under -= 1;
  }
}

/** Bytes `start` to `end` (exclusive) of `url`, fewer at its end, and how many the whole file has. */
export async function range(
  url: string,
  start: number,
  end: number,
  signal?: AbortSignal,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; total: number }> {
  return inTurn(() => asked(url, signal, { Range: `bytes=${start}-${end - 1}` }, start));
}

/** The whole file. */
export async function whole(url: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  return inTurn(async () => (await asked(url, signal, {}, 0)).bytes);
}

async function asked(
  url: string,
  signal: AbortSignal | undefined,
  headers: Record<string, string>,
  start: number,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; total: number }> {
  for (let attempt = 1; ; attempt++) {
    let pause = 250 * 2 ** attempt;
    try {
      const response = await fetch(url, { headers, signal: signal ?? null, credentials: "same-origin" });
      if (response.ok) return await received(response, start);
      if (response.status < 500 && response.status !== 429) throw new SoundMissing(await words(response));
      pause = Math.max(pause, 1000 * Number(response.headers.get("retry-after") ?? 0));
      if (attempt === TRIES) throw new SoundMissing(await words(response));
    } catch (error) {
      if (error instanceof SoundMissing || signal?.aborted || attempt === TRIES) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
    signal?.throwIfAborted();
  }
}

async function received(response: Response, start: number): Promise<{ bytes: Uint8Array<ArrayBuffer>; total: number }> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (response.status !== 206) return { bytes: bytes.subarray(start), total: bytes.length };
  const total = Number(response.headers.get("content-range")?.split("/")[1] ?? Number.NaN);
  return { bytes, total: Number.isFinite(total) ? total : start + bytes.length };
}

async function words(response: Response): Promise<string> {
  const problem: unknown = await response.json().catch(() => null);
  const detail = problem && typeof problem === "object" && "detail" in problem ? problem.detail : null;
  return typeof detail === "string" ? detail : `the server answered ${response.status}`;
}
