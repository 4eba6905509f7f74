// Changes to byte arrays that tend to find parser defects. Deterministic for a given generator.

/** A small seedable generator of integers below `limit`. */
export function generator(seed) {
  let state = (seed >>> 0) | 1;
  return (limit) => {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

const INTERESTING = [0, 1, 2, 5, 8, 0x0a, 0x12, 0x22, 0x2a, 0x44, 0x7f, 0x80, 0x81, 0xfe, 0xff];

const splice = (bytes, at, remove, insert) => {
  const out = new Uint8Array(bytes.length - remove + insert.length);
  out.set(bytes.subarray(0, at));
  out.set(insert, at);
  out.set(bytes.subarray(at + remove), at + insert.length);
  return out;
};

const CHANGES = [
  function flipBit(bytes, pick) {
    const out = bytes.slice();
    out[pick(out.length)] ^= 1 << pick(8);
    return out;
  },
  function setByte(bytes, pick) {
    const out = bytes.slice();
    out[pick(out.length)] = INTERESTING[pick(INTERESTING.length)];
    return out;
  },
  function randomByte(bytes, pick) {
    const out = bytes.slice();
    out[pick(out.length)] = pick(256);
    return out;
  },
  function addToByte(bytes, pick) {
    const out = bytes.slice();
    out[pick(out.length)] += pick(2) === 0 ? 1 : -1;
    return out;
  },
  function remove(bytes, pick) {
    const at = pick(bytes.length);
    return splice(bytes, at, Math.min(1 + pick(16), bytes.length - at), []);
  },
  function insert(bytes, pick) {
    const inserted = Uint8Array.from({ length: 1 + pick(16) }, () => pick(256));
    return splice(bytes, pick(bytes.length), 0, inserted);
  },
  function duplicate(bytes, pick) {
    const from = pick(bytes.length);
    return splice(bytes, pick(bytes.length), 0, bytes.slice(from, from + 1 + pick(64)));
  },
  function truncate(bytes, pick) {
    return bytes.slice(0, pick(bytes.length));
  },
  function zeroRange(bytes, pick) {
    const at = pick(bytes.length);
    return bytes.slice().fill(0, at, at + 1 + pick(40));
  },
  function crossOver(bytes, pick, other) {
    const at = pick(bytes.length);
    return splice(bytes, at, bytes.length - at, other.slice(pick(other.length + 1)));
  },
];

/** One to eight changes in a row. `other` is another input to borrow from. */
export function mutate(bytes, pick, other) {
  let out = bytes;
  for (let i = 1 + pick(8); i > 0; i--) {
    if (out.length === 0) out = new Uint8Array([pick(256)]);
    out = CHANGES[pick(CHANGES.length)](out, pick, other);
  }
  return out;
}
