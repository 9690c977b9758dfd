import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from "react";

interface Labelled {
  label: string;
  /** Under the field: what it means. */
  hint?: ReactNode;
  /** Under the field: what is wrong with it. */
  error?: string | null | undefined;
  /** Show the label to screen readers only. */
  hideLabel?: boolean;
}

function Frame({ id, label, hint, error, hideLabel, children }: Labelled & { id: string; children: ReactNode }) {
  return (
    <div className="field">
      <label htmlFor={id} className={hideLabel ? "visually-hidden" : "field-label"}>
        {label}
      </label>
      {children}
      {hint && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="field-error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

function described(id: string, { hint, error }: Labelled) {
  const by = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return { id, "aria-describedby": by || undefined, "aria-invalid": error ? true : undefined };
}

/** One line of text, a number, a date …: `type` says which. */
export function Field(props: Labelled & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  const { label, hint, error, hideLabel, className = "", ...rest } = props;
  return (
    <Frame id={id} label={label} hint={hint} error={error} hideLabel={hideLabel ?? false}>
      <input {...rest} {...described(id, props)} className={`input ${className}`} />
    </Frame>
  );
}

export function TextArea(props: Labelled & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  const { label, hint, error, hideLabel, className = "", ...rest } = props;
  return (
    <Frame id={id} label={label} hint={hint} error={error} hideLabel={hideLabel ?? false}>
      <textarea rows={4} {...rest} {...described(id, props)} className={`input textarea ${className}`} />
    </Frame>
  );
}

export interface Option {
  value: string;
  label: string;
  disabled?: boolean;
}

export function Select(
  props: Labelled & Omit<SelectHTMLAttributes<HTMLSelectElement>, "children"> & { options: readonly Option[] },
) {
  const id = useId();
  const { label, hint, error, hideLabel, options, className = "", ...rest } = props;
  return (
    <Frame id={id} label={label} hint={hint} error={error} hideLabel={hideLabel ?? false}>
      <select {...rest} {...described(id, props)} className={`input select ${className}`}>
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.label}
          </option>
        ))}
      </select>
    </Frame>
  );
}

export interface SwitchProps {
  label: string;
  checked: boolean;
  onChange(checked: boolean): void;
  hint?: ReactNode;
  disabled?: boolean;
}

export function Switch({ label, checked, onChange, hint, disabled }: SwitchProps) {
  const id = useId();
  return (
    <div className="switch-row">
      <input
        id={id}
        type="checkbox"
        role="switch"
        aria-checked={checked}
        className="switch"
        checked={checked}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
      <label htmlFor={id}>{label}</label>
      {hint && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
    </div>
  );
}

export interface SliderProps {
  label: string;
  value: number;
  min: number;
  max: number;
  step?: number;
  onChange(value: number): void;
  /** The value in words, shown and read out: "-14 LUFS". */
  text?: string;
  hideLabel?: boolean;
  disabled?: boolean;
}

export function Slider({ label, value, min, max, step = 1, onChange, text, hideLabel, disabled }: SliderProps) {
  const id = useId();
  return (
    <div className="field slider-field">
      <label htmlFor={id} className={hideLabel ? "visually-hidden" : "field-label"}>
        {label}
      </label>
      <input
        id={id}
        type="range"
        className="slider"
        min={min}
        max={max}
        step={step}
        value={value}
        disabled={disabled}
        aria-valuetext={text}
        onChange={(event) => onChange(event.target.valueAsNumber)}
      />
      {text && (
        <output className="slider-text" htmlFor={id}>
          {text}
        </output>
      )}
    </div>
  );
}
