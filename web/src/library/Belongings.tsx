import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data, type Me } from "../api";
import { Banner, Button, Card, Dialog, Field, Icon, ProblemNote } from "../ui";

/** Everything of one's own in one zip. */
export function Export() {
  return (
    <Card title="Take everything along">
      <div className="stack">
        <p>
          Your songs with their whole histories and files, your uploads and what is known of you, as one zip. A list in
          it tells every file's checksum.
        </p>
        <div>
          <a className="button button-normal" href="/v1/me/export" download>
            <Icon name="download" />
            Download everything I own
          </a>
        </div>
      </div>
    </Card>
  );
}

const ERASURE = ["erasure"] as const;
const LOOK_AGAIN_MS = 4000;

/** Having everything erased: what goes, a confirmation that has to be typed, and how it stands. */
export function Erasure({ me }: { me: Me }) {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const standing = useQuery({
    queryKey: ERASURE,
    queryFn: ({ signal }) => data(api.GET("/v1/me/erasure", { signal })),
    refetchInterval: (query) => (query.state.data?.state === "running" ? LOOK_AGAIN_MS : false),
  });
  const state = standing.data?.state;
  return (
    <Card title="Erase everything">
      <div className="stack">
        {state === "running" && (
          <Banner tone="warn">
            Everything of yours is being erased. Your songs are hidden and your keys have ended already; files and the
            rest go within some hours.
          </Banner>
        )}
        {state === "done" && <Banner>Everything that was yours when you asked is erased.</Banner>}
        <p>
          All your songs with their histories, their files that nobody else's song shares, your uploads and your keys,
          for ever. What providers were paid is kept as bare amounts.
        </p>
        <ProblemNote problem={standing.error} />
        <div>
          <Button look="danger" onClick={() => setAsking(true)}>
            Erase everything of mine
          </Button>
        </div>
      </div>
      <EraseDialog
        me={me}
        open={asking}
        onClose={() => setAsking(false)}
        onErased={() => void client.invalidateQueries({ queryKey: ERASURE })}
      />
    </Card>
  );
}

interface EraseDialogProps {
  me: Me;
  open: boolean;
  onClose(): void;
  onErased(): void;
}

function EraseDialog({ me, open, onClose, onErased }: EraseDialogProps) {
  const [typed, setTyped] = useState("");
  const erasing = useMutation({
    mutationFn: () => data(api.DELETE("/v1/me", { body: { confirm: typed.trim() } })),
    onSuccess: () => {
      setTyped("");
      onErased();
      onClose();
    },
  });
  return (
    <Dialog
      open={open}
      title="Erase everything of yours for ever?"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Keep everything</Button>
          <Button
            look="danger"
            busy={erasing.isPending}
            disabled={typed.trim() !== me.owner}
            onClick={() => erasing.mutate()}
          >
            Erase everything for ever
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>
          Nobody can bring it back: download everything first if you may want it again. Songs that others shared with
          you stay theirs.
        </p>
        <Field
          label={`Type ${me.owner} to say that you mean it`}
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <ProblemNote problem={erasing.error} />
      </div>
    </Dialog>
  );
}
