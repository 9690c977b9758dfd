import { createStore, useStore } from "./store";

/**
 * How the studio and the server stand: `live`, `reconnecting` (the stream of events broke and is being taken up again),
 * `gone` (the server does not answer; the studio goes on asking).
 */
export type Connection = "live" | "reconnecting" | "gone";

export const connection = createStore<Connection>("live");

export function useConnection(): Connection {
  return useStore(connection);
}

export function serverAnswered(): void {
  if (connection.get() === "gone") connection.set("live");
}

export function serverSilent(): void {
  connection.set("gone");
}
