import { useSong } from "../api";
import { nameOf } from "../describe/glossary";
import { Icon } from "../ui";
import { Await } from "./Await";
import { level, signed } from "./loudness";
import { SpectrumChart } from "./SpectrumChart";
import { hertz, isOctaves, type Octave, spectrumInWords, usualRange, verdict } from "./spectrum";
import { useDocument, useStage, useWish } from "./useSongParts";

interface Report {
  readonly spectrum: readonly Octave[];
}

function isReport(found: unknown): found is Report {
  return typeof found === "object" && found !== null && isOctaves((found as { spectrum?: unknown }).spectrum);
}

/** The octaves of the master against what the genre usually has, and the sound's frequencies over time. */
export function SpectrumTab({ songId }: { songId: string }) {
  const report = useDocument(songId, "finalization", "report_json", isReport);
  return (
    <div className="stack">
      <Await
        found={report}
        songId={songId}
        stage="finalization"
        title="Not compared with the genre yet"
        loading="Loading the spectrum"
        show={({ spectrum }) => <Octaves songId={songId} octaves={spectrum} />}
      />
      <Spectrogram songId={songId} />
    </div>
  );
}

function Octaves({ songId, octaves }: { songId: string; octaves: readonly Octave[] }) {
  const genres = useWish(songId, "musical.genre");
  const genre = Array.isArray(genres) && genres.length ? inSentence(nameOf(String(genres[0]))) : "";
  return (
    <>
      <p>{spectrumInWords(octaves, genre)}</p>
      <SpectrumChart octaves={octaves} genre={genre} />
      <details className="look-words">
        <summary>The octaves in figures</summary>
        <div className="look-table-box">
          <table className="look-table">
            <thead>
              <tr>
                <th scope="col">Octave</th>
                <th scope="col" className="look-number">
                  Off the usual
                </th>
                <th scope="col">Usual range</th>
                <th scope="col">Verdict</th>
              </tr>
            </thead>
            <tbody>
              {octaves.map((octave) => (
                <tr key={octave.hz}>
                  <th scope="row">{hertz(octave.hz)}</th>
                  <td className="look-number">{signed(octave.over_db)} dB</td>
                  <td>{rangeInWords(octave)}</td>
                  <td>
                    <span className={octave.ok ? "look-holds" : "look-misses"}>
                      <Icon name={octave.ok ? "check" : "warning"} size={16} /> {verdict(octave)}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </>
  );
}

function rangeInWords(octave: Octave): string {
  const { low, high } = usualRange(octave);
  return low === null ? `up to ${level(high)} dB` : `${level(low)} to ${level(high)} dB`;
}

/** The picture that the server draws of the newest sound. */
function Spectrogram({ songId }: { songId: string }) {
  const title = useSong(songId).data?.title ?? "the song";
  const final = useStage(songId, "finalization").data?.outputs.spectrogram_png?.hash;
  const mix = useStage(songId, "mixing").data?.outputs.mix?.hash;
  if (!final && !mix) return null;
  // What is drawn depends on the sound, so the address names it: else the browser would show the picture that it has.
  const src = final ? `/v1/media/${final}/content` : `/v1/compositions/${songId}/spectrogram.png?hash=${mix}`;
  return (
    <figure className="look-picture">
      <img
        src={src}
        alt={`Spectrogram of ${title}: time from left to right, frequencies from low to high, bright where it is loud`}
        loading="lazy"
      />
      <figcaption className="look-hint">
        {final ? "The master" : "The rough mix"}: what sounds when and how high, bright where it is loud.
      </figcaption>
    </figure>
  );
}

/** A genre's name amid other words: lo-fi, but R&B. */
const inSentence = (name: string): string => name.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
