import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data, keys, type Song } from "../api";
import { Badge, Button, ProblemNote } from "../ui";
import { useDeed } from "./deed";
import { mayChange } from "./next";
import { Refusal } from "./Refusal";

/** What was made of the prompt, beside the prompt; it is taken or turned down here. */
export function EnhancementCard({ song }: { song: Song }) {
  const client = useQueryClient();
  const accept = useDeed(song.id);
  const reject = useDeed(song.id);
  const found = useQuery({
    queryKey: keys.enhancements(song.id),
    queryFn: ({ signal }) =>
      data(api.GET("/v1/compositions/{id}/enhancements", { params: { path: { id: song.id } }, signal })),
  });
  const newest = found.data?.items[0];
  if (!newest || newest.enhanced === newest.original) return <ProblemNote problem={found.error} />;
  const may = (command: "accept_enhancement" | "reject_enhancement") =>
    mayChange(song.role) && song.allowed_commands.includes(command);
  const verdict = song.enhancement_accepted;

  async function decide(deed: typeof accept, command: "accept_enhancement" | "reject_enhancement") {
    if (await deed.run(command)) await client.invalidateQueries({ queryKey: keys.song(song.id) });
  }

  return (
    <section className="song-enhancement" aria-label="Your words, and what was made of them">
      <h3>
        Your words, and what was made of them{" "}
        {verdict !== null && <Badge tone={verdict ? "good" : "neutral"}>{verdict ? "accepted" : "turned down"}</Badge>}
      </h3>
      <div className="song-enhancement-texts">
        <blockquote cite="prompt">
          <p className="song-quiet">You wrote</p>
          <p>{newest.original}</p>
        </blockquote>
        <blockquote cite="enhanced">
          <p className="song-quiet">It works from</p>
          <p>{newest.enhanced}</p>
        </blockquote>
      </div>
      <div className="song-enhancement-deeds">
        {may("accept_enhancement") && (
          <Button
            size="small"
            icon="check"
            busy={accept.busy}
            onClick={() => void decide(accept, "accept_enhancement")}
          >
            Accept what was made of it
          </Button>
        )}
        {may("reject_enhancement") && (
          <Button
            size="small"
            look="quiet"
            icon="undo"
            busy={reject.busy}
            onClick={() => void decide(reject, "reject_enhancement")}
          >
            Take my own words only
          </Button>
        )}
        <Refusal problem={accept.problem ?? reject.problem} />
      </div>
    </section>
  );
}
