import { at, type Scale, ticks } from "./axis";
import { level } from "./loudness";
import { hertz, type Octave, placed, spectrumBounds, usualRange, verdict } from "./spectrum";
import { useWidth } from "./useWidth";

const HEIGHT = 300;
const BOX = { left: 40, right: 12, top: 14, bottom: 28 } as const;

/** A bar for what is usual in each octave, and a mark where the song is: a dot inside, a diamond outside. */
export function SpectrumChart({ octaves, genre }: { octaves: readonly Octave[]; genre: string }) {
  const [width, measure] = useWidth();
  const [low, high] = spectrumBounds(octaves);
  const y: Scale = { from: low, to: high, start: HEIGHT - BOX.bottom, end: BOX.top };
  const room = (width - BOX.left - BOX.right) / octaves.length;
  const xOf = (index: number) => BOX.left + (index + 0.5) * room;
  const line = octaves.map((octave, i) => `${xOf(i).toFixed(1)},${at(y, placed(octave)).toFixed(1)}`).join(" ");
  const usual = genre ? `usual in ${genre}` : "usual";
  return (
    <figure className="look-figure-box">
      <div ref={measure} className="look-svg-box">
        {width > 0 && (
          <svg
            width={width}
            height={HEIGHT}
            role="img"
            aria-label="Octaves of the song against the usual range"
            className="look-chart-svg"
          >
            {ticks(low, high, 8, [3, 6, 12]).map((value) => (
              <g key={value}>
                <line className="look-grid" x1={BOX.left} x2={width - BOX.right} y1={at(y, value)} y2={at(y, value)} />
                <text className="look-tick" x={BOX.left - 6} y={at(y, value) + 4} textAnchor="end">
                  {level(value, 0)}
                </text>
              </g>
            ))}
            {octaves.map((octave, i) => (
              <Usual key={octave.hz} octave={octave} x={xOf(i)} room={room} y={y} />
            ))}
            <polyline className="look-octave-line" points={line} />
            {octaves.map((octave, i) => (
              <Mark key={octave.hz} octave={octave} x={xOf(i)} y={at(y, placed(octave))} />
            ))}
            {octaves.map((octave, i) => (
              <text key={octave.hz} className="look-tick" x={xOf(i)} y={HEIGHT - 9} textAnchor="middle">
                {room < 44 ? short(octave.hz) : hertz(octave.hz)}
              </text>
            ))}
          </svg>
        )}
      </div>
      <figcaption className="look-key">
        <span className="look-key-range">{usual}</span>
        <span className="look-key-dot">this song, inside</span>
        <span className="look-key-diamond">this song, outside</span>
        <span className="look-readout">dB against 1 kHz, by shape{room < 44 && ", Hz below"}</span>
      </figcaption>
    </figure>
  );
}

function short(hz: number): string {
  return hz >= 1000 ? `${hz / 1000}k` : String(Math.round(hz));
}

function Usual({ octave, x, room, y }: { octave: Octave; x: number; room: number; y: Scale }) {
  const { low, high } = usualRange(octave);
  const top = at(y, high);
  const bottom = low === null ? y.start : at(y, low);
  const width = Math.min(56, room * 0.7);
  return (
    <g>
      <rect className="look-usual" x={x - width / 2} y={top} width={width} height={Math.max(0, bottom - top)} rx={4} />
      <line
        className="look-usual-middle"
        x1={x - width / 2}
        x2={x + width / 2}
        y1={at(y, octave.usual_db)}
        y2={at(y, octave.usual_db)}
      />
    </g>
  );
}

function Mark({ octave, x, y }: { octave: Octave; x: number; y: number }) {
  const title = <title>{`${hertz(octave.hz)}: ${verdict(octave)}`}</title>;
  if (octave.ok) {
    return (
      <circle className="look-octave" cx={x} cy={y} r={5}>
        {title}
      </circle>
    );
  }
  return (
    <path className="look-octave look-octave-out" d={`M${x},${y - 8}l8,8l-8,8l-8,-8z`}>
      {title}
    </path>
  );
}
