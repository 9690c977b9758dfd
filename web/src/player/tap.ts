/** What channels really let through, at the same frames of the context. */

import url from "./tap.worklet.js?url&no-inline";

export interface Heard {
  /** The context's frame of the first sample. */
  first: number;
  /** The sum of left and right of every channel. */
  heard: Float32Array[];
}

const ready = new WeakMap<BaseAudioContext, Promise<void>>();

export async function listen(context: AudioContext, channels: readonly AudioNode[], seconds: number): Promise<Heard> {
  let loaded = ready.get(context);
  if (loaded === undefined) {
    loaded = context.audioWorklet.addModule(url);
    ready.set(context, loaded);
  }
  await loaded;
  const length = Math.round(seconds * context.sampleRate);
  const node = new AudioWorkletNode(context, "sostenuto-tap", {
    numberOfInputs: channels.length,
    numberOfOutputs: 1,
    processorOptions: { length },
  });
  for (const [index, channel] of channels.entries()) channel.connect(node, 0, index);
  // A node that leads nowhere need not be asked for sound; this one gives silence.
  node.connect(context.destination);
  const heard = await new Promise<Heard>((resolve) => {
    node.port.onmessage = ({ data }: MessageEvent<Heard>) => resolve(data);
  });
  for (const channel of channels) channel.disconnect(node);
  node.disconnect();
  return heard;
}
