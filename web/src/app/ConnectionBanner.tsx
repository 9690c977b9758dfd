import { useConnection } from "../api";
import { Banner } from "../ui";

export function ConnectionBanner() {
  if (useConnection() !== "gone") return null;
  return (
    <Banner tone="warn" urgent>
      The studio cannot reach the server. It keeps trying, and your changes are kept.
    </Banner>
  );
}
