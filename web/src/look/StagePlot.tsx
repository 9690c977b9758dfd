import { at, type Scale } from "./axis";
import { level } from "./loudness";
import { type Place, panInWords } from "./mix";
import { useWidth } from "./useWidth";

const HEIGHT = 220;
const MARGIN = { side: 60, top: 24, bottom: 34 } as const;
const LINE = 15;
const LETTER = 6.6;

interface Spot extends Place {
  readonly x: number;
  readonly y: number;
  readonly below: number;
}

/** The band as it stands between the loudspeakers: left to right by its place, further front the louder it is. */
export function StagePlot({ places }: { places: readonly Place[] }) {
  const [width, measure] = useWidth();
  if (places.length < 2) return null;
  const words = places.map(({ name, pan, level: lu }) => `${name} ${panInWords(pan)}, ${level(lu)} LU`).join("; ");
  return (
    <figure className="look-figure-box">
      <div ref={measure} className="look-svg-box">
        {width > 0 && (
          <svg
            width={width}
            height={HEIGHT}
            role="img"
            aria-label={`Where the band stands: ${words}`}
            className="look-chart-svg"
          >
            <line className="look-grid" x1={width / 2} x2={width / 2} y1={8} y2={HEIGHT - MARGIN.bottom + 6} />
            {["left", "middle", "right"].map((name, i) => (
              <text
                key={name}
                className="look-tick"
                x={[8, width / 2, width - 8][i]}
                y={HEIGHT - 8}
                textAnchor={["start", "middle", "end"][i] as "start" | "middle" | "end"}
              >
                {name}
              </text>
            ))}
            {spots(places, width).map(({ id, name, x, y, below }) => (
              <g key={id}>
                {below > LINE && <line className="look-grid" x1={x} x2={x} y1={y + 6} y2={y + below - 10} />}
                <circle className="look-octave" cx={x} cy={y} r={6} />
                <text className="look-section-name" x={x} y={y + below + 5} textAnchor="middle">
                  {name}
                </text>
              </g>
            ))}
          </svg>
        )}
      </div>
      <figcaption className="look-hint">
        Where the band stands: left to right, and further down the louder against the lead.
      </figcaption>
    </figure>
  );
}

/** Places in the picture; a name that would lie on another one moves further down. */
function spots(places: readonly Place[], width: number): Spot[] {
  const levels = places.map(({ level: lu }) => lu);
  const x: Scale = { from: -1, to: 1, start: MARGIN.side, end: width - MARGIN.side };
  const y: Scale = {
    from: Math.min(...levels),
    to: Math.max(...levels),
    start: MARGIN.top,
    end: HEIGHT - MARGIN.bottom - 3 * LINE,
  };
  const taken: { left: number; right: number; y: number }[] = [];
  return [...places]
    .sort((a, b) => a.level - b.level)
    .map((place) => {
      const [px, py] = [at(x, place.pan), at(y, place.level)];
      const half = (place.name.length * LETTER) / 2;
      let below = LINE;
      const lies = () =>
        taken.some((one) => px - half < one.right && px + half > one.left && Math.abs(py + below - one.y) < LINE);
      while (lies() && below < 4 * LINE) below += LINE;
      taken.push({ left: px - half, right: px + half, y: py + below }, { left: px - 8, right: px + 8, y: py });
      return { ...place, x: px, y: py, below };
    });
}
