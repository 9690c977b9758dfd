import type { Song } from "../api";
import { INSTRUMENTS } from "../describe/glossary";
import { Button, Field, IconButton, Select } from "../ui";
import { type Named, playersOf, sectionsOf } from "./band";
import {
  PLAYER_ACTS,
  type PlayerAct,
  type PlayerWish,
  playerAct,
  playerProblem,
  type ReviseForm,
  SECTION_ACTS,
  type SectionAct,
  type SectionWish,
  sectionAct,
  wishProblem,
} from "./revise";

interface Props {
  readonly song: Song;
  readonly form: ReviseForm;
  readonly set: (change: Partial<ReviseForm>) => void;
}

const MOST = 8;

/** Changes of single sections: only the chorus, only the second verse. */
export function SectionWishes({ song, form, set }: Props) {
  const sections = sectionsOf(song.context);
  const players = playersOf(song.context);
  const first = sections[0];
  const change = (index: number, wish: Partial<SectionWish>) =>
    set({ sections: form.sections.map((one, at) => (at === index ? { ...one, ...wish } : one)) });
  return (
    <fieldset className="song-revise-group">
      <legend>Only one section</legend>
      {!first && <p className="song-quiet">The sections are known once the song is arranged.</p>}
      {form.sections.map((wish, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the wishes have no other name and are only added at the end
        <fieldset key={index} className="song-revise-wish" aria-label={`Section change ${index + 1}`}>
          <Select
            label="Section"
            value={wish.section}
            options={withOwn(sections, wish.section)}
            onChange={(event) => change(index, { section: event.target.value })}
          />
          <Select
            label="What should happen"
            value={wish.act}
            options={Object.entries(SECTION_ACTS).map(([value, { name }]) => ({ value, label: name }))}
            onChange={(event) => {
              const act = event.target.value as SectionAct;
              change(index, { act, amount: sectionAct(act).usual ?? "" });
            }}
          />
          {sectionAct(wish.act).unit && (
            <Field
              label={`How many ${sectionAct(wish.act).unit}`}
              type="number"
              value={wish.amount}
              error={wishProblem(wish)}
              onChange={(event) => change(index, { amount: event.target.value })}
            />
          )}
          {sectionAct(wish.act).part && (
            <Select
              label="Who rests"
              value={wish.part}
              options={[{ value: "", label: "Choose a player" }, ...players]}
              onChange={(event) => change(index, { part: event.target.value })}
            />
          )}
          <IconButton
            label="Take this section change back"
            icon="close"
            size="small"
            onClick={() => set({ sections: form.sections.filter((_, at) => at !== index) })}
          />
        </fieldset>
      ))}
      {first && form.sections.length < MOST && (
        <Button
          size="small"
          look="quiet"
          icon="add"
          onClick={() =>
            set({ sections: [...form.sections, { section: first.value, act: "take", amount: "", part: "" }] })
          }
        >
          {form.sections.length ? "Change another section" : "Change a section"}
        </Button>
      )}
    </fieldset>
  );
}

/** Changes of who plays, and how. */
export function PlayerWishes({ song, form, set }: Props) {
  const players = playersOf(song.context);
  const change = (index: number, wish: Partial<PlayerWish>) =>
    set({ players: form.players.map((one, at) => (at === index ? { ...one, ...wish } : one)) });
  return (
    <fieldset className="song-revise-group">
      <legend>The band</legend>
      {form.players.map((wish, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the wishes have no other name and are only added at the end
        <fieldset key={index} className="song-revise-wish" aria-label={`Band change ${index + 1}`}>
          <Select
            label="What should change"
            value={wish.act}
            options={Object.entries(PLAYER_ACTS).map(([value, { name }]) => ({ value, label: name }))}
            onChange={(event) => change(index, { act: event.target.value as PlayerAct })}
          />
          {playerAct(wish.act).part && (
            <Select
              label="Player"
              value={wish.part}
              options={[{ value: "", label: "Choose a player" }, ...withOwn(players, wish.part)]}
              onChange={(event) => change(index, { part: event.target.value })}
            />
          )}
          {playerAct(wish.act).instrument && (
            <Select
              label="Instrument"
              value={wish.instrument}
              options={[
                { value: "", label: "Choose an instrument" },
                ...INSTRUMENTS.map(({ id, name }) => ({ value: id, label: name })),
              ]}
              onChange={(event) => change(index, { instrument: event.target.value })}
            />
          )}
          <IconButton
            label="Take this band change back"
            icon="close"
            size="small"
            onClick={() => set({ players: form.players.filter((_, at) => at !== index) })}
          />
          {playerProblem(wish) && <p className="field-hint">{playerProblem(wish)}</p>}
        </fieldset>
      ))}
      {form.players.length < MOST && (
        <Button
          size="small"
          look="quiet"
          icon="add"
          onClick={() => set({ players: [...form.players, { act: "swap", part: "", instrument: "" }] })}
        >
          {form.players.length ? "Change another player" : "Change an instrument"}
        </Button>
      )}
    </fieldset>
  );
}

/** What a draft names stays to be seen, though the song may not have it any more. */
const withOwn = (known: readonly Named[], value: string): readonly Named[] =>
  !value || known.some((one) => one.value === value) ? known : [...known, { value, label: value }];
