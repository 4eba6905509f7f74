// Memory for the few bytes of a channel that are kept as bytes and as long as the channel: one after the other in
// slabs of their own. Node's pool would do, but a survivor there keeps 8 KiB of what passed by with it.

const slabBytes = 8192;
let slab = Buffer.allocUnsafeSlow(slabBytes);
let at = 0;

/** A copy of `bytes`, of at most a few dozen. */
export function keptBytes(bytes: Uint8Array): Buffer {
  if (at + bytes.length > slabBytes) {
    slab = Buffer.allocUnsafeSlow(slabBytes);
    at = 0;
  }
  const copy = slab.subarray(at, at + bytes.length);
  copy.set(bytes);
  at += bytes.length;
  return copy;
}
