import { Button, Field, Slider } from "../ui";
import { type NumberName, numberField, numberProblem, type ReviseForm } from "./revise";

interface Props {
  readonly name: NumberName;
  readonly form: ReviseForm;
  readonly set: (change: Partial<ReviseForm>) => void;
  /** The value as it is, whatever the song holds there. */
  readonly now: unknown;
}

const shown = (value: number): string => String(Number(value.toFixed(2))).replace("-", "−");

/** A number with its unit; empty leaves the setting as it is, which is shown instead. */
export function NumberInput({ name, form, set, now }: Props) {
  const { name: called, unit, low, high } = numberField(name);
  return (
    <Field
      label={`${called} (${unit})`}
      type="number"
      inputMode="decimal"
      step="any"
      min={low}
      max={high}
      placeholder={typeof now === "number" ? shown(now) : ""}
      value={form[name]}
      error={numberProblem(name, form[name])}
      onChange={(event) => set({ [name]: event.target.value })}
    />
  );
}

/** A setting between two ends, each of which has a name. Untouched, the song keeps its own. */
export function ShareInput({ name, form, set, now }: Props) {
  const { name: called, ends } = numberField(name);
  const typed = form[name];
  const own = typeof now === "number" ? `${Math.round(now * 100)} %` : "as the style has it";
  const value = typed === "" ? (typeof now === "number" ? now : 0.5) : Number(typed);
  return (
    <div className="song-share-input">
      <Slider
        label={ends ? `${called}: ${ends[0]} to ${ends[1]}` : called}
        min={0}
        max={1}
        step={0.05}
        value={value}
        text={typed === "" ? own : `${Math.round(value * 100)} %`}
        onChange={(chosen) => set({ [name]: String(chosen) })}
      />
      {typed !== "" && (
        <Button look="quiet" size="small" onClick={() => set({ [name]: "" })}>
          Leave {called.toLowerCase()}
        </Button>
      )}
    </div>
  );
}
