/** A prompt to begin from; `lang` is what it is written in, as the `lang` attribute takes it. */
export interface Example {
  readonly name: string;
  readonly lang: "en" | "es" | "de" | "fr" | "it" | "pt";
  readonly prompt: string;
}

/** Varied on purpose: metres, moods, bands and the six languages that are read. */
export const EXAMPLES: readonly Example[] = [
  {
    name: "Rainy window",
    lang: "en",
    prompt: "melancholic lo-fi hip hop with rhodes and a dusty beat, 75 bpm, in F minor, about one minute",
  },
  {
    name: "Folk dance",
    lang: "en",
    prompt: "celtic folk dance in 6/8 for fiddle, whistle and acoustic guitar, 116 bpm, E dorian, 80 seconds",
  },
  {
    name: "Night drive",
    lang: "en",
    prompt: "synthwave night drive: analog pads, a steady synth bass and a saw lead, 96 bpm, hopeful, 2 minutes",
  },
  {
    name: "Vals criollo",
    lang: "es",
    prompt: "vals lento y nostálgico para guitarra y flauta, en la menor, 96 pulsaciones por minuto, un minuto y medio",
  },
  {
    name: "Klavierstück",
    lang: "de",
    prompt: "ein trauriges Klavierstück mit Cello in h-Moll, langsam, zwei Minuten",
  },
  {
    name: "Café du soir",
    lang: "fr",
    prompt: "jazz manouche joyeux avec violon, guitare et contrebasse, en ré mineur, 176 bpm, une minute",
  },
  {
    name: "Tarantella",
    lang: "it",
    prompt: "una tarantella allegra con mandolino e fisarmonica, in sol maggiore, un minuto",
  },
  {
    name: "Fim de tarde",
    lang: "pt",
    prompt: "bossa nova suave com violão de nylon e flauta, em lá menor, 128 bpm, setenta segundos",
  },
  {
    name: "Trailer",
    lang: "en",
    prompt:
      "epic cinematic build for orchestra and taiko, C minor, from calm to overwhelming, intro build drop outro, 90 seconds",
  },
  {
    name: "Odd house",
    lang: "en",
    prompt: "deep house in 7/8 with vibraphone and sub bass, 118 bpm, F# minor, no vocals, 1:40",
  },
];
