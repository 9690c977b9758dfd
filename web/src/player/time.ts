/** Times as a musician reads them. */

export function minutes(seconds: number): string {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** What a screen reader says of a place in the song. */
export function placeInWords(position: number, duration: number): string {
  return `${minutes(position)} of ${minutes(duration)}`;
}

/** How long a section lasts, with its bars where they are known. */
export function lengthInWords(seconds: number, bars?: number): string {
  const rounded = Math.round(seconds);
  const time = rounded < 60 ? `${rounded} s` : minutes(rounded);
  return bars === undefined ? time : `${bars} ${bars === 1 ? "bar" : "bars"}, ${time}`;
}
