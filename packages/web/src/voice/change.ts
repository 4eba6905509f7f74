// Changes a voice on the device, before anything of it is stored or sent: higher or deeper (pitch and the shape of the
// throat together, wandering a little so that no single number undoes it), or flat, which throws the pitch away and
// speaks anew with one that is made up. Pure: samples and randomness in, samples out. What it can't hide (accent, words,
// pace) is said where it is offered.
import { spectrum } from './spectrum.ts';

export const VOICES = ['own', 'deeper', 'higher', 'flat'] as const;
export type VoiceChoice = (typeof VOICES)[number];

/** Samples a second of everything here. */
export const RATE = 16_000;

/** Factors around which pitch and throat move. */
const FACTORS = { deeper: 0.8, higher: 1.24 } as const;
const SPREAD = 0.04;

/** Long notes give way to the page now and then. */
const FRAMES_AT_ONCE = 250;
const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/**
 * @param samples - Mono, `RATE` a second; not changed.
 * @param random - Numbers from 0 to 1: two notes of one person are not changed alike.
 * @returns as many samples, none beyond ±1.
 */
export async function changeVoice(
  samples: Float32Array,
  how: VoiceChoice,
  random: () => number,
): Promise<Float32Array> {
  switch (how) {
    case 'own':
      return atMost(samples.slice());
    case 'flat':
      return atMost(await flat(samples, random));
    case 'deeper':
    case 'higher':
      return atMost(await shifted(samples, FACTORS[how] + SPREAD * (2 * random() - 1), random));
  }
}

// ── higher, deeper ──

const PIECE = 640;
const HOP = PIECE / 2;
const SEARCH = 160;

/** Stretched in time without changing the pitch, then played faster or slower: pitch and throat move together. */
async function shifted(samples: Float32Array, factor: number, random: () => number): Promise<Float32Array> {
  const long = await stretched(samples, factor);
  const out = new Float32Array(samples.length);
  const [slow, fast] = [2 + 2 * random(), 0.7 + 0.6 * random()].map(
    (seconds) => (2 * Math.PI) / (seconds * RATE),
  );
  const [early, late] = [random(), random()].map((turn) => 2 * Math.PI * turn);
  let place = 0;
  for (let n = 0; n < out.length; n++) {
    const whole = Math.floor(place);
    const part = place - whole;
    out[n] = (long[whole] ?? 0) * (1 - part) + (long[whole + 1] ?? 0) * part;
    const drift =
      0.025 * Math.sin((slow ?? 0) * n + (early ?? 0)) + 0.015 * Math.sin((fast ?? 0) * n + (late ?? 0));
    place += factor * (1 + drift);
  }
  return out;
}

/** Overlapping pieces, each laid where it fits the last one best. */
async function stretched(samples: Float32Array, factor: number): Promise<Float32Array> {
  const length = Math.ceil(samples.length * factor * 1.01) + PIECE;
  const out = new Float32Array(length + PIECE);
  const window = Float32Array.from(
    { length: PIECE },
    (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / PIECE),
  );
  let [follows, frames] = [0, 0];
  for (let to = 0; to < length; to += HOP) {
    const wanted = Math.round(to / factor);
    let from = wanted;
    if (to > 0) {
      let best = -Infinity;
      for (let at = wanted - SEARCH; at <= wanted + SEARCH; at += 4) {
        let alike = 0;
        for (let i = 0; i < HOP; i += 4) alike += (samples[at + i] ?? 0) * (samples[follows + i] ?? 0);
        if (alike > best) [best, from] = [alike, at];
      }
    }
    for (let i = 0; i < PIECE; i++) {
      out[to + i] = (out[to + i] ?? 0) + (window[i] ?? 0) * (samples[from + i] ?? 0);
    }
    follows = from + HOP;
    if (++frames % FRAMES_AT_ONCE === 0) await breathe();
  }
  return out;
}

// ── flat ──

const SIZE = 512;
const STEP = SIZE / 4;
const BANDS = 26;

/** A channel vocoder: how loud each band is, and nothing else of the voice, shapes a made-up one. */
async function flat(samples: Float32Array, random: () => number): Promise<Float32Array> {
  const transform = spectrum(SIZE);
  const bands = bandsOf();
  const source = madeUp(samples.length + SIZE, 95 + 70 * random(), random);
  const throat = random() < 0.5 ? 0.84 + 0.07 * random() : 1.09 + 0.07 * random();
  const window = Float32Array.from(
    { length: SIZE },
    (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / SIZE),
  );
  const out = new Float32Array(samples.length + SIZE);
  const cut = (from: Float32Array, at: number) => {
    const re = new Float32Array(SIZE);
    for (let i = 0; i < SIZE; i++) re[i] = (from[at + i] ?? 0) * (window[i] ?? 0);
    const im = new Float32Array(SIZE);
    transform.forward(re, im);
    return { re, im };
  };
  let frames = 0;
  for (let at = -SIZE + STEP; at < samples.length; at += STEP) {
    const said = loudness(cut(samples, at), bands);
    const made = cut(source, at + SIZE);
    const had = loudness(made, bands);
    const gains = Float32Array.from({ length: BANDS }, (_, band) => {
      return Math.min(40, Math.sqrt(said[band] ?? 0) / Math.sqrt((had[band] ?? 0) + 1e-9));
    });
    for (let bin = 0; bin <= SIZE / 2; bin++) {
      const gain = bin === 0 ? 0 : between(gains, placeOf(bin / throat));
      for (const part of [made.re, made.im]) {
        part[bin] = (part[bin] ?? 0) * gain;
        if (bin > 0 && bin < SIZE / 2) part[SIZE - bin] = (part[SIZE - bin] ?? 0) * gain;
      }
    }
    transform.inverse(made.re, made.im);
    for (let i = Math.max(0, -at); i < SIZE; i++) {
      out[at + i] = (out[at + i] ?? 0) + ((made.re[i] ?? 0) * (window[i] ?? 0)) / 1.5;
    }
    if (++frames % FRAMES_AT_ONCE === 0) await breathe();
  }
  return out.subarray(0, samples.length);
}

/** Pulses at one pitch, with breath in it. */
function madeUp(length: number, pitch: number, random: () => number): Float32Array {
  const out = new Float32Array(length);
  let turn = 0;
  for (let n = 0; n < length; n++) {
    turn += pitch / RATE;
    if (turn >= 1) {
      turn -= 1;
      out[n] = 1;
    }
    out[n] = (out[n] ?? 0) + 0.05 * (2 * random() - 1);
  }
  return out;
}

const mel = (hertz: number): number => 2_595 * Math.log10(1 + hertz / 700);
const LOWEST = mel(80);
const HIGHEST = mel(7_600);

/** In which band a bin of the spectrum lies, with what lies between. */
function placeOf(bin: number): number {
  return ((mel((bin * RATE) / SIZE) - LOWEST) / (HIGHEST - LOWEST)) * (BANDS - 1);
}

function bandsOf(): readonly (readonly (readonly [bin: number, share: number])[])[] {
  const bands: (readonly [number, number])[][] = Array.from({ length: BANDS }, () => []);
  for (let bin = 1; bin <= SIZE / 2; bin++) {
    const place = Math.min(BANDS - 1, Math.max(0, placeOf(bin)));
    const low = Math.floor(place);
    bands[low]?.push([bin, 1 - (place - low)]);
    bands[low + 1]?.push([bin, place - low]);
  }
  return bands;
}

function loudness(
  { re, im }: { readonly re: Float32Array; readonly im: Float32Array },
  bands: ReturnType<typeof bandsOf>,
): Float32Array {
  return Float32Array.from(bands, (bins) => {
    let [sum, weight] = [0, 1e-9];
    for (const [bin, share] of bins) {
      sum += share * ((re[bin] ?? 0) ** 2 + (im[bin] ?? 0) ** 2);
      weight += share;
    }
    return sum / weight;
  });
}

function between(values: Float32Array, place: number): number {
  if (place <= 0) return values[0] ?? 0;
  if (place >= BANDS - 1) return values[BANDS - 1] ?? 0;
  const low = Math.floor(place);
  return (values[low] ?? 0) * (1 - (place - low)) + (values[low + 1] ?? 0) * (place - low);
}

/** As loud as it may be where it would be louder. */
function atMost(samples: Float32Array): Float32Array {
  let peak = 0;
  for (const one of samples) peak = Math.max(peak, Math.abs(one));
  if (peak <= 0.98) return samples;
  return samples.map((one) => (0.98 * one) / peak);
}
