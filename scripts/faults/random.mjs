// Chance that can be repeated: everything random in a fault run comes from one printed seed.

/**
 * @param seed an integer
 * @returns { next(): [0, 1), between(lo, hi): integer in [lo, hi], pick(list), fork(label): another generator }
 */
export function seededRandom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    between: (lo, hi) => lo + Math.floor(next() * (hi - lo + 1)),
    pick: (list) => list[Math.floor(next() * list.length)],
    fork: (label) =>
      seededRandom([...label].reduce((hash, c) => Math.imul(hash ^ c.charCodeAt(0), 16777619), state)),
  };
}
