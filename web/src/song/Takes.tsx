import { useQuery } from "@tanstack/react-query";
import { api, data, keys, type Song, type StageView, type TakeView } from "../api";
import { Badge, Button, ProblemNote } from "../ui";
import { audible } from "./audible";
import { useDeed } from "./deed";
import { mayChange } from "./next";
import { Refusal } from "./Refusal";
import { nameOfStage, place } from "./words";

/** The candidates of a stage: hear them, choose one, have another one made. */
export function Takes({ song, view }: { song: Song; view: StageView }) {
  const { stage } = view;
  const another = useDeed(song.id);
  const takes = useQuery({
    queryKey: [...keys.takes(song.id), stage],
    queryFn: ({ signal }) =>
      data(api.GET("/v1/compositions/{id}/takes", { params: { path: { id: song.id }, query: { stage } }, signal })),
  });
  const reached = place(stage) <= place(song.current_stage);
  const mayMake = mayChange(song.role) && reached && song.allowed_commands.includes("revise");
  const items = takes.data?.items ?? [];
  if (items.length < 2 && !mayMake) return null;
  return (
    <section className="song-takes" aria-label={`Takes of ${nameOfStage(stage).toLowerCase()}`}>
      <h3>Takes</h3>
      <ProblemNote problem={takes.error} />
      {items.length > 1 && (
        <ul className="song-take-list">
          {items.map((take) => (
            <Take key={take.take} song={song} view={view} take={take} />
          ))}
        </ul>
      )}
      {mayMake && (
        <Button
          size="small"
          icon="redo"
          busy={another.busy}
          onClick={() => void another.run("revise", { stage, instruction: "regenerate" })}
        >
          Make another take
        </Button>
      )}
      <Refusal problem={another.problem} />
    </section>
  );
}

function Take({ song, view, take }: { song: Song; view: StageView; take: TakeView }) {
  const deed = useDeed(song.id);
  const sound = audible(take.media);
  const may = mayChange(song.role) && song.allowed_commands.includes("choose_take") && take.revision !== null;
  return (
    <li className="song-take">
      <span className="song-take-name">
        Take {take.take} {take.is_chosen && <Badge tone="accent">chosen</Badge>}
      </span>
      {sound && (
        // biome-ignore lint/a11y/useMediaCaption: music without words to caption
        <audio controls preload="none" src={sound.url} aria-label={`Take ${take.take}`} />
      )}
      {take.revision === null && <span className="song-quiet">not made, or no longer kept</span>}
      {may && !take.is_chosen && (
        <Button
          size="small"
          busy={deed.busy}
          onClick={() => void deed.run("choose_take", { take: take.take, stage: view.stage })}
        >
          Choose take {take.take}
        </Button>
      )}
      <Refusal problem={deed.problem} />
    </li>
  );
}
