/** A small song for the tests: 3/4 in B flat, then a chorus in G minor that slows down. */

import type { Note, Score } from "./score";

const note = (pitch: number, start: number, duration = 1, velocity = 80): Note => ({
  pitch,
  start,
  duration,
  velocity,
});

export const EXAMPLE: Score = {
  title: "Example",
  key: "Bb",
  scale: "major",
  time_signature: { numerator: 3, denominator: 4 },
  tempo: [
    { start: 0, bpm: 60 },
    { start: 6, bpm: 120 },
    { start: 12, bpm: 30 },
  ],
  key_changes: [{ start: 6, key: "G", scale: "minor" }],
  sections: [
    { name: "verse 1", kind: "verse", start_bar: 0, bars: 2, energy: 0.4 },
    { name: "prechorus", kind: "prechorus", start_bar: 2, bars: 1, energy: 0.6 },
    { name: "chorus 1", kind: "chorus", start_bar: 3, bars: 2, energy: 0.9 },
  ],
  chords: [
    { start: 0, duration: 6, symbol: "Bbmaj7" },
    { start: 6, duration: 1.5, symbol: "Gm" },
    { start: 7.5, duration: 1.5, symbol: "D7/F#" },
    { start: 9, duration: 3, symbol: "Ebadd9" },
  ],
  parts: [
    {
      id: "lead",
      name: "Melody",
      role: "lead",
      instrument: "violin",
      is_drum: false,
      notes: [note(70, 0, 2), note(72, 2), note(74, 4.5, 0.5), note(79, 6, 3, 120), note(67, 9, 1.5, 40)],
    },
    {
      id: "bass",
      name: "Bass",
      role: "bass",
      instrument: "upright_bass",
      is_drum: false,
      notes: [note(34, 0, 6), note(43, 6, 3), note(39, 9, 3)],
    },
    {
      id: "drums",
      name: "Kit",
      role: "drums",
      instrument: "acoustic_kit",
      is_drum: true,
      notes: [note(36, 6, 0.2), note(42, 6, 0.2), note(42, 7, 0.2), note(38, 8, 0.2)],
    },
  ],
};
