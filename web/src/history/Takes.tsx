import { type Song, type Stage, type TakeView, useCommand } from "../api";
import { player } from "../player";
import { Refusal } from "../song/Refusal";
import { nameOfStage } from "../song/words";
import { Badge, Button, Card, ProblemNote, Spinner, toast } from "../ui";
import { soundOf } from "./listening";
import { MEASURES, valueWords } from "./measures";
import { useTakes } from "./queries";

/** The candidates of every stage that has several, to listen to and to choose from. */
export function Takes({ song }: { song: Song }) {
  const stages = song.stages.filter((stage) => stage.takes > 1);
  return stages.map((stage) => <StageTakes key={stage.stage} song={song} stage={stage.stage} />);
}

function StageTakes({ song, stage }: { song: Song; stage: Stage }) {
  const takes = useTakes(song.id, stage);
  const command = useCommand(song.id);
  const choose = async (take: number) => {
    try {
      await command.send("choose_take", { stage, take });
      toast(`Take ${take} it is.`);
    } catch {
      // The reason stands in `command.problem`.
    }
  };
  const name = `Choose a take of ${nameOfStage(stage).toLowerCase()}`;
  return (
    <Card title={name} level={3}>
      {takes.isPending && <Spinner label="Looking for takes" />}
      <ProblemNote problem={takes.error} />
      <ul className="history-takes" aria-label={name}>
        {takes.data?.items.map((take) => (
          <TakeRow
            key={take.take}
            take={take}
            stage={stage}
            song={song}
            choosing={command.sending === "choose_take"}
            onChoose={() => choose(take.take)}
          />
        ))}
      </ul>
      <Refusal problem={command.problem} />
    </Card>
  );
}

interface TakeRowProps {
  take: TakeView;
  stage: Stage;
  song: Song;
  choosing: boolean;
  onChoose(): void;
}

function TakeRow({ take, stage, song, choosing, onChoose }: TakeRowProps) {
  const sound = take.revision
    ? soundOf({ songId: song.id, stage, revision: take.revision }, take.media, song.title)
    : undefined;
  const facts = Object.entries(take.measured)
    .filter(([name]) => MEASURES[name] && !MEASURES[name].fine)
    .map(([name, value]) => `${MEASURES[name]?.name}: ${valueWords(name, value)}`);
  const steers = song.role === "owner" || song.role === "editor";
  return (
    <li className="row spread">
      <span>
        Take {take.take} {take.is_chosen && <Badge tone="accent">chosen</Badge>}
        {!take.revision && <span className="dim"> not made yet</span>}
        {facts.length > 0 && <span className="dim"> {facts.slice(0, 2).join("; ")}</span>}
      </span>
      <span className="row">
        {sound && (
          <Button
            size="small"
            icon="play"
            aria-label={`Listen to take ${take.take}`}
            onClick={() => void player.listen(sound)}
          >
            Listen
          </Button>
        )}
        {steers && !take.is_chosen && (
          <Button size="small" busy={choosing} aria-label={`Choose take ${take.take}`} onClick={onChoose}>
            Choose
          </Button>
        )}
      </span>
    </li>
  );
}
