import { describe, expect, it } from "vitest";
import { fetched } from "./fetched";

function world(answers: boolean[], reloads = false) {
  const waited: number[] = [];
  const reloaded: number[] = [];
  return {
    waited,
    reloaded,
    reload: () => {
      reloaded.push(waited.length);
      return reloads;
    },
    answers: async () => answers.shift() ?? true,
    wait: async (ms: number) => {
      waited.push(ms);
    },
  };
}

function failing(times: number) {
  let tries = 0;
  return async () => {
    tries += 1;
    if (tries <= times) throw new TypeError("Failed to fetch dynamically imported module");
    return "part";
  };
}

describe("fetched", () => {
  it("waits for a server that is away, longer each time", async () => {
    const away = world([false, false, false]);
    expect(await fetched(failing(3), away)).toBe("part");
    expect(away.waited).toEqual([500, 1000, 2000]);
  });

  it("gives up on what a server that answers does not have", async () => {
    await expect(fetched(failing(9), world([false, true, true]))).rejects.toThrow("Failed to fetch");
  });

  it("loads the page again before it gives up", async () => {
    const back = world([false, true, true], true);
    void fetched(failing(9), back);
    await new Promise((done) => setTimeout(done, 0));
    expect(back.reloaded).toEqual([2]);
  });

  it("asks once more when the server has just come back", async () => {
    expect(await fetched(failing(2), world([false, true]))).toBe("part");
  });
});
