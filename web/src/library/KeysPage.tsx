import { useMe } from "../api";
import { useTitle } from "../app/title";
import { ProblemNote, Spinner } from "../ui";
import { Erasure, Export } from "./Belongings";
import { KeysCard } from "./KeysCard";
import { You } from "./You";
import "./library.css";

/** Who one is here, the keys to one's songs, and everything that is one's own. */
export function KeysPage() {
  useTitle("Keys");
  const me = useMe();
  if (me.isPending) return <Spinner label="Looking who you are" />;
  if (me.error) return <ProblemNote problem={me.error} />;
  return (
    <div className="stack keys-page">
      <h1>Keys</h1>
      <You me={me.data} />
      <KeysCard me={me.data} />
      <Export />
      <Erasure me={me.data} />
    </div>
  );
}
