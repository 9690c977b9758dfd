import { type ReactNode, useState } from "react";
import type { CommandKind, Song, Stage } from "../api";
import { Button, Dialog, type IconName, Switch } from "../ui";
import { type Deed, useDeed } from "./deed";
import { mayChange, whatNext } from "./next";
import { Refusal } from "./Refusal";
import { nameOfStage, place, STAGE_WORDS, STAGES } from "./words";

/** Everything that can be done to the song as a whole, and only what the song takes in its present state. */
export function Controls({ song, onBranch }: { song: Song; onBranch: () => void }) {
  if (!mayChange(song.role)) return null;
  const may = (command: CommandKind) => song.allowed_commands.includes(command);
  const back = song.allowed_targets.find((stage) => place(stage) < place(song.current_stage));
  const { deed } = whatNext(song);
  // What the page asks for in its first line is not offered a second time.
  const beside = (command: CommandKind) => may(command) && !(deed?.kind === "command" && deed.command === command);
  return (
    <section className="song-controls" aria-label="Controls">
      {may("advance") && back && (
        <Control
          song={song}
          icon="back"
          label={`Step back to ${lower(back)}`}
          act={(deed) => deed.run("advance", { target: back })}
        />
      )}
      {beside("hold") && <Control song={song} icon="hold" label="Hold the song" act={(deed) => deed.run("hold")} />}
      {beside("resume") && (
        <Control song={song} icon="play" label="Resume the song" act={(deed) => deed.run("resume")} />
      )}
      {beside("retry") && <Control song={song} icon="redo" label="Try again now" act={(deed) => deed.run("retry")} />}
      {may("set_review") && <ReviewGates song={song} />}
      <Control song={song} icon="branch" label="Branch" act={async () => onBranch()} />
      {may("cancel") && <Cancel song={song} />}
    </section>
  );
}

const lower = (stage: Stage): string => nameOfStage(stage).toLowerCase();

interface ControlProps {
  readonly song: Song;
  readonly icon: IconName;
  readonly label: string;
  readonly act: (deed: Deed) => Promise<unknown>;
}

function Control({ song, icon, label, act }: ControlProps) {
  const deed = useDeed(song.id);
  return (
    <div className="song-control">
      <Button look="quiet" size="small" icon={icon} busy={deed.busy} onClick={() => void act(deed)}>
        {label}
      </Button>
      <Refusal problem={deed.problem} />
    </div>
  );
}

/** After which stages the song waits to be judged. */
function ReviewGates({ song }: { song: Song }) {
  const [open, setOpen] = useState(false);
  const [wanted, setWanted] = useState<readonly Stage[]>(song.settings.review ?? []);
  const deed = useDeed(song.id);

  function begin() {
    setWanted(song.settings.review ?? []);
    deed.clear();
    setOpen(true);
  }

  async function save() {
    const review = STAGES.filter((stage) => wanted.includes(stage));
    if (await deed.run("set_review", { review: review.length ? review : "none" })) setOpen(false);
  }

  return (
    <div className="song-control">
      <Button look="quiet" size="small" icon="check" onClick={begin}>
        Where it waits for me
      </Button>
      <Dialog
        open={open}
        title="Where the song waits for you"
        onClose={() => setOpen(false)}
        actions={
          <Foot problem={<Refusal problem={deed.problem} />}>
            <Button look="quiet" onClick={() => setWanted(wanted.length ? [] : STAGES)}>
              {wanted.length ? "Nowhere" : "Everywhere"}
            </Button>
            <Button look="primary" busy={deed.busy} onClick={() => void save()}>
              Save
            </Button>
          </Foot>
        }
      >
        <p>After these stages the song waits until you say how it goes on.</p>
        {STAGES.slice(0, -1).map((stage) => (
          <Switch
            key={stage}
            label={nameOfStage(stage)}
            hint={STAGE_WORDS[stage].judge}
            checked={wanted.includes(stage)}
            onChange={(on) => setWanted(on ? [...wanted, stage] : wanted.filter((one) => one !== stage))}
          />
        ))}
      </Dialog>
    </div>
  );
}

function Cancel({ song }: { song: Song }) {
  const [open, setOpen] = useState(false);
  const deed = useDeed(song.id);
  return (
    <div className="song-control">
      <Button look="quiet" size="small" icon="close" onClick={() => setOpen(true)}>
        Cancel the song
      </Button>
      <Dialog
        open={open}
        title="Cancel this song?"
        onClose={() => setOpen(false)}
        actions={
          <Foot problem={<Refusal problem={deed.problem} />}>
            <Button look="quiet" onClick={() => setOpen(false)}>
              Let it go on
            </Button>
            <Button
              look="danger"
              busy={deed.busy}
              onClick={async () => {
                if (await deed.run("cancel")) setOpen(false);
              }}
            >
              Cancel the song for good
            </Button>
          </Foot>
        }
      >
        <p>Work stops now and the song takes no more changes. Everything made so far is kept, and can be branched.</p>
        <p>To stop for a while only, hold it instead.</p>
      </Dialog>
    </div>
  );
}

/** The buttons at the end of a dialog, and above them why the last try was refused. */
export function Foot({ problem, children }: { problem: ReactNode; children: ReactNode }) {
  return (
    <div className="song-dialog-foot">
      {problem}
      <div className="song-dialog-foot-buttons">{children}</div>
    </div>
  );
}
