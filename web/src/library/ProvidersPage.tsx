import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import {
  api,
  data,
  keys,
  type LimitsView,
  type ProviderTaskView,
  type ProviderView,
  type SongSummary,
  useMe,
  useSongs,
} from "../api";
import { useTitle } from "../app/title";
import { when } from "../history/when";
import { nameOfStage } from "../song/words";
import { Badge, Card, Money, ProblemNote, Progress, Spinner, Time } from "../ui";
import { languageName, lengths, pauseWords, priceWords, soldWords, standingOf } from "./providers";
import { callState, taskName } from "./tasks";
import "./library.css";

const LOOKED_AT_MS = 15_000;

/** Whom songs can ask: who is there, what they may do, what they have cost. */
export function ProvidersPage() {
  useTitle("Providers");
  const providers = useQuery({
    queryKey: keys.providers,
    queryFn: ({ signal }) => data(api.GET("/v1/providers", { signal })),
    refetchInterval: LOOKED_AT_MS,
  });
  const me = useMe();
  const items = inOrder(providers.data?.items ?? []);
  return (
    <div className="stack">
      <h1>Providers</h1>
      {me.data && <Spending limits={me.data.limits} providers={items} />}
      <section className="stack" aria-label="All providers">
        {providers.isPending && <Spinner label="Looking who is there" />}
        <ProblemNote problem={providers.error} />
        <div className="provider-grid">
          {items.map((provider) => (
            <ProviderCard key={provider.name} provider={provider} />
          ))}
        </div>
      </section>
      <RecentCalls titles={new Map(items.map((one) => [one.name, one.capabilities.title]))} />
    </div>
  );
}

/** Those that can be asked first. */
const inOrder = (items: readonly ProviderView[]): readonly ProviderView[] =>
  [...items].sort((one, other) => Number(other.configured) - Number(one.configured));

function Spending({ limits, providers }: { limits: LimitsView; providers: readonly ProviderView[] }) {
  const { limit, used } = limits.spend_today_usd;
  const sum = (of: "spent_usd" | "reserved_usd") => providers.reduce((total, one) => total + Number(one[of]), 0);
  return (
    <Card title="What they cost">
      <dl className="figures">
        <div>
          <dt>Yours today (UTC)</dt>
          <dd>
            <Money usd={used} /> {limit === null ? <span className="dim">without a limit</span> : <Of usd={limit} />}
          </dd>
        </div>
        <div>
          <dt>Everybody's so far</dt>
          <dd>
            <Money usd={sum("spent_usd")} />
          </dd>
        </div>
        <div>
          <dt>Set aside for orders under way</dt>
          <dd>
            <Money usd={sum("reserved_usd")} />
          </dd>
        </div>
      </dl>
      {limit !== null && Number(limit) > 0 && (
        <Progress value={Number(used) / Number(limit)} label="Of today's budget used" />
      )}
    </Card>
  );
}

function Of({ usd }: { usd: string }) {
  return (
    <span className="dim">
      of <Money usd={usd} />
    </span>
  );
}

function ProviderCard({ provider }: { provider: ProviderView }) {
  const { capabilities: can } = provider;
  const standing = standingOf(provider);
  const spent = Number(provider.spent_usd);
  const reserved = Number(provider.reserved_usd);
  const some = provider.pauses.filter((pause) => pause.operation !== "");
  return (
    <Card
      title={can.title}
      level={3}
      className="provider"
      actions={<Badge tone={standing.tone}>{standing.name}</Badge>}
    >
      {standing.why && <p>{standing.why}</p>}
      {some.map((pause) => (
        <p key={pause.operation}>{pauseWords(pause)}</p>
      ))}
      <dl className="provider-facts">
        <Fact name="May be asked for">{can.tasks.map(taskName).join(", ")}</Fact>
        <Fact name="Price">{[priceWords(can.price), can.price.note].filter(Boolean).join("; ")}</Fact>
        <Fact name="Lengths">{lengths(can.shortest_s, can.longest_s)}</Fact>
        <Fact name="Files">{can.formats.join(", ")}</Fact>
        <Fact name="Languages">{can.languages.map(languageName).join(", ")}</Fact>
        <Fact name="Its results">{[soldWords(can.commercial), can.licence].filter(Boolean).join("; ")}</Fact>
        <Fact name="Good to know">
          {[can.official ? "" : "not an official way in", can.note].filter(Boolean).join("; ")}
        </Fact>
        <Fact name="Credits left">{provider.credits === null ? "" : String(provider.credits)}</Fact>
      </dl>
      <p className="row dim provider-foot">
        <span>
          <Money usd={spent} /> spent
        </span>
        {reserved > 0 && (
          <span>
            <Money usd={reserved} /> set aside
          </span>
        )}
        {provider.checked_at && (
          <span>
            looked at <Time at={provider.checked_at} />
          </span>
        )}
      </p>
    </Card>
  );
}

function Fact({ name, children }: { name: string; children: string }) {
  if (!children) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const SONGS_LOOKED_AT = 10;
const CALLS_SHOWN = 20;

interface Call {
  readonly song: SongSummary;
  readonly task: ProviderTaskView;
}

/** The newest calls of the songs that changed last; providers' calls are kept song by song. */
function RecentCalls({ titles }: { titles: ReadonlyMap<string, string> }) {
  const songs = useSongs();
  const newest = (songs.data?.pages[0]?.items ?? []).slice(0, SONGS_LOOKED_AT);
  const found = useQueries({
    queries: newest.map((song) => ({
      queryKey: keys.providerTasks(song.id),
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        data(api.GET("/v1/compositions/{id}/provider-tasks", { params: { path: { id: song.id } }, signal })),
      refetchInterval: LOOKED_AT_MS,
    })),
  });
  const calls = newest
    .flatMap((song, index): Call[] => (found[index]?.data?.items ?? []).map((task) => ({ song, task })))
    .sort((one, other) => other.task.created_at.localeCompare(one.task.created_at))
    .slice(0, CALLS_SHOWN);
  return (
    <Card title="Their latest calls">
      <ProblemNote problem={songs.error ?? found.find((query) => query.error)?.error} />
      {calls.length === 0 ? (
        <p className="dim">None of the {SONGS_LOOKED_AT} songs that changed last has asked an outside provider.</p>
      ) : (
        <Calls calls={calls} titles={titles} />
      )}
    </Card>
  );
}

function Calls({ calls, titles }: { calls: readonly Call[]; titles: ReadonlyMap<string, string> }) {
  return (
    <section className="table-scroll" aria-label="Calls, newest first" tabIndex={0}>
      <table className="calls">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Song</th>
            <th scope="col">Who</th>
            <th scope="col">What for</th>
            <th scope="col">How it stands</th>
            <th scope="col">Cost</th>
          </tr>
        </thead>
        <tbody>
          {calls.map(({ song, task }) => (
            <tr key={task.id}>
              <td>{when(task.created_at)}</td>
              <td>
                <Link href={`/songs/${song.id}`}>{song.title}</Link>
              </td>
              <td>{titles.get(task.provider) ?? task.provider}</td>
              <td>
                {taskName(task.task_type)}, {nameOfStage(task.stage).toLowerCase()}
                {task.attempt > 1 && `, try ${task.attempt}`}
              </td>
              <td>
                {callState(task)}
                {task.error && <span className="dim"> ({task.error})</span>}
              </td>
              <td>
                <Cost task={task} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Cost({ task }: { task: ProviderTaskView }) {
  if (task.cost !== null) return <Money usd={task.cost} />;
  return Number(task.reserved) > 0 ? (
    <>
      up to <Money usd={task.reserved} />
    </>
  ) : (
    <>–</>
  );
}
