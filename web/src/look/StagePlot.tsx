import { level } from "./loudness";
import { type Place, panInWords } from "./mix";
import { spotsOf } from "./stage";
import { useWidth } from "./useWidth";

const HEIGHT = 270;
const FOOT = 26;
const SIDES = [
  { name: "left", anchor: "start", at: 0.01 },
  { name: "middle", anchor: "middle", at: 0.5 },
  { name: "right", anchor: "end", at: 0.99 },
] as const;

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
            <line className="look-grid" x1={width / 2} x2={width / 2} y1={8} y2={HEIGHT - FOOT} />
            <line className="look-grid" x1={0} x2={width} y1={HEIGHT - FOOT} y2={HEIGHT - FOOT} />
            {SIDES.map(({ name, anchor, at }) => (
              <text key={name} className="look-tick" x={width * at} y={HEIGHT - 8} textAnchor={anchor}>
                {name}
              </text>
            ))}
            {spotsOf(places, width, HEIGHT - FOOT).map(({ id, name, x, y, labelX, labelY }) => (
              <g key={id}>
                <circle className="look-octave" cx={x} cy={y} r={6} />
                <text className="look-section-name" x={labelX} y={labelY + 4} textAnchor="middle">
                  {name}
                </text>
              </g>
            ))}
          </svg>
        )}
      </div>
      <figcaption className="look-hint">
        Where the band stands: left to right, and the further down the louder against the lead.
      </figcaption>
    </figure>
  );
}
