export function HistoryPanel(_: { songId: string }) {
  return null;
}
