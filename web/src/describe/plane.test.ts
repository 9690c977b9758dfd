import { describe, expect, it } from "vitest";
import { moodAt, moodText, moodWord, placeOf, sameMood } from "./plane";

const SQUARE = { left: 100, top: 50, width: 200, height: 400 };

describe("the plane of moods", () => {
  it("has sad and happy left and right, calm and excited below and above", () => {
    expect(moodAt(100, 450, SQUARE)).toEqual({ valence: 0, arousal: 0 });
    expect(moodAt(300, 50, SQUARE)).toEqual({ valence: 1, arousal: 1 });
    expect(moodAt(150, 150, SQUARE)).toEqual({ valence: 0.25, arousal: 0.75 });
  });

  it("holds a pointer that leaves it at its edge", () => {
    expect(moodAt(-500, 9000, SQUARE)).toEqual({ valence: 0, arousal: 0 });
    expect(moodAt(500, -9000, SQUARE)).toEqual({ valence: 1, arousal: 1 });
  });

  it("survives a square that is not drawn yet", () => {
    expect(moodAt(3, 4, { left: 0, top: 0, width: 0, height: 0 })).toEqual({ valence: 0.5, arousal: 0.5 });
  });

  it("puts a mood back where it was picked", () => {
    for (const [x, y] of [
      [110, 60],
      [200, 250],
      [299, 449],
    ] as const) {
      const { left, top } = placeOf(moodAt(x, y, SQUARE));
      expect(Math.abs(100 + (left / 100) * 200 - x)).toBeLessThanOrEqual(1);
      expect(Math.abs(50 + (top / 100) * 400 - y)).toBeLessThanOrEqual(2);
    }
  });

  it("has a word for each direction", () => {
    expect(moodWord({ valence: 0.5, arousal: 0.5 })).toBe("even");
    expect(moodWord({ valence: 0.8, arousal: 0.5 })).toBe("happy");
    expect(moodWord({ valence: 0.5, arousal: 0.8 })).toBe("excited");
    expect(moodWord({ valence: 0.2, arousal: 0.5 })).toBe("sad");
    expect(moodWord({ valence: 0.5, arousal: 0.2 })).toBe("calm");
    expect(moodWord({ valence: 0.2, arousal: 0.2 })).toBe("very gloomy");
    expect(moodWord({ valence: 0.63, arousal: 0.5 })).toBe("a little happy");
    expect(moodText({ valence: 0.3, arousal: 0.25 })).toBe("gloomy: valence 30 %, arousal 25 %");
  });

  it("knows the same mood", () => {
    expect(sameMood({ valence: 0.301, arousal: 0.2 }, { valence: 0.3, arousal: 0.2 })).toBe(true);
    expect(sameMood({ valence: 0.3, arousal: 0.2 }, undefined)).toBe(false);
  });
});
