import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { keys } from "../api";
import { Field, Select, Switch } from "../ui";
import { type ProviderView, providers } from "./api";
import type { Draft } from "./draft";
import { preferredNames } from "./request";
import { Check, Folded, Wrong } from "./SettingsCards";
import { priced, SOUND, TASKS } from "./tasks";
import type { Form } from "./useForm";

const OWN = "builtin";

/** Whom the song may ask outside of this machine: for what, for how much, and whom never. */
export function ProvidersCard({ form }: { form: Form }) {
  const { problems } = form;
  const found = useQuery({ queryKey: keys.providers, queryFn: ({ signal }) => providers(signal) });
  const outside = (found.data?.items ?? []).filter((one) => one.name !== OWN);
  const usable = outside.filter((one) => one.configured);
  const wrong = !!(problems.providers || problems.budget || problems.production || problems.onUnknown);
  return (
    <Folded title="Outside providers" state={inShort(form.draft, usable)} wrong={wrong}>
      {found.isPending ? (
        <p className="field-hint">Asking who there is…</p>
      ) : usable.length === 0 ? (
        <p className="field-hint">
          Nobody outside is set up: Sostenuto&rsquo;s own band plays everything, and it costs nothing.{" "}
          <Link href="/providers">Providers</Link> tells whom it could ask.
        </p>
      ) : (
        <Choices form={form} outside={outside} usable={usable} />
      )}
    </Folded>
  );
}

function Choices({ form, outside, usable }: { form: Form; outside: ProviderView[]; usable: ProviderView[] }) {
  const { draft, problems, change } = form;
  const titles = new Map(outside.map((one) => [one.name, one.capabilities.title]));
  const first = preferredNames(draft).map((name) => titles.get(name) ?? name);
  const offered = TASKS.filter((task) => usable.some((one) => does(one, task.id)));
  return (
    <>
      <Select
        label="Who plays"
        value={draft.production}
        options={[
          { value: "auto", label: "Our own band, unless you choose somebody below" },
          { value: "builtin", label: "Our own band, always" },
          { value: "provider", label: "Whoever is set up" },
        ]}
        error={problems.production}
        onChange={(event) => change({ production: event.target.value as Draft["production"] })}
      />
      <Field
        label="At most (US dollars)"
        inputMode="decimal"
        value={draft.budget}
        placeholder="no limit of this song"
        error={problems.budget}
        onChange={(event) => change({ budget: event.target.value })}
      />
      <fieldset className="describe-tasks">
        <legend className="field-label">First choice for each task</legend>
        {offered.map((task) => (
          <Select
            key={task.id}
            label={task.name}
            value={draft.preferred[task.id] ?? ""}
            options={[
              { value: "", label: "No preference" },
              ...outside
                .filter((one) => does(one, task.id))
                .map((one) => ({
                  value: one.name,
                  label: offer(one),
                  disabled: !one.configured || draft.forbidden.includes(one.name),
                })),
            ]}
            onChange={(event) => change({ preferred: { ...draft.preferred, [task.id]: event.target.value } })}
          />
        ))}
        {first.length > 0 && (
          <p className="field-hint">Asked first, in this order, for everything that they do: {first.join(", ")}.</p>
        )}
        {problems.providers && <Wrong>{problems.providers}</Wrong>}
      </fieldset>
      <fieldset className="describe-never">
        <legend className="field-label">Never ask</legend>
        {usable.map((one) => (
          <Check
            key={one.name}
            label={one.capabilities.title}
            checked={draft.forbidden.includes(one.name)}
            onChange={(on) => change(forbid(draft, one.name, on))}
          />
        ))}
      </fieldset>
      <Switch
        label="Sung"
        checked={draft.sing}
        hint="A provider that sings is asked; words are written where you give none."
        onChange={(sing) => change({ sing })}
      />
      <Switch label="In separate parts" checked={draft.stems} onChange={(stems) => change({ stems })} />
      <Switch
        label="A cover of the reference"
        checked={draft.cover && draft.reference !== null}
        disabled={draft.reference === null}
        hint={draft.reference ? undefined : "Needs a reference track."}
        onChange={(cover) => change({ cover })}
      />
      <Select
        label="If nobody knows whether an order arrived"
        value={draft.onUnknown}
        options={[
          { value: "block", label: "Stop and ask me" },
          { value: "fallback", label: "Ask the next one, at the risk of paying twice" },
        ]}
        error={problems.onUnknown}
        onChange={(event) => change({ onUnknown: event.target.value as Draft["onUnknown"] })}
      />
    </>
  );
}

const offer = ({ configured, capabilities: { title, price } }: ProviderView): string =>
  configured ? `${title}${priced(price)}` : `${title} (not set up)`;

const does = (one: ProviderView, task: string): boolean => (one.capabilities.tasks as readonly string[]).includes(task);

/** A name that is never asked comes first nowhere. */
function forbid(draft: Draft, name: string, on: boolean): Partial<Draft> {
  const others = draft.forbidden.filter((other) => other !== name);
  if (!on) return { forbidden: others };
  const preferred = Object.fromEntries(Object.entries(draft.preferred).filter(([, chosen]) => chosen !== name));
  return { forbidden: [...others, name], preferred };
}

function inShort(draft: Draft, usable: readonly ProviderView[]): string {
  if (!usable.length) return "nobody";
  const sound = TASKS.some((task) => SOUND.has(task.id) && draft.preferred[task.id]);
  if (draft.production === "provider" || (draft.production === "auto" && sound)) return "they play";
  return preferredNames(draft).length ? "they help" : "our own band";
}
