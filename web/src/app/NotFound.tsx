import { Link } from "wouter";
import { Empty } from "../ui";
import { useTitle } from "./title";

export function NotFound() {
  useTitle("Not found");
  return (
    <Empty title="There is no such page" action={<Link href="/">All songs</Link>}>
      The address may be mistyped, or what it named is gone.
    </Empty>
  );
}
