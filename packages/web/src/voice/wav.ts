// A voice note as bytes: a RIFF/WAVE file of G.711 µ-law, 16,000 samples a second, one channel. Its 58 bytes of head
// say the format and the length, so there is no place in it where anything of a person could stand. For playing it is
// widened to 16 bits, which every browser plays. Pure. Why this form: docs/decisions/0030-voice-notes.md.
import { RATE } from './change.ts';

const HEAD_BYTES = 58;
const MU_LAW = 7;
const BIAS = 132;
const LOUDEST = 32_635;

/** @param samples - Mono, `RATE` a second, within ±1. */
export function writeNote(samples: Float32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEAD_BYTES + samples.length + (samples.length % 2));
  const view = new DataView(bytes.buffer);
  riff(view, { format: MU_LAW, bits: 8, extra: true, samples: samples.length });
  for (const [i, one] of samples.entries()) bytes[HEAD_BYTES + i] = narrow(Math.round(one * 32_767));
  return bytes;
}

/**
 * A note as this client writes them, widened so that every browser plays it.
 * @returns the same sound as 16-bit samples, and how long it is; undefined for any other file.
 */
export function widenNote(
  note: Uint8Array,
): { readonly wave: Uint8Array<ArrayBuffer>; readonly durationMs: number } | undefined {
  if (note.length < HEAD_BYTES) return undefined;
  const length = new DataView(note.buffer, note.byteOffset).getUint32(54, true);
  if (length < 1 || note.length !== HEAD_BYTES + length + (length % 2)) return undefined;
  const expected = new Uint8Array(note.length);
  riff(new DataView(expected.buffer), { format: MU_LAW, bits: 8, extra: true, samples: length });
  for (let i = 0; i < HEAD_BYTES; i++) if (note[i] !== expected[i]) return undefined;
  const wave = new Uint8Array(44 + 2 * length);
  const view = new DataView(wave.buffer);
  riff(view, { format: 1, bits: 16, extra: false, samples: length });
  for (let i = 0; i < length; i++) view.setInt16(44 + 2 * i, widen(note[HEAD_BYTES + i] ?? 0xff), true);
  return { wave, durationMs: Math.round((1_000 * length) / RATE) };
}

interface Wave {
  readonly format: number;
  readonly bits: number;
  /** What isn't PCM says how much more its format chunk holds, and counts its samples in a chunk of its own. */
  readonly extra: boolean;
  readonly samples: number;
}

function riff(view: DataView, { format, bits, extra, samples }: Wave): void {
  const dataBytes = (samples * bits) / 8;
  const text = (at: number, word: string): void => {
    for (let i = 0; i < word.length; i++) view.setUint8(at + i, word.charCodeAt(i));
  };
  text(0, 'RIFF');
  view.setUint32(4, view.byteLength - 8, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, extra ? 18 : 16, true);
  view.setUint16(20, format, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, (RATE * bits) / 8, true);
  view.setUint16(32, bits / 8, true);
  view.setUint16(34, bits, true);
  let at = 36;
  if (extra) {
    view.setUint16(36, 0, true);
    text(38, 'fact');
    view.setUint32(42, 4, true);
    view.setUint32(46, samples, true);
    at = 50;
  }
  text(at, 'data');
  view.setUint32(at + 4, dataBytes, true);
}

/** ITU-T G.711, µ-law, of 16-bit samples. */
function narrow(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const size = Math.min(Math.abs(sample), LOUDEST) + BIAS;
  const exponent = 31 - Math.clz32(size) - 7;
  return ~(sign | (exponent << 4) | ((size >> (exponent + 3)) & 15)) & 0xff;
}

function widen(byte: number): number {
  const turned = ~byte & 0xff;
  const size = (((turned & 15) << 3) + BIAS) << ((turned >> 4) & 7);
  return (turned & 0x80) === 0 ? size - BIAS : BIAS - size;
}
