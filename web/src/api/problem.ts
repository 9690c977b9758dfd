import type { CommandResult, FieldProblem, Problem as ProblemDetails } from "./schema";

/** What the server answers with when it cannot do what was asked (RFC 9457), or what stands for it where there was no answer. */
export class Problem extends Error {
  override readonly name = "Problem";
  /** One short line: what kind of problem it is. */
  readonly title: string;
  /** In words for a person: what happened, which value, what to do. */
  readonly detail: string;
  /** Never changes for a kind of problem; `unreachable` where the server did not answer. */
  readonly code: string;
  /** The HTTP status; 0 where the server did not answer. */
  readonly status: number;
  /** What is wrong with single values of the body. */
  readonly errors: readonly FieldProblem[];
  /** What the song decided, for a refused command: what is allowed now. */
  readonly result: CommandResult | null;
  /** The song's present entity tag, where the change was meant for an older state of it (412). */
  readonly etag: string | null;
  /** After how many seconds it is worth trying again, where the server says so. */
  readonly retryAfter: number | null;

  constructor(given: Partial<ProblemDetails> & { etag?: string | null; retryAfter?: number | null }) {
    super(given.detail || given.title || "Something went wrong.");
    this.title = given.title ?? "Something went wrong";
    this.detail = given.detail ?? this.title;
    this.code = given.code ?? "unknown";
    this.status = given.status ?? 0;
    this.errors = given.errors ?? [];
    this.result = given.result ?? null;
    this.etag = given.etag ?? null;
    this.retryAfter = given.retryAfter ?? null;
  }

  /** Whether the song has changed since it was seen: keep what was typed, show what changed, let the person decide. */
  get outdated(): boolean {
    return this.status === 412;
  }

  /** Whether there was no answer at all: the same thing may work in a moment. */
  get unreachable(): boolean {
    return this.code === "unreachable";
  }
}

/** The problem that an answer tells, whatever its body is. */
export async function problemOf(answer: Response): Promise<Problem> {
  const about = { status: answer.status, etag: answer.headers.get("ETag"), retryAfter: seconds(answer) };
  try {
    const told: unknown = await answer.clone().json();
    if (typeof told === "object" && told !== null && "detail" in told) {
      return new Problem({ ...(told as ProblemDetails), ...about });
    }
  } catch {
    // No JSON: something between here and the server has answered in its place.
  }
  return new Problem({ ...about, title: "Something went wrong" });
}

/** The problem that stands for no answer. */
export function unreachable(retryAfter: number | null = null): Problem {
  return new Problem({
    title: "The server cannot be reached",
    detail: "The studio cannot reach the server. What you did is kept; try again in a moment.",
    code: "unreachable",
    status: 0,
    retryAfter,
  });
}

/** Anything that was thrown, as a problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem({ title: "Something went wrong", detail: error instanceof Error ? error.message : String(error) });
}

/** Whether a proxy answers that nobody is behind it; the server itself would tell a problem. */
export function isAbsence(answer: Response): boolean {
  return [502, 503, 504].includes(answer.status) && !answer.headers.get("Content-Type")?.includes("json");
}

function seconds(answer: Response): number | null {
  const said = Number(answer.headers.get("Retry-After") ?? Number.NaN);
  return Number.isFinite(said) ? said : null;
}
