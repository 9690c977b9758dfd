export function DescribePage() {
  return <h1>New song</h1>;
}
