"""What a page really plays: samples taken where they leave for the loudspeakers, behind everything that is ours."""

import base64
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from playwright.sync_api import BrowserContext, Page

Samples = npt.NDArray[np.float32]

_WORKLET = """
class Recorder extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.sound = new Float32Array(2 * processorOptions.frames);
    this.filled = 0;
  }
  process([channels]) {
    const [left = new Float32Array(128), right = left] = channels;
    for (let i = 0; i < 128 && this.filled < this.sound.length; i++) {
      this.sound[this.filled++] = left[i];
      this.sound[this.filled++] = right[i];
    }
    if (this.filled < this.sound.length) return true;
    this.port.postMessage(this.sound);
    return false;
  }
}
globalThis.isRecorder ??= registerProcessor("recorder-of-the-tests", Recorder) ?? true;
"""
# Remembers every node that is led to the loudspeakers.
_HOOK = """
const connect = AudioNode.prototype.connect;
window.outputsOfThePage = [];
AudioNode.prototype.connect = function (target, ...rest) {
  if (target instanceof AudioDestinationNode) window.outputsOfThePage.push(this);
  return connect.call(this, target, ...rest);
};
"""
_RECORD = """
async ([worklet, seconds]) => {
  const outputs = window.outputsOfThePage.filter((node) => node.context instanceof AudioContext);
  const context = outputs[0].context;
  const place = URL.createObjectURL(new Blob([worklet], { type: "text/javascript" }));
  await context.audioWorklet.addModule(place);
  const options = { channelCount: 2, channelCountMode: "explicit" };
  const frames = Math.round(seconds * context.sampleRate);
  const recorder = new AudioWorkletNode(context, "recorder-of-the-tests", { ...options, processorOptions: { frames } });
  for (const node of outputs) node.connect(recorder);
  recorder.connect(context.destination);
  const sound = await new Promise((resolve) => (recorder.port.onmessage = ({ data }) => resolve(data)));
  for (const node of outputs) node.disconnect(recorder);
  recorder.disconnect();
  window.outputsOfThePage = outputs;
  const bytes = new Uint8Array(sound.buffer);
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return [context.sampleRate, btoa(text)];
}
"""


@dataclass(frozen=True)
class Recording:
    """Stereo `samples` `(frames, 2)` at `rate` Hz."""

    samples: Samples
    rate: int

    @property
    def mono(self) -> Samples:
        """Left and right together."""
        return np.asarray(self.samples.mean(axis=1), np.float32)

    def level_at(self, frequency: float) -> float:
        """Level in dB of a sine of this frequency, 0 for one of full scale."""
        x = self.mono * np.hanning(len(self.mono))
        turned = np.exp(-2j * np.pi * frequency * np.arange(len(x)) / self.rate)
        return float(20 * np.log10(max(1e-9, abs(np.dot(x, turned)) * 4 / len(x))))


def prepare(context: BrowserContext) -> None:
    """Make the pages of a context ready to be recorded, before they are opened. It must be one with `bypass_csp`."""
    context.add_init_script(_HOOK)


def record(page: Page, seconds: float) -> Recording:
    """What leaves for the loudspeakers in so many seconds from now on."""
    rate, text = page.evaluate(_RECORD, [_WORKLET, seconds])
    sound = np.frombuffer(base64.b64decode(text), np.float32).reshape(-1, 2)
    return Recording(sound, int(rate))


def browser_bytes() -> int:
    """Resident memory of all of Chromium's page processes that this one has started."""
    processes = {int(p.name): p for p in Path("/proc").iterdir() if p.name.isdigit()}
    parents: dict[int, int] = {}
    sizes: dict[int, int] = {}
    for pid, folder in processes.items():
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        parents[pid] = int(fields[1])
        if b"--type=renderer" in command:
            sizes[pid] = int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    return sum(size for pid, size in sizes.items() if os.getpid() in _ancestors(pid, parents))


def _ancestors(pid: int, parents: dict[int, int]) -> list[int]:
    found = []
    while pid in parents:
        pid = parents[pid]
        found.append(pid)
    return found
