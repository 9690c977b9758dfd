/** The plane of moods after Russell: valence to the right (sad 0, happy 1), arousal upwards (calm 0, excited 1). */

export interface Mood {
  readonly valence: number;
  readonly arousal: number;
}

/** The square on the screen that the plane fills. */
export interface Square {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export const MIDDLE: Mood = { valence: 0.5, arousal: 0.5 };

const hundredths = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 100) / 100;

/** The mood under a point of the screen; points outside count for the nearest edge. */
export function moodAt(x: number, y: number, square: Square): Mood {
  if (!(square.width > 0 && square.height > 0)) return MIDDLE;
  return {
    valence: hundredths((x - square.left) / square.width),
    arousal: hundredths(1 - (y - square.top) / square.height),
  };
}

/** Where a mood lies in the square, in percent from its left and its top. */
export function placeOf(mood: Mood): { left: number; top: number } {
  return { left: hundredths(mood.valence) * 100, top: (1 - hundredths(mood.arousal)) * 100 };
}

export function sameMood(a: Mood | undefined, b: Mood | undefined): boolean {
  return (
    !!a && !!b && hundredths(a.valence) === hundredths(b.valence) && hundredths(a.arousal) === hundredths(b.arousal)
  );
}

/** Words round the circle, from happy (east) against the clock, an eighth of it each. */
const ROUND = ["happy", "elated", "excited", "tense", "sad", "gloomy", "calm", "content"] as const;

/** A word for a mood: near the middle it is even, elsewhere the word of its direction. */
export function moodWord(mood: Mood): string {
  const [x, y] = [mood.valence - 0.5, mood.arousal - 0.5];
  const away = Math.hypot(x, y);
  if (away < 0.08) return "even";
  const eighth = Math.round(Math.atan2(y, x) / (Math.PI / 4));
  const word = ROUND[(eighth + 8) % 8] ?? "even";
  return away < 0.2 ? `a little ${word}` : away > 0.42 ? `very ${word}` : word;
}

/** What a screen reader says of a mood. */
export function moodText(mood: Mood): string {
  const percent = (value: number) => `${Math.round(value * 100)} %`;
  return `${moodWord(mood)}: valence ${percent(mood.valence)}, arousal ${percent(mood.arousal)}`;
}
