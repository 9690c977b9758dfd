export function LookPanel(_: { songId: string }) {
  return null;
}
