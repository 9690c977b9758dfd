/** What a provider can be asked for, in the words of the page; the order is that of a song's way. */
export const TASKS = [
  { id: "enhancement", name: "Working out the idea" },
  { id: "lyrics", name: "Words to sing" },
  { id: "music_theory", name: "Chords" },
  { id: "rhythm", name: "Rhythm" },
  { id: "melody", name: "Tune" },
  { id: "bass", name: "Bass line" },
  { id: "structure", name: "Form" },
  { id: "full_song", name: "The whole song" },
  { id: "instrumental", name: "An instrumental" },
  { id: "vocals", name: "Singing" },
  { id: "transformation", name: "A cover of your reference" },
  { id: "stems", name: "Separate parts" },
  { id: "section_edit", name: "Changing a section" },
  { id: "analysis", name: "Listening to it" },
] as const;

/** Tasks whose result is sound: preferring somebody for one of them means that they play instead of the built-in band. */
export const SOUND = new Set(["full_song", "instrumental", "vocals", "transformation", "stems", "section_edit"]);

/** What a provider asks for, in US dollars: ", $0.10 a song"; nothing where it is free or nobody knows. */
export function priced(price: { readonly usd?: string; readonly per?: string } | undefined): string {
  const usd = Number(price?.usd ?? 0);
  if (!(usd > 0)) return "";
  const digits = usd < 0.1 ? 4 : 2;
  const amount = usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: digits });
  return `, $${amount} a ${price?.per ?? "call"}`;
}
