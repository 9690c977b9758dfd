export function SharePanel(_: { songId: string }) {
  return null;
}
export function JoinPage(_: { token: string }) {
  return null;
}
