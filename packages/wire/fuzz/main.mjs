// A mutation fuzzer for all that @sotto/wire decodes: frames of both directions, links, promises. It starts from the
// published vectors, damages them, and checks the three promises of a decoder: a value or a WireError and nothing
// else; one spelling for each value; soon. Reads dist (`npm run build` first). Part of `npm run fuzz`; it knows no
// coverage, so its reach comes from the vectors.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  decodeClientFrame,
  decodeLink,
  decodeRelayFrame,
  encodeClientFrame,
  encodeLink,
  encodePromise,
  encodeRelayFrame,
  parsePromise,
} from '../dist/index.js';

const { values: args } = parseArgs({
  options: {
    minutes: { type: 'string', default: '0.1' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (args.help) {
  console.log(`Fuzzes the decoders of @sotto/wire.

  --minutes N   how long (default 0.1)
  --seed N      repeats a run (default: from the clock; printed)
  --json FILE   writes the result as JSON
  --help        this text

Exit code 1 and the input in hex, if a decoder breaks a promise.`);
  process.exit(0);
}
const minutes = Number(args.minutes);
const seed = Number(args.seed);
if (!(minutes > 0) || !Number.isInteger(seed)) {
  console.error('fuzz wire: --minutes wants a number above 0, --seed a whole number');
  process.exit(2);
}

// mulberry32: small, fast, and the same everywhere; nothing here is secret.
let state = seed >>> 0;
function random() {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return (t ^ (t >>> 14)) >>> 0;
}
const below = (n) => random() % n;
const pick = (list) => list[below(list.length)];

const load = (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'));
const sha256 = (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest());
const text = (bytes) => Buffer.from(bytes).toString('latin1');
const links = load('links');
const frameSeeds = (from) => [
  ...load('frames-valid')
    .filter((vector) => vector.from === from)
    .map(({ message, size }) => {
      const body = Buffer.from(message, 'hex');
      const head = Buffer.from([body.length >> 8, body.length & 0xff]);
      return Buffer.concat([head, body], size);
    }),
  ...load('frames-invalid')
    .filter((vector) => vector.from === from)
    .map(({ head, size }) => Buffer.concat([Buffer.from(head, 'hex')], size)),
];

const key = Buffer.alloc(32, 7).toString('base64url');
const perPolicy = { mailbox: 1, log: 2, pool: 3 };
const promise = Buffer.from(
  encodePromise(
    {
      version: 1,
      protocol: [1],
      software: 'fuzz',
      relayKey: key,
      stampKey: key,
      sizes: { block: 3968, control: 512, data: 4480 },
      ttlSeconds: { ...perPolicy, ordered: 4, slot: 5, caps: perPolicy },
      quotas: perPolicy,
      rates: { a: 1 },
      logs: 'none',
      durability: 'fsync',
      admission: 'open',
      blocked: 0,
      operator: { name: 'a' },
      time: 1,
    },
    () => new Uint8Array(64),
  ),
);

const targets = [
  { name: 'client frame', decode: decodeClientFrame, encode: encodeClientFrame, seeds: frameSeeds('client') },
  { name: 'relay frame', decode: decodeRelayFrame, encode: encodeRelayFrame, seeds: frameSeeds('relay') },
  {
    name: 'link',
    decode: (bytes) => decodeLink(text(bytes), { sha256 }),
    encode: (link) => Buffer.from(encodeLink(link, { origin: links.origin, sha256 }), 'latin1'),
    // Several texts lead to one link; the bare fragment is the same in all.
    same: (bytes, again) => text(again).endsWith(text(bytes).trim().replace(/^.*#/s, '')),
    seeds: [...links.valid, ...links.forms, ...links.invalid].map((link) => Buffer.from(link.text, 'latin1')),
  },
  {
    name: 'promise',
    decode: (bytes) => parsePromise(text(bytes)),
    seeds: [
      promise,
      ...['{"signed":{"payload":"e30","signature":"","key":""}}', '[]', 'null'].map((s) => Buffer.from(s)),
    ],
  },
];

const interesting = [
  0, 1, 2, 0x08, 0x0a, 0x0f, 0x10, 0x12, 0x1a, 0x1f, 0x22, 0x42, 0x7f, 0x80, 0x81, 0xfe, 0xff,
];
function mutate(seedBytes) {
  let bytes = Buffer.from(seedBytes);
  const message = bytes.length > 2 ? Math.min(bytes.length, ((bytes[0] << 8) | bytes[1]) + 4) : bytes.length;
  for (let step = 1 + below(4); step > 0; step--) {
    if (bytes.length === 0) return bytes;
    // Half of the damage stands in the first 64 bytes, where a frame's shape is.
    const at = below(Math.max(1, below(2) ? Math.min(64, bytes.length) : Math.min(message, bytes.length)));
    const size = bytes.length;
    switch (below(7)) {
      case 0:
        bytes[at] ^= 1 << below(8);
        break;
      case 1:
        bytes[at] = pick(interesting);
        break;
      case 2:
        bytes = Buffer.concat(
          [bytes.subarray(0, at), Buffer.from([pick(interesting)]), bytes.subarray(at)],
          size,
        );
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(4))], size);
        break;
      case 4: {
        const piece = Buffer.from(bytes.subarray(at, at + 1 + below(40)));
        bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)], size);
        break;
      }
      case 5:
        if (size > 2) bytes.writeUInt16BE((bytes.readUInt16BE(0) + below(9) - 4) & 0xffff, 0);
        break;
      case 6:
        if (below(8) === 0) bytes = Buffer.from(bytes.subarray(0, below(size + 1)));
        else bytes[at] = random() & 0xff;
    }
  }
  return bytes;
}

function broken(target, bytes, why) {
  console.error(`fuzz wire: ${target.name}: ${why}\nseed ${seed}, input ${bytes.toString('hex')}`);
  process.exit(1);
}

const tally = targets.map(({ name }) => ({ name, inputs: 0, accepted: 0, refused: {}, slowestMs: 0 }));
const end = performance.now() + minutes * 60_000;
while (performance.now() < end) {
  const index = below(targets.length);
  const target = targets[index];
  const counts = tally[index];
  for (let i = 0; i < 200; i++) {
    const bytes = mutate(pick(target.seeds));
    const began = performance.now();
    counts.inputs++;
    try {
      const value = target.decode(bytes);
      counts.accepted++;
      if (target.encode) {
        const again = Buffer.from(target.encode(value));
        const same = target.same ? target.same(bytes, again) : again.equals(bytes);
        if (!same) broken(target, bytes, 'accepted a second spelling');
      }
    } catch (error) {
      if (error?.name !== 'WireError' || !/^WIRE_(FRAME|LINK|PROMISE)_/.test(error.code))
        broken(target, bytes, `threw ${error?.name}: ${error?.message}`);
      counts.refused[error.code] = (counts.refused[error.code] ?? 0) + 1;
    }
    const tookMs = performance.now() - began;
    counts.slowestMs = Math.max(counts.slowestMs, tookMs);
    if (tookMs > 1000) broken(target, bytes, 'took more than a second');
  }
}

const result = { fuzzer: 'wire', seed, minutes, targets: tally };
if (args.json) writeFileSync(args.json, `${JSON.stringify(result, null, 2)}\n`);
for (const { name, inputs, accepted, refused } of tally) {
  const codes = Object.entries(refused).map(([code, n]) => `${code} ${n}`);
  console.log(`${name}: ${inputs} inputs, ${accepted} accepted; ${codes.join(', ')}`);
}
console.log(`fuzz wire: no promise broken; seed ${seed}`);
