/** Reference tracks: a file sent with its progress, or the address of one. */

import type { Reference } from "./api";

export const MAX_BYTES = 50_000_000;

/** What the browser's file dialog offers; the API looks at the content, not at the name. */
export const ACCEPTED = "audio/*,.wav,.aif,.aiff,.flac,.mp3,.ogg,.oga,.opus";

/** A refusal before anything is sent: an upload that is too large would be cut off without a word. */
export function tooLarge(size: number): string | null {
  if (size <= MAX_BYTES) return null;
  return `the file has ${(size / 1e6).toFixed(1)} MB: at most 50 MB are taken`;
}

/** Answer of the API to an upload: its status and its body as text. */
export interface Answered {
  readonly status: number;
  readonly body: string;
}

/** Send a file; `fetch` cannot tell how far an upload is, so that this is an XMLHttpRequest. */
export function sendFile(file: File, progress: (share: number) => void, signal: AbortSignal): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/v1/references?name=${encodeURIComponent(file.name.slice(0, 255))}`);
    request.setRequestHeader("Content-Type", file.type.startsWith("audio/") ? file.type : "application/octet-stream");
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onload = () => resolve({ status: request.status, body: request.responseText });
    request.onerror = () => reject(new TypeError("the connection was lost while the file was sent: try again"));
    request.onabort = () => reject(new DOMException("The upload was cancelled", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}

/** What was heard in an upload, as short facts. */
export function heard(track: Reference): { name: string; value: string }[] {
  const sure = (confidence: number) => ` (${Math.round(confidence * 100)} % sure)`;
  return [
    { name: "Length", value: `${track.duration_s.toFixed(1)} s` },
    { name: "Tempo", value: `${Math.round(track.tempo_bpm)} bpm${sure(track.tempo_confidence)}` },
    { name: "Key", value: `${track.key}${sure(track.key_confidence)}` },
    { name: "Loudness", value: `${track.integrated_lufs.toFixed(1)} LUFS` },
    { name: "Loudness range", value: `${track.loudness_range_lu.toFixed(1)} LU` },
    { name: "True peak", value: `${track.true_peak_dbtp.toFixed(1)} dBTP` },
    { name: "Sound", value: `${track.rate / 1000} kHz, ${track.channels === 1 ? "mono" : "stereo"}, ${track.kind}` },
  ];
}
