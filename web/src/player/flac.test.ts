// @vitest-environment node
import { describe, expect, it } from "vitest";
import { crc8, crc16, cutOut, type FlacInfo, flacInfo, frameAt, framesIn } from "./flac";
import { Unreadable } from "./reader";

const INFO: FlacInfo = { block: 16, rate: 8000, channels: 1, bits: 8, frames: 16 * 300 };
const CHECK = new TextEncoder().encode("123456789");

/** A frame of 16 equal samples (RFC 9639, section 9): header with its check, a constant subframe, check of it all. */
function frame(number: number, value: number): number[] {
  const coded = number < 0x80 ? [number] : [0xc0 | (number >> 6), 0x80 | (number & 63)];
  const head = [0xff, 0xf8, 0x60, 0x02, ...coded, 15];
  const body = [...head, crc8(Uint8Array.from(head)), 0, value];
  const check = crc16(Uint8Array.from(body));
  return [...body, check >> 8, check & 255];
}

/** Bytes from the middle of a file: frames 126 to 130, and something before and after. */
const NUMBERS = [126, 127, 128, 129, 130];
const MIDDLE = Uint8Array.from([7, 0xff, 0xf8, 9, ...NUMBERS.flatMap((n) => frame(n, n)), ...new Array(20).fill(1)]);

describe("checks", () => {
  it("are those of the catalogue of parametrised CRCs (CRC-8/SMBUS, CRC-16/UMTS)", () => {
    expect(crc8(CHECK)).toBe(0xf4);
    expect(crc16(CHECK)).toBe(0xfee8);
  });
});

describe("frames", () => {
  it("are found by number, and false ones are not", () => {
    expect(framesIn(MIDDLE, INFO).map(({ number }) => number)).toEqual(NUMBERS);
    expect(frameAt(MIDDLE, 1, INFO)).toBeNull();
  });

  it("with a wrong check are none", () => {
    const broken = Uint8Array.from(frame(5, 5));
    expect(frameAt(broken, 0, INFO)?.number).toBe(5);
    broken[6] = (broken[6] as number) ^ 1;
    expect(frameAt(broken, 0, INFO)).toBeNull();
  });

  it("by chance inside of another one have a number that does not fit", () => {
    const bytes = Uint8Array.from([
      ...frame(10, 1),
      ...frame(77, 1),
      ...frame(11, 1),
      ...frame(12, 1),
      ...new Array(20).fill(0),
    ]);
    expect(framesIn(bytes, INFO).map(({ number }) => number)).toEqual([10, 11, 12]);
  });
});

describe("a stretch", () => {
  it("becomes a file of its own whose frames count from 0 and whose checks hold", () => {
    const frames = framesIn(MIDDLE, INFO).slice(1, 4);
    const file = cutOut(MIDDLE, frames, framesIn(MIDDLE, INFO)[4]?.at ?? 0, INFO);
    const info = flacInfo(file);
    expect(info).toEqual({ ...INFO, frames: 48 });
    const sound = file.subarray(42);
    expect([...sound]).toEqual([0, 1, 2].flatMap((n) => frame(n, 127 + n)));
  });

  it("cannot be cut from what is no FLAC file, or from one with frames of several lengths", () => {
    expect(() => flacInfo(new TextEncoder().encode("RIFF".padEnd(60)))).toThrow(Unreadable);
    const file = cutOut(MIDDLE, framesIn(MIDDLE, INFO), MIDDLE.length - 20, INFO);
    file[11] = 99;
    expect(() => flacInfo(file)).toThrow(Unreadable);
  });
});
