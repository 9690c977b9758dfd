// @vitest-environment node
import { describe, expect, it } from "vitest";
import { Unreadable } from "./reader";
import { samplesOf, wavFormat } from "./wav";

interface Made {
  kind?: number;
  bits?: number;
  channels?: number;
  extra?: number;
  data: number[];
}

/** A WAV file of 48 kHz, with a chunk of `extra` bytes before the samples. */
function wav({ kind = 1, bits = 16, channels = 2, extra = 0, data }: Made): Uint8Array {
  const bytes = new Uint8Array(12 + 24 + (extra ? 8 + extra + (extra % 2) : 0) + 8 + data.length);
  const view = new DataView(bytes.buffer);
  const word = (at: number, text: string): void => bytes.set(new TextEncoder().encode(text), at);
  word(0, "RIFF");
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, kind, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, 48_000, true);
  view.setUint16(34, bits, true);
  let at = 36;
  if (extra) {
    word(at, "LIST");
    view.setUint32(at + 4, extra, true);
    at += 8 + extra + (extra % 2);
  }
  word(at, "data");
  view.setUint32(at + 4, data.length, true);
  bytes.set(data, at + 8);
  return bytes;
}

describe("the head of a WAV file", () => {
  it("tells format and place of the samples", () => {
    const file = wav({ bits: 24, data: [1, 2, 3, 4, 5, 6], extra: 5 });
    expect(wavFormat(file, file.length)).toEqual({
      rate: 48_000,
      channels: 2,
      bits: 24,
      float: false,
      start: file.length - 6,
      bytes: 6,
    });
  });

  it("does not promise more than the file has", () => {
    const file = wav({ data: [1, 2, 3, 4] });
    new DataView(file.buffer).setUint32(40, 0xffffffff, true);
    expect(wavFormat(file, file.length).bytes).toBe(4);
  });

  it.each([
    ["another file", new TextEncoder().encode("fLaC and more than twelve bytes")],
    ["no samples", wav({ data: [] }).subarray(0, 30)],
    ["8 bit", wav({ bits: 8, data: [1, 2] })],
    ["a compressed format", wav({ kind: 2, data: [1, 2] })],
  ])("refuses %s", (_, file) => {
    expect(() => wavFormat(file as Uint8Array, (file as Uint8Array).length)).toThrow(Unreadable);
  });
});

describe("samples", () => {
  const decoded = (made: Made): number[][] => {
    const file = wav(made);
    const format = wavFormat(file, file.length);
    return samplesOf(file.subarray(format.start), format).map((samples) => [...samples]);
  };

  it("of 16 bit, left and right apart", () => {
    expect(decoded({ data: [0, 0x40, 0, 0xc0, 0, 0x80, 0xff, 0x7f] })).toEqual([
      [0.5, -1],
      [-0.5, Math.fround(32767 / 32768)],
    ]);
  });

  it("of 24 bit keep their sign", () => {
    expect(decoded({ bits: 24, channels: 1, data: [0, 0, 0x40, 0, 0, 0x80, 0xff, 0xff, 0xff] })).toEqual([
      [0.5, -1, Math.fround(-1 / 8388608)],
    ]);
  });

  it("of floats as they are", () => {
    const data = [...new Uint8Array(Float32Array.of(0.25, -1.5).buffer)];
    expect(decoded({ kind: 3, bits: 32, channels: 1, data })).toEqual([[0.25, -1.5]]);
  });
});
