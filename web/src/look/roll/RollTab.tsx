import { Await } from "../Await";
import { useScore } from "../useSongParts";
import { PianoRoll } from "./PianoRoll";

export function RollTab({ songId }: { songId: string }) {
  const score = useScore(songId);
  return (
    <Await
      found={score}
      songId={songId}
      stage="arrangement"
      title="No notes yet"
      loading="Loading the notes"
      show={(value) => <PianoRoll songId={songId} score={value} />}
    />
  );
}
