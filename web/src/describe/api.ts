/** The calls of the API that a new song needs. */

import {
  api,
  data,
  type EnhancedPrompt,
  type EnhancePrompt,
  Problem,
  type ProviderList,
  type Reference,
  type StartSong,
  signedOut,
} from "../api";
import type { EnhanceBody, StartBody } from "./request";
import { type Answered, sendFile } from "./upload";

export type { EnhancedPrompt, ProviderView, Reason, Reference } from "../api";

/** What ideation would make of a prompt. */
export function enhance(body: EnhanceBody, signal: AbortSignal): Promise<EnhancedPrompt> {
  return data(api.POST("/v1/prompts/enhance", { body: body as EnhancePrompt, signal }));
}

/** Start a song under a key; where it is started twice under the same one, both answers name the same song. */
export async function start(body: StartBody, key: string): Promise<{ id: string; title: string }> {
  return data(api.POST("/v1/compositions", { body: body as StartSong, headers: { "Idempotency-Key": key } }));
}

export function providers(signal: AbortSignal): Promise<ProviderList> {
  return data(api.GET("/v1/providers", { signal }));
}

/** An upload with its progress, 0 to 1. An upload is known by its content, so that sending it twice does no harm. */
export async function uploadFile(
  file: File,
  progress: (share: number) => void,
  signal: AbortSignal,
): Promise<Reference> {
  return taken(await sendFile(file, progress, signal));
}

/** An upload that the API fetches itself. */
export async function uploadFrom(url: string, signal: AbortSignal): Promise<Reference> {
  return data(api.POST("/v1/references", { body: { url } as never, signal }));
}

function taken(answer: Answered): Reference {
  const body: unknown = parsed(answer.body);
  if (answer.status === 201) return body as Reference;
  if (answer.status === 401) signedOut.set(true);
  const about = typeof body === "object" && body !== null ? body : { title: "The file was not taken" };
  throw new Problem({ ...about, status: answer.status });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy that refuses large bodies answers with a page of its own.
    return null;
  }
}
