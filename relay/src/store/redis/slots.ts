// Which of a Redis Cluster's 16,384 slots a key is in: CRC-16 (XMODEM) of what stands between the first braces, by
// the Redis Cluster specification. Not its concern: who serves the slot (topology.ts).

const SLOTS = 16_384;

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc & 0xffff;
});

/** @param key - ASCII. */
export function slotOf(key: string): number {
  const open = key.indexOf('{');
  const close = open < 0 ? -1 : key.indexOf('}', open + 1);
  const tag = close > open + 1 ? key.slice(open + 1, close) : key;
  let crc = 0;
  for (let i = 0; i < tag.length; i++) {
    crc = ((crc << 8) & 0xffff) ^ (table[(crc >> 8) ^ tag.charCodeAt(i)] as number);
  }
  return crc % SLOTS;
}
