import { useEffect, useRef, useState } from "react";
import { asProblem } from "../api";
import { announce } from "../ui";
import { type Reference, uploadFile, uploadFrom } from "./api";
import { tooLarge } from "./upload";
import type { Form } from "./useForm";

/** An upload under way: its name, and how much of it is sent, 0 to 1; null while it is fetched or listened to. */
export interface Sending {
  readonly name: string;
  readonly share: number | null;
}

export interface ReferenceUpload {
  readonly sending: Sending | null;
  send(file: File): void;
  fetch(url: string): void;
  cancel(): void;
}

export function useReference(form: Form): ReferenceUpload {
  const { change, refuse } = form;
  const [sending, setSending] = useState<Sending | null>(null);
  const under = useRef<AbortController>(undefined);
  useEffect(() => () => under.current?.abort(), []);

  const tell = (trouble: string | undefined) =>
    refuse(({ reference: _, ...others }) => (trouble === undefined ? others : { ...others, reference: trouble }));

  async function take(name: string, upload: (signal: AbortSignal) => Promise<Reference>): Promise<void> {
    under.current?.abort();
    const mine = new AbortController();
    under.current = mine;
    setSending({ name, share: null });
    tell(undefined);
    try {
      const reference = await upload(mine.signal);
      if (mine.signal.aborted) return;
      change({ reference });
      announce(`The reference is there: ${reference.filename}`);
    } catch (error) {
      if (!mine.signal.aborted) tell(asProblem(error).detail);
    } finally {
      if (under.current === mine) setSending(null);
    }
  }

  return {
    sending,
    send(file) {
      const trouble = tooLarge(file.size);
      if (trouble) return tell(trouble);
      const progress = (share: number) => setSending({ name: file.name, share: share < 1 ? share : null });
      void take(file.name, (signal) => uploadFile(file, progress, signal));
    },
    fetch: (url) => void take(url, (signal) => uploadFrom(url, signal)),
    cancel() {
      under.current?.abort();
      under.current = undefined;
      setSending(null);
    },
  };
}
