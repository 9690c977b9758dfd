export function LibraryPage() {
  return <h1>Songs</h1>;
}
export function ProvidersPage() {
  return <h1>Providers</h1>;
}
export function KeysPage() {
  return <h1>Keys</h1>;
}
