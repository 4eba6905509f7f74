// The voice change and the note's bytes, by themselves: the pitch goes where it should, "flat" keeps none of it, and a
// note is its sound and nothing else.
import { describe, expect, test } from '@jest/globals';
import { changeVoice, RATE, VOICES } from '../src/voice/change.ts';
import { widenNote, writeNote } from '../src/voice/wav.ts';

/** Somebody saying "ah" for two seconds at this pitch: pulses through a throat with formants at 700 and 1,200 Hz. */
function vowel(pitch: number, seconds = 2): Float32Array {
  let sound: Float32Array = new Float32Array(seconds * RATE);
  for (let at = 0; at < sound.length; at += RATE / pitch) sound[Math.round(at)] = 1;
  for (const [centre, width] of [
    [700, 110],
    [1_200, 130],
  ] as const) {
    const radius = Math.exp((-Math.PI * width) / RATE);
    const turn = 2 * radius * Math.cos((2 * Math.PI * centre) / RATE);
    const next = new Float32Array(sound.length);
    for (let n = 0; n < next.length; n++)
      next[n] = sound[n]! + turn * (next[n - 1] ?? 0) - radius * radius * (next[n - 2] ?? 0);
    sound = next;
  }
  const peak = sound.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
  return sound.map((one) => (0.5 * one) / peak);
}

/** By autocorrelation, in the middle. */
function pitchOf(sound: Float32Array): number {
  const middle = sound.subarray(RATE / 2, RATE / 2 + 8_000);
  let [best, found] = [-Infinity, 0];
  for (let lag = Math.round(RATE / 400); lag <= RATE / 60; lag++) {
    let alike = 0;
    for (let i = 0; i + lag < middle.length; i++) alike += middle[i]! * middle[i + lag]!;
    // The first of several equal tops is the pitch.
    if (alike > best * 1.02) [best, found] = [alike, lag];
  }
  return RATE / found;
}

/** Numbers from 0 to 1 that are the same each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('the voice change', () => {
  test('moves the pitch, keeps the time, and never the same way twice', async () => {
    const said = vowel(140);
    expect(pitchOf(said)).toBeCloseTo(140, -1);
    for (const [how, low, high] of [
      ['deeper', 0.7, 0.9],
      ['higher', 1.12, 1.36],
    ] as const) {
      const changed = await changeVoice(said, how, seeded(7));
      expect(changed.length).toBe(said.length);
      expect(pitchOf(changed) / 140).toBeGreaterThan(low);
      expect(pitchOf(changed) / 140).toBeLessThan(high);
      expect(changed).not.toEqual(await changeVoice(said, how, seeded(8)));
    }
  });

  test('flat: whoever speaks, at whatever pitch, the one that is heard is made up', async () => {
    const [deep, high] = [vowel(110), vowel(220)];
    const flatDeep = pitchOf(await changeVoice(deep, 'flat', seeded(3)));
    const flatHigh = pitchOf(await changeVoice(high, 'flat', seeded(3)));
    expect(Math.abs(flatDeep - flatHigh)).toBeLessThan(4);
    expect(flatDeep).toBeGreaterThan(85);
    expect(flatDeep).toBeLessThan(175);
    expect(pitchOf(await changeVoice(deep, 'flat', seeded(90)))).not.toBeCloseTo(flatDeep, 0);
  });

  test('silence stays silence, loud stays within bounds, nothing at all is nothing, the input is left alone', async () => {
    for (const how of VOICES) {
      const silent = await changeVoice(new Float32Array(4_000), how, seeded(1));
      expect(silent.every((one) => Math.abs(one) < 1e-3)).toBe(true);
      expect(await changeVoice(new Float32Array(0), how, seeded(1))).toHaveLength(0);
      const loud = Float32Array.from({ length: 4_000 }, (_, i) => 3 * Math.sin(i));
      const before = loud.slice();
      const changed = await changeVoice(loud, how, seeded(1));
      expect(changed.every((one) => Math.abs(one) <= 1)).toBe(true);
      expect(loud).toEqual(before);
    }
  });
});

describe('the note', () => {
  test('is read back as it sounded, to 16 bits; its head follows from its length alone', () => {
    const sound = Float32Array.from({ length: 1_601 }, (_, i) => 0.9 * Math.sin(i / 7));
    const note = writeNote(sound);
    const { wave, durationMs } = widenNote(note)!;
    expect(durationMs).toBe(100);
    const samples = new Int16Array(wave.buffer, 44);
    expect(samples).toHaveLength(1_601);
    for (const [i, one] of samples.entries()) {
      expect(Math.abs(one - 32_767 * sound[i]!)).toBeLessThan(40 + Math.abs(32_767 * sound[i]!) * 0.04);
    }
    expect(note.subarray(0, 58)).toEqual(writeNote(new Float32Array(1_601)).subarray(0, 58));
    expect(Buffer.from(wave.subarray(0, 4)).toString()).toBe('RIFF');
  });

  test('anything else is not taken for one', () => {
    const note = writeNote(new Float32Array(100));
    expect(widenNote(note)).toBeDefined();
    for (let at = 0; at < 58; at++) {
      const other = note.slice();
      other[at]! ^= 1;
      expect(widenNote(other)).toBeUndefined();
    }
    for (const wrong of [
      note.subarray(0, 57),
      note.subarray(0, -1),
      Buffer.concat([note, note]),
      new Uint8Array(),
    ])
      expect(widenNote(wrong)).toBeUndefined();
  });
});
