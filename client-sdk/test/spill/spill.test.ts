// Spills over the real relay: written once whatever breaks, fetched whole or not at all, gone when removed.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { asKey, randomBytes, ready, signingKeyPair, type VerifyKey } from '../../src/crypto/index.ts';
import { channelIds, type RelaySession, type Timing, type WriterHandle } from '../../src/net/index.ts';
import { sealPiece } from '../../src/spill/block.ts';
import {
  deleteSpill,
  memorySource,
  planSpill,
  readSpill,
  type ReadSpillOptions,
  renewPlan,
  spillBlocks,
  type SpillPlan,
  spillPlanCodec,
  type SpillPosition,
  type SpillRef,
  spillRef,
  writeSpill,
} from '../../src/spill/index.ts';
import { MAX_SPILL_BLOCKS, MAX_SPILL_BYTES, SPILL_PIECE_BYTES, spillRefCodec } from '../../src/spill/ref.ts';
import { type FaultProxy, startFaultProxy } from '../net/support/fault-proxy.ts';
import { closeSessions, newChannel, openSession, relayKeyOf } from '../net/support/pair.ts';
import { RelayProcess } from '../net/support/relay-process.ts';

const QUICK: Partial<Timing> = { connectMs: 2000, idleMs: 300, silentMs: 300, answerMs: 5000, stableMs: 30 };
const MIB = 1_048_576;

let relay: RelayProcess;
let relayKey: VerifyKey;
const proxies: FaultProxy[] = [];

beforeAll(async () => {
  await ready();
  relay = await RelayProcess.start();
  relayKey = await relayKeyOf(relay.url);
});
afterEach(async () => {
  await closeSessions();
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});
afterAll(() => relay.stop());

/** A session with a mailbox under which spills are made. */
async function device(url = relay.url): Promise<{ session: RelaySession; against: WriterHandle }> {
  const session = openSession({ url, relayKey, timing: QUICK });
  const { spec, writeId, writerSeed } = newChannel();
  await session.create(spec);
  return { session, against: session.writer({ writeId, keySeed: writerSeed }) };
}

async function proxied(seed: number): Promise<FaultProxy> {
  const proxy = await startFaultProxy({ port: relay.port, seed });
  proxies.push(proxy);
  return proxy;
}

/** What a device has stored of a spill, in order. */
class Shelf {
  readonly bytes: Uint8Array;
  filled = 0;
  position: SpillPosition | undefined;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
  }

  readonly onPiece: ReadSpillOptions['onPiece'] = ({ offset, bytes, position }) => {
    expect(offset).toBe(this.filled);
    this.bytes.set(bytes, offset);
    this.filled += bytes.length;
    this.position = position;
    return Promise.resolve();
  };

  resume(): Pick<ReadSpillOptions, 'resume'> {
    if (this.position === undefined) return {};
    const read = (offset: number, length: number) =>
      Promise.resolve(this.bytes.subarray(offset, offset + length));
    return { resume: { position: this.position, read } };
  }
}

async function fetchAll(session: RelaySession, ref: SpillRef): Promise<Uint8Array> {
  const shelf = new Shelf(ref.length);
  await readSpill(session, ref, { onPiece: shelf.onPiece });
  return shelf.bytes;
}

async function put(content: Uint8Array, ttlSeconds = 0): Promise<{ plan: SpillPlan; session: RelaySession }> {
  const { session, against } = await device();
  const source = memorySource(content);
  const plan = await writeSpill(session, { against, source, plan: await planSpill(source, { ttlSeconds }) });
  return { plan, session };
}

test.each([1, SPILL_PIECE_BYTES, SPILL_PIECE_BYTES + 1, 20 * SPILL_PIECE_BYTES + 1])(
  '%i bytes cross whole, and their ref says so',
  async (length) => {
    const content = randomBytes(length);
    const { plan } = await put(content, 600);
    const ref = spillRefCodec.decode(spillRefCodec.encode(spillRef(plan)));
    expect(ref.ownerSeed).toBeUndefined();
    expect(ref.keptUntil - Date.now() / 1000).toBeLessThan(700);
    expect(ref.keptUntil - Date.now() / 1000).toBeGreaterThan(500);
    expect(Buffer.compare(await fetchAll((await device()).session, ref), content)).toBe(0);
  },
);

test('cut five times on each side, killed once, and still each byte in its place, with bounded memory', async () => {
  const content = randomBytes(6 * MIB);
  const [up, down] = [await proxied(1), await proxied(2)];
  const { session, against } = await device(up.url);
  const source = memorySource(content);
  let asked = 0;
  const watched = {
    length: source.length,
    read: (offset: number, length: number) => {
      asked = Math.max(asked, length);
      return source.read(offset, length);
    },
  };
  let [cuts, killed] = [0, false];
  const plan = await writeSpill(session, {
    against,
    source: watched,
    plan: await planSpill(source),
    onProgress: ({ done }) => {
      if (done <= ((cuts + 1) * content.length) / 7) return;
      if (++cuts <= 5) up.cut();
      else if (!killed) {
        killed = true;
        void relay.kill().then(() => relay.start());
      }
    },
  });
  expect([cuts >= 6, killed]).toEqual([true, true]);
  expect(asked).toBeLessThanOrEqual(MIB / 4);

  const reader = openSession({ url: down.url, relayKey, timing: QUICK });
  const shelf = new Shelf(content.length);
  let dropped = 0;
  await readSpill(reader, spillRef(plan), {
    onPiece: shelf.onPiece,
    onProgress: ({ done }) => {
      if (done > ((dropped + 1) * content.length) / 7 && ++dropped <= 5) down.cut();
    },
  });
  expect(dropped).toBeGreaterThanOrEqual(5);
  expect(Buffer.compare(shelf.bytes, content)).toBe(0);
}, 60_000);

test('writing goes on in a later run from what was kept, even from an older plan', async () => {
  const content = randomBytes(MIB);
  const source = memorySource(content);
  const first = await device();
  const plans = [await planSpill(source)];
  const stop = new AbortController();
  const onPlan = (plan: SpillPlan): void => {
    plans.push(spillPlanCodec.decode(spillPlanCodec.encode(plan)));
    if (plan.written > 100) stop.abort();
  };
  const running = writeSpill(first.session, {
    against: first.against,
    source,
    plan: plans[0]!,
    onPlan,
    signal: stop.signal,
  });
  await expect(running).rejects.toMatchObject({ code: 'SPILL_STOPPED' });
  const { session, against } = await device();
  const plan = await writeSpill(session, { against, source, plan: plans[plans.length >> 1]! });
  expect(plan.written).toBe(spillBlocks(MIB));
  expect(Buffer.compare(await fetchAll(session, spillRef(plan)), content)).toBe(0);
});

test('a source that changed meanwhile is not written any further', async () => {
  const { session, against } = await device();
  const plan = await planSpill(memorySource(randomBytes(9_000)));
  const other = memorySource(randomBytes(9_000));
  await expect(writeSpill(session, { against, source: other, plan })).rejects.toMatchObject({
    code: 'SPILL_SOURCE',
  });
});

test('reading goes on in a later run, and the hash covers what was stored before', async () => {
  const content = randomBytes(MIB);
  const { plan, session } = await put(content);
  const shelf = new Shelf(content.length);
  const stop = new AbortController();
  const onProgress = ({ done }: { done: number }): void => {
    if (done > MIB / 2) stop.abort();
  };
  const options = { onPiece: shelf.onPiece, onProgress, signal: stop.signal };
  await expect(readSpill(session, spillRef(plan), options)).rejects.toMatchObject({ code: 'SPILL_STOPPED' });
  const { filled } = shelf;
  expect(filled).toBeLessThan(MIB);
  await readSpill((await device()).session, spillRef(plan), { onPiece: shelf.onPiece, ...shelf.resume() });
  expect(Buffer.compare(shelf.bytes, content)).toBe(0);

  shelf.bytes[5]! ^= 1;
  const again = readSpill(session, spillRef(plan), { onPiece: shelf.onPiece, ...shelf.resume() });
  await expect(again).rejects.toMatchObject({ code: 'SPILL_DAMAGED' });
});

test('what the relay lost is written anew, under the same plan or fresh keys', async () => {
  const own = await RelayProcess.start();
  try {
    const content = randomBytes(MIB);
    const source = memorySource(content);
    const session = openSession({ url: own.url, relayKey: await relayKeyOf(own.url), timing: QUICK });
    const mailbox = newChannel();
    await session.create(mailbox.spec);
    const handle = () => session.writer({ writeId: mailbox.writeId, keySeed: mailbox.writerSeed });
    let plan = await planSpill(source);
    const stop = new AbortController();
    const half = writeSpill(session, {
      against: handle(),
      source,
      plan,
      signal: stop.signal,
      onPlan: (next) => {
        plan = next;
        if (next.written > 50) stop.abort();
      },
    });
    await expect(half).rejects.toMatchObject({ code: 'SPILL_STOPPED' });
    await own.kill();
    own.emptyStore();
    await own.start();
    await session.create(mailbox.spec);
    expect(plan.written).toBeGreaterThan(50);
    const whole = await writeSpill(session, { against: handle(), source, plan });
    expect(Buffer.compare(await fetchAll(session, spillRef(whole)), content)).toBe(0);
    const other = await writeSpill(session, { against: handle(), source, plan: renewPlan(whole) });
    expect(spillRef(other).readId).not.toEqual(spillRef(whole).readId);
    expect(Buffer.compare(await fetchAll(session, spillRef(other)), content)).toBe(0);
  } finally {
    await own.stop();
  }
}, 60_000);

test('removed, it is gone for the reader; only the one reader is given the means to', async () => {
  const content = randomBytes(50_000);
  const { plan, session } = await put(content);
  const { readId, ownerSeed } = spillRef(plan, { reader: 'only' });
  await deleteSpill((await device()).session, { readId, ownerSeed: ownerSeed! });
  await expect(fetchAll(session, spillRef(plan))).rejects.toMatchObject({ code: 'SPILL_GONE' });
  await deleteSpill(session, plan);
});

// Redis keeps a time of its own; what expires there is for the stores' conformance suite.
const onRedis = process.env['SOTTO_TEST_REDIS'] !== undefined;
const ownTime = onRedis ? test.skip : test;
ownTime(
  `over its time, nothing of it comes any more${onRedis ? ' [Redis keeps a time of its own]' : ''}`,
  async () => {
    const own = await RelayProcess.start();
    try {
      const key = await relayKeyOf(own.url);
      const session = openSession({ url: own.url, relayKey: key, timing: QUICK });
      const mailbox = newChannel();
      await session.create(mailbox.spec);
      const against = session.writer({ writeId: mailbox.writeId, keySeed: mailbox.writerSeed });
      const source = memorySource(randomBytes(50_000));
      const plan = await writeSpill(session, {
        against,
        source,
        plan: await planSpill(source, { ttlSeconds: 86_400 }),
      });
      const ref = spillRef(plan);
      await own.kill();
      own.clockAheadSeconds = 86_000;
      await own.start();
      expect(await fetchAll(session, ref)).toHaveLength(50_000);
      await own.kill();
      own.clockAheadSeconds = 86_400 + 3_700;
      await own.start();
      await expect(fetchAll(session, ref)).rejects.toMatchObject({ code: 'SPILL_GONE' });
    } finally {
      await own.stop();
    }
  },
  60_000,
);

test('half written, swapped, foreign or another length: never taken for the whole', async () => {
  const content = randomBytes(200 * SPILL_PIECE_BYTES);
  const source = memorySource(content);
  const { session, against } = await device();
  const stop = new AbortController();
  const started = await planSpill(source);
  const half = writeSpill(session, {
    against,
    source,
    plan: started,
    signal: stop.signal,
    onPlan: () => {
      stop.abort();
    },
  });
  await expect(half).rejects.toMatchObject({ code: 'SPILL_STOPPED' });
  const { readId } = channelIds(
    signingKeyPair(asKey('signing-seed', started.ownerSeed)).publicKey,
    started.salt,
  );
  const early = { ...spillRef({ ...started, written: 208 }), readId };
  expect(() => spillRef(started)).toThrow(expect.objectContaining({ code: 'SPILL_LOST' }));

  const whole = spillRef((await put(content)).plan);
  const wrong: [SpillRef, string][] = [
    [early, 'SPILL_GONE'],
    [{ ...whole, key: randomBytes(32) }, 'SPILL_DAMAGED'],
    [{ ...whole, sha256: randomBytes(32) }, 'SPILL_DAMAGED'],
    [{ ...whole, length: whole.length - 1 }, 'SPILL_DAMAGED'],
    [{ ...whole, length: whole.length + 1 }, 'SPILL_DAMAGED'],
    [{ ...whole, length: 210 * SPILL_PIECE_BYTES }, 'SPILL_GONE'],
    [{ ...whole, readerSeed: randomBytes(32) }, 'SPILL_GONE'],
  ];
  for (const [ref, code] of wrong) await expect(fetchAll(session, ref)).rejects.toMatchObject({ code });

  // A writer that puts good blocks into each other's places.
  const swapped = newChannel('log', 'never');
  await session.create({ ...swapped.spec, spill: { against, blocks: 2 } });
  const writer = session.writer({ writeId: swapped.writeId, keySeed: swapped.writerSeed });
  for (const index of [1, 0]) {
    const piece = content.subarray(index * SPILL_PIECE_BYTES, (index + 1) * SPILL_PIECE_BYTES);
    const block = sealPiece(whole.key, { index, blocks: 2 }, piece);
    await writer.append({ appendId: randomBytes(16), block, commitment: new Uint8Array(32) });
  }
  const { readId: id, readerSeed } = swapped;
  const ref = { ...whole, readId: id, readerSeed, length: 2 * SPILL_PIECE_BYTES };
  await expect(fetchAll(session, ref)).rejects.toMatchObject({ code: 'SPILL_DAMAGED' });
});

test('sizes are classes: what the relay counts says little about the length', () => {
  const pieces = (n: number): number => spillBlocks(n * SPILL_PIECE_BYTES);
  expect([1, 2, 3, 4, 5, 8, 9, 16, 17, 18, 19, 33, 36, 37].map(pieces)).toEqual([
    1, 2, 4, 4, 8, 8, 16, 16, 18, 18, 20, 36, 36, 40,
  ]);
  for (let n = 1; n <= MAX_SPILL_BLOCKS; n += 1 + (n >> 6)) {
    const bound = n > 16 ? n * 1.125 : Math.max(2 * n - 1, 1);
    expect([pieces(n) >= n, pieces(n) <= bound, pieces(pieces(n)) === pieces(n)]).toEqual([true, true, true]);
  }
  expect(spillBlocks(MAX_SPILL_BYTES)).toBe(MAX_SPILL_BLOCKS);
  expect(() => spillBlocks(MAX_SPILL_BYTES + 1)).toThrow(expect.objectContaining({ code: 'SPILL_TOO_LONG' }));
  expect(() => spillBlocks(0)).toThrow(expect.objectContaining({ code: 'CONTENT_EMPTY' }));
});

test('a ref is strict: no length of nothing, no relay without its key', async () => {
  const { plan } = await put(randomBytes(10));
  const ref = spillRef(plan);
  expect(() => spillRefCodec.encode({ ...ref, length: 0 })).toThrow();
  expect(() => spillRefCodec.encode({ ...ref, relay: 'https://relay.example' })).toThrow();
  expect(() => spillRefCodec.decode(Uint8Array.of(...spillRefCodec.encode(ref), 0))).toThrow();
  const elsewhere = { ...ref, relay: 'https://relay.example', relayKey: randomBytes(32) };
  expect(spillRefCodec.decode(spillRefCodec.encode(elsewhere))).toEqual(elsewhere);
});
