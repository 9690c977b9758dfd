import { useId, useRef, useState } from "react";
import { Button } from "../ui";
import "./copy.css";

/** Something to take along: shown whole, chosen at a click, copied by a button. */
export function CopyField({ label, text, hint }: { label: string; text: string; hint?: string }) {
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  const id = useId();
  const copy = async () => {
    field.current?.select();
    setCopied(await copyText(text));
  };
  return (
    <div className="copy-field">
      <label htmlFor={id} className="field-label">
        {label}
      </label>
      <div className="copy-line">
        <input
          id={id}
          ref={field}
          className="input"
          readOnly
          value={text}
          aria-describedby={hint ? `${id}-hint` : undefined}
          onFocus={(event) => event.target.select()}
        />
        <Button icon={copied ? "check" : "copy"} onClick={copy}>
          Copy
        </Button>
      </div>
      {hint && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
      <p role="status" className="field-hint">
        {copied && "Copied."}
      </p>
    </div>
  );
}

/** Whether the text is on the clipboard now. Pages without TLS have no `navigator.clipboard`; what is selected stays. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return document.execCommand("copy");
  }
}
