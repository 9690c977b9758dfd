/** What the keys do while the player has the focus. */

export type Action =
  | { do: "toggle" | "start" | "end" | "mute" | "solo" }
  | { do: "step"; seconds: number }
  | { do: "pick"; number: number };

export interface Pressed {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
}

const STEP_S = 5;
const LONG_STEP_S = 15;
const PAGE_STEP_S = 10;

const KEYS: Readonly<Record<string, Action>> = {
  " ": { do: "toggle" },
  ArrowLeft: { do: "step", seconds: -STEP_S },
  ArrowDown: { do: "step", seconds: -STEP_S },
  ArrowRight: { do: "step", seconds: STEP_S },
  ArrowUp: { do: "step", seconds: STEP_S },
  PageDown: { do: "step", seconds: -PAGE_STEP_S },
  PageUp: { do: "step", seconds: PAGE_STEP_S },
  Home: { do: "start" },
  End: { do: "end" },
  m: { do: "mute" },
  s: { do: "solo" },
  "1": { do: "pick", number: 1 },
  "2": { do: "pick", number: 2 },
  "3": { do: "pick", number: 3 },
  "4": { do: "pick", number: 4 },
};

/** What a key asks for; null where it is no key of the player, or belongs to the browser. */
export function actionOf(pressed: Pressed): Action | null {
  if (pressed.ctrlKey || pressed.altKey || pressed.metaKey) return null;
  const key = pressed.key.length === 1 ? pressed.key.toLowerCase() : pressed.key;
  const action = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
  if (action === undefined) return null;
  const long = pressed.shiftKey && action.do === "step" && pressed.key.startsWith("Arrow");
  return long ? { do: "step", seconds: Math.sign(action.seconds) * LONG_STEP_S } : action;
}
