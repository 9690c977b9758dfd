import { useMemo } from "react";
import { Empty, ProblemNote, Spinner } from "../ui";
import { lineAt, sungVerses } from "./lyrics";
import { usePosition, useSeek } from "./useListening";
import { scoreOf, useScore } from "./useSongParts";

/** The words of the song by section; the line that is sung is marked, and a click on a line goes there. */
export function LyricsTab({ songId, text }: { songId: string; text: string }) {
  const found = useScore(songId);
  const score = scoreOf(found);
  const verses = useMemo(() => sungVerses(text, score), [text, score]);
  const position = usePosition(songId);
  const seek = useSeek(songId);
  const now = position === null || position === 0 ? null : lineAt(verses, position);
  if (found.state === "loading") return <Spinner label="Loading the words" />;
  if (verses.length === 0) return <Empty title="No words" />;
  const isTimed = verses.some(({ from }) => from !== null);
  return (
    <div className="look-lyrics">
      {found.state === "failed" && <ProblemNote problem={found.error} />}
      {!isTimed && found.state === "missing" && (
        <p className="look-hint">When each line is sung is known once the stage Arrangement is done.</p>
      )}
      {verses.map(({ heading, lines, from }, verse) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a chorus comes again with the same words
        <section key={verse} className="look-verse" aria-label={heading || "Words"}>
          {heading && <h3>{heading}</h3>}
          <ol>
            {lines.map((line, i) => {
              const isNow = now?.verse === verse && now.line === i;
              if (!line.text) return null;
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines keep their places
                <li key={i} aria-current={isNow ? "true" : undefined}>
                  {line.from === null ? (
                    <span className="look-line">{line.text}</span>
                  ) : (
                    <button type="button" className="look-line" onClick={() => seek(line.from ?? 0)}>
                      {line.text}
                    </button>
                  )}
                </li>
              );
            })}
          </ol>
          {isTimed && from === null && <p className="look-hint">No section of this form sings these lines.</p>}
        </section>
      ))}
    </div>
  );
}
