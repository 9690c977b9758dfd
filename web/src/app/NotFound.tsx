import { Link } from "wouter";
import { useTitle } from "./title";

export function NotFound() {
  useTitle("Not found");
  return (
    <div className="empty">
      <h1 className="empty-title">There is no such page</h1>
      <p className="empty-text">The address may be mistyped, or what it named is gone.</p>
      <Link href="/">All songs</Link>
    </div>
  );
}
