/** Parts of the studio's own code, which are fetched when they are first needed. */

const FIRST_MS = 500;
const LONGEST_MS = 8000;

/** What `fetched` asks of the world. */
export interface World {
  /** Whether the server answers at all. */
  answers: () => Promise<boolean>;
  wait: (ms: number) => Promise<void>;
  /** Load the page again, unless that was done a moment ago and did not help; whether it is loaded again. */
  reload: () => boolean;
}

const RELOADED = "sostenuto-reloaded-for-a-part";
const MOMENT_MS = 30_000;

const REAL: World = {
  answers: () =>
    fetch("/livez").then(
      (answer) => answer.ok,
      () => false,
    ),
  wait: (ms) => new Promise((done) => setTimeout(done, ms)),
  reload: () => {
    const now = Date.now();
    if (now - Number(sessionStorage.getItem(RELOADED) ?? 0) < MOMENT_MS) return false;
    sessionStorage.setItem(RELOADED, String(now));
    location.reload();
    return true;
  },
};

/**
 * The part that `load` imports. While the server is away it is waited for, and what is on the page stays. A browser
 * remembers that an import failed, so that with the server there again the page is loaded again, and its drafts with it;
 * what is not there even then is an error.
 */
export async function fetched<T>(load: () => Promise<T>, world: World = REAL): Promise<T> {
  let wasThere = false;
  for (let pause = FIRST_MS; ; pause = Math.min(2 * pause, LONGEST_MS)) {
    try {
      return await load();
    } catch (error) {
      const there = await world.answers();
      if (there && wasThere) {
        if (world.reload()) return new Promise<never>(() => undefined);
        throw error;
      }
      wasThere = there;
    }
    await world.wait(pause);
  }
}
