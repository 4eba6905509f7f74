// The Fourier transform that the voice change works on: in place, radix two. Not a cryptographic primitive, and too
// small for a package of its own.

/** The transform of one length; `inverse` undoes it. */
export interface Spectrum {
  readonly size: number;
  forward(real: Float32Array, imaginary: Float32Array): void;
  inverse(real: Float32Array, imaginary: Float32Array): void;
}

/** @param size - A power of two. */
export function spectrum(size: number): Spectrum {
  const cosines = Float32Array.from({ length: size / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / size));
  const sines = Float32Array.from({ length: size / 2 }, (_, i) => Math.sin((2 * Math.PI * i) / size));
  const bits = Math.log2(size);
  const places = Uint32Array.from({ length: size }, (_, i) => {
    let place = 0;
    for (let bit = 0; bit < bits; bit++) place |= ((i >> bit) & 1) << (bits - 1 - bit);
    return place;
  });

  const transform = (re: Float32Array, im: Float32Array): void => {
    for (let i = 0; i < size; i++) {
      const j = places[i] ?? 0;
      if (j <= i) continue;
      [re[i], re[j]] = [re[j] ?? 0, re[i] ?? 0];
      [im[i], im[j]] = [im[j] ?? 0, im[i] ?? 0];
    }
    for (let half = 1; half < size; half *= 2) {
      const step = size / (2 * half);
      for (let start = 0; start < size; start += 2 * half) {
        for (let k = 0; k < half; k++) {
          const [low, high] = [start + k, start + k + half];
          const [c, s] = [cosines[k * step] ?? 0, -(sines[k * step] ?? 0)];
          const [hr, hi] = [re[high] ?? 0, im[high] ?? 0];
          const [r, i] = [hr * c - hi * s, hr * s + hi * c];
          const [lr, li] = [re[low] ?? 0, im[low] ?? 0];
          re[high] = lr - r;
          im[high] = li - i;
          re[low] = lr + r;
          im[low] = li + i;
        }
      }
    }
  };

  return {
    size,
    forward: transform,
    inverse: (re, im) => {
      transform(im, re);
      for (let i = 0; i < size; i++) {
        re[i] = (re[i] ?? 0) / size;
        im[i] = (im[i] ?? 0) / size;
      }
    },
  };
}
