export function PlayerDock() {
  return null;
}
export function SongWaveform(_: { songId: string }) {
  return null;
}
export function StemsDesk(_: { songId: string }) {
  return null;
}
