import { useRef, useState } from "react";
import { Button, Card, Icon, ProblemNote, Switch, TextArea } from "../ui";
import { type Draft, LEVELS } from "./draft";
import { EXAMPLES } from "./examples";
import { focusSoon } from "./focus";
import { sentence } from "./glossary";
import type { Form } from "./useForm";
import type { ReadingOut } from "./useReading";

const LONGEST = 10_000;

/** What each level does to a prompt. */
const LEVEL_WORDS: Readonly<Record<Draft["level"], string>> = {
  light: "only what your words leave open",
  moderate: "colour and band as the style has them",
  strong: "a fuller picture, with ideas of its own",
};

/** The prompt, examples for it, and how far it may be enriched. */
export function PromptCard({ form, reading }: { form: Form; reading: ReadingOut }) {
  const { draft, problems, change } = form;
  const empty = !draft.prompt.trim();
  const show = () => void reading.read(draft);
  const foot = useRef<HTMLDivElement>(null);
  // Words of the person's own that an example has taken the place of.
  const [own, setOwn] = useState("");
  const fill = (prompt: string) => {
    if (!empty && !EXAMPLES.some((example) => example.prompt === draft.prompt)) setOwn(draft.prompt);
    change({ prompt });
  };
  return (
    <Card title="Describe it" className="describe-prompt">
      <TextArea
        label="Prompt"
        rows={5}
        value={draft.prompt}
        error={problems.prompt}
        hint={count(draft.prompt)}
        placeholder="A slow waltz for piano and strings in D minor, wistful, two minutes"
        onChange={(event) => change({ prompt: event.target.value })}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || empty) return;
          event.preventDefault();
          show();
        }}
      />
      <div className="describe-examples">
        <h3 id="examples-title">Examples</h3>
        <ul aria-labelledby="examples-title">
          {EXAMPLES.map(({ name, lang, prompt }) => (
            <li key={name}>
              <button
                type="button"
                className="describe-example"
                lang={lang}
                title={prompt}
                onClick={() => fill(prompt)}
              >
                <Icon name="note" size={14} />
                {name}
              </button>
            </li>
          ))}
        </ul>
        {own && own !== draft.prompt && (
          <Button
            size="small"
            icon="undo"
            onClick={() => {
              change({ prompt: own });
              setOwn("");
            }}
          >
            Bring back my words
          </Button>
        )}
        <p className="field-hint">English, Spanish, German, French, Italian and Portuguese are understood.</p>
      </div>
      <div className="describe-enhance">
        <Switch
          label="Enhancement"
          checked={draft.enhance}
          hint="Fills in what your words leave open."
          onChange={(enhance) => change({ enhance })}
        />
        <fieldset className="describe-levels" disabled={!draft.enhance}>
          <legend className="field-label">Level</legend>
          {LEVELS.map((level) => (
            <label key={level} className="describe-level" title={LEVEL_WORDS[level]}>
              <input
                type="radio"
                name="level"
                value={level}
                checked={draft.level === level}
                onChange={() => change({ level })}
              />
              {sentence(level)}
            </label>
          ))}
          <p className="field-hint">{sentence(LEVEL_WORDS[draft.level])}.</p>
        </fieldset>
        <Switch
          label="Show reasoning"
          checked={draft.showReasoning}
          onChange={(showReasoning) => change({ showReasoning })}
        />
      </div>
      <div ref={foot} className="describe-prompt-foot">
        <Button busy={reading.busy} disabled={empty} onClick={show}>
          Show the brief
        </Button>
        {reading.busy && (
          <Button
            look="quiet"
            icon="close"
            onClick={() => {
              reading.cancel();
              focusSoon(foot.current, ".button");
            }}
          >
            Cancel
          </Button>
        )}
        <span className="field-hint">
          Shows what is understood, without starting anything. Ctrl+Enter does it, too.
        </span>
      </div>
      <ProblemNote problem={reading.problem} />
    </Card>
  );
}

/** How long the prompt is, once that begins to matter. */
function count(prompt: string): string | undefined {
  const length = prompt.trim().length;
  return length > LONGEST * 0.8 ? `${length.toLocaleString()} of ${LONGEST.toLocaleString()} characters` : undefined;
}
