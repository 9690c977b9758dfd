/** What of a take's files can be heard by itself, the best first. */

interface File {
  readonly name: string;
  readonly media_type: string;
  readonly url: string;
}

const BEST = ["master", "mix", "preview", "opening"];

export function audible<T extends File>(files: readonly T[]): T | undefined {
  const sounds = files.filter((file) => file.media_type.startsWith("audio/") && file.media_type !== "audio/midi");
  return BEST.map((name) => sounds.find((file) => file.name === name)).find(Boolean) ?? sounds[0];
}
