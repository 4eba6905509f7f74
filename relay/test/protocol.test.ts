// The rules of a connection and of channels over the wire, one by one, against a real relay with its real store.

import { expect, test } from '@jest/globals';
import { encodeClientFrame, stampRootOf, stampRootPreimage, withdrawPreimage } from '@sotto/wire';
import { createPublicKey, verify } from 'node:crypto';
import { appendBody, appendId, keyPair, sha256, testChannel, textOf } from './support/client.ts';
import { client, testRelay } from './support/relays.ts';

const relay = await testRelay();

/** One connection as owner, reader and writer of a fresh channel. */
async function everyRight(policy: 'mailbox' | 'log' | 'pool', url = relay.url) {
  const raw = await client(url);
  const channel = testChannel(policy, policy === 'log');
  const owner = await raw.create(channel);
  const reader = await raw.prove(channel, 'reader');
  const writer = await raw.prove(channel, 'writer');
  return { raw, channel, owner, reader, writer };
}

/** Takes the shortest lease there is: begun with the file, while the other tests run. */
async function lapse() {
  const { raw, channel, writer } = await everyRight('pool');
  const [one, two] = [await client(relay.url), await client(relay.url)];
  await one.subscribe(await one.prove(channel, 'reader'), { credit: 1, leaseSeconds: 10 });
  await raw.append(writer, 'a request');
  const { leasedUntil } = await one.next('deliver');
  const second = await two.prove(channel, 'reader');
  const lease = await one.ask({ type: 'lease', handle: 1, sequence: 1, seconds: 10 });
  expect(lease).toMatchObject({ type: 'leased' });
  await one.close();
  await two.subscribe(second, { credit: 1, leaseSeconds: 30 });
  const delivered = await two.next('deliver', 60_000);
  return { leasedUntil, sequence: delivered.sequence, at: Date.now() / 1000 };
}
const lapsing = lapse();
lapsing.catch(() => undefined);

const publicKey = (raw: Uint8Array) =>
  createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(raw).toString('base64url') },
    format: 'jwk',
  });

test('a block goes from writer to reader, is stamped, acked and gone', async () => {
  const { raw, reader, writer, channel } = await everyRight('mailbox');
  await raw.subscribe(reader);
  const id = appendId();
  expect(await raw.append(writer, 'hello', id)).toBe(1);
  const delivered = await raw.next('deliver');
  expect(delivered).toMatchObject({ handle: reader, sequence: 1, ordered: false });
  expect(textOf(delivered.block)).toBe('hello');
  const { stamp } = delivered;
  const root = stampRootOf({ commitment: sha256(id), index: stamp!.index, path: stamp!.path }, sha256);
  const promise = (await (await fetch(`${relay.url}/.well-known/sotto`)).json()) as { stampKey: string };
  const key = publicKey(Buffer.from(promise.stampKey, 'base64url'));
  expect(verify(null, stampRootPreimage({ root, hour: stamp!.hour }), key, stamp!.signature)).toBe(true);
  expect(Math.abs(stamp!.hour - Date.now() / 3_600_000)).toBeLessThan(2);
  raw.ack(reader, delivered);
  expect(await raw.subscribe(reader)).toMatchObject({ head: 1 });
  expect(await raw.append(writer, 'second')).toBe(2);
  expect((await raw.next('deliver')).sequence).toBe(2);
  // A writer is told its last sequence.
  expect(await raw.ask(raw.proveBody(channel, 'writer'))).toMatchObject({ type: 'proved', lastSequence: 2 });
});

test('64 appends in one write are all answered, in order, stamped as one batch', async () => {
  const { raw, reader, writer } = await everyRight('mailbox');
  await raw.subscribe(reader);
  const requests = Array.from({ length: 64 }, (_, n) => raw.send(appendBody(writer, `m${String(n)}`)));
  const texts: string[] = [];
  for (let n = 0; n < 64; n++) {
    const delivered = await raw.next('deliver');
    texts.push(textOf(delivered.block));
    expect(delivered.sequence).toBe(n + 1);
  }
  expect(texts).toEqual(requests.map((_, n) => `m${String(n)}`));
  const sequences = new Map<number, number>();
  while (sequences.size < 64) {
    const frame = await raw.next('appended');
    for (const { request, sequence } of frame.results) sequences.set(request, sequence);
  }
  expect(requests.map((request) => sequences.get(request))).toEqual(requests.map((_, n) => n + 1));
  // They share frames.
  expect(raw.mostResults).toBeGreaterThan(1);
  expect(raw.mostResults).toBeLessThanOrEqual(16);
});

test('a handle may be used before its proof is answered', async () => {
  const { raw, channel } = await everyRight('mailbox');
  const prove = raw.proveBody(channel, 'writer');
  raw.send(prove);
  expect(await raw.append(prove.handle, 'early')).toBe(1);
});

test('a repeated append answers duplicate with its first sequence', async () => {
  const { raw, writer } = await everyRight('mailbox');
  const id = appendId();
  expect(await raw.append(writer, 'one', id)).toBe(1);
  const again = await raw.ask(appendBody(writer, 'one', id));
  expect(again).toMatchObject({ type: 'appended', results: [{ sequence: 1, duplicate: true }] });
});

test('unknown id, wrong key, bad signature and deleted channel are refused with the same bytes', async () => {
  const { raw, channel, owner } = await everyRight('mailbox');
  const gone = testChannel('mailbox');
  await raw.ask({ type: 'delete', handle: await raw.create(gone) });
  const badSignature = raw.proveBody(channel, 'writer');
  badSignature.signature = new Uint8Array(64);
  const bodies = [
    raw.proveBody(testChannel('mailbox'), 'writer'),
    raw.proveBody(channel, 'writer', keyPair()),
    badSignature,
    raw.proveBody(gone, 'reader'),
  ];
  const seen = new Set<string>();
  for (const body of bodies) {
    const answer = await raw.ask(body);
    seen.add(JSON.stringify({ ...answer, request: 0 }));
    // Frames already under way on that handle hear the same.
    expect(await raw.append(body.handle)).toBe('UNKNOWN');
  }
  expect([...seen]).toEqual(['{"request":0,"type":"refused","code":"UNKNOWN","current":0,"retryAfterMs":0}']);
  expect(await raw.append(owner + 1000)).toBe('INVALID');
});

test('a signature of one connection proves nothing on another', async () => {
  const { raw, channel } = await everyRight('mailbox');
  const other = await client(relay.url);
  expect(await other.outcome(raw.proveBody(channel, 'writer'))).toBe('UNKNOWN');
});

test('creation is idempotent, and a foreign owner gets the one refusal', async () => {
  const { raw, channel } = await everyRight('mailbox');
  expect(await raw.ask(raw.createBody(channel))).toMatchObject({ type: 'created', existed: true });
  const forged = raw.createBody(channel);
  forged.signature = new Uint8Array(64);
  expect(await raw.outcome(forged)).toBe('UNKNOWN');
});

test('credit bounds what is unacked, and acks return it; a mismatch does not', async () => {
  const { raw, reader, writer } = await everyRight('mailbox');
  await raw.subscribe(reader, { credit: 2 });
  for (let n = 0; n < 4; n++) await raw.append(writer, String(n));
  const first = await raw.next('deliver');
  const second = await raw.next('deliver');
  raw.ack(reader, { sequence: first.sequence, appendId: appendId() });
  await expect(raw.next('deliver', 200)).rejects.toThrow();
  raw.ack(reader, first, second);
  expect((await raw.next('deliver')).sequence).toBe(3);
  expect((await raw.next('deliver')).sequence).toBe(4);
});

test('what is unacked comes again on the next subscription, elsewhere too; the first one is evicted', async () => {
  const { raw, channel, reader, writer } = await everyRight('mailbox');
  await raw.subscribe(reader);
  await raw.append(writer, 'a');
  await raw.append(writer, 'b');
  raw.ack(reader, await raw.next('deliver'));
  const second = await raw.next('deliver');
  const other = await client(relay.url);
  const there = await other.prove(channel, 'reader');
  await other.subscribe(there);
  expect(await raw.next('ended')).toMatchObject({ handle: reader, cause: 'evicted' });
  expect(textOf((await other.next('deliver')).block)).toBe('b');
  // Evicted, its ack still counts: it did get the block.
  raw.ack(reader, second);
  await raw.append(writer, 'c');
  expect((await other.next('deliver')).sequence).toBe(3);
  await expect(raw.next('deliver', 100)).rejects.toThrow();
  await other.subscribe(there);
  expect((await other.next('deliver')).sequence).toBe(3);
});

test('after a refused append a mailbox answers ORDER until that append is repeated or withdrawn', async () => {
  const small = await testRelay({ quotaMailbox: 16 });
  const { raw, reader, writer } = await everyRight('mailbox', small.url);
  for (let n = 0; n < 16; n++) expect(await raw.append(writer)).toBe(n + 1);
  const refused = appendId();
  const requests = [appendBody(writer, 'x', refused), appendBody(writer, 'y'), appendBody(writer, 'z')].map(
    (body) => raw.send(body),
  );
  const codes = [];
  for (const request of requests) codes.push(await raw.answer(request));
  expect(codes.map((frame) => frame.type === 'refused' && frame.code)).toEqual(['QUOTA', 'ORDER', 'ORDER']);
  await raw.subscribe(reader);
  /** What is acked makes room a moment later: some stores gather what is to be taken out. */
  const onceThereIsRoom = async (body: string, id: Uint8Array) => {
    for (;;) {
      const outcome = await raw.append(writer, body, id);
      if (outcome !== 'QUOTA') return outcome;
    }
  };
  raw.ack(reader, await raw.next('deliver'));
  expect(await raw.append(writer, 'y')).toBe('ORDER');
  expect(await onceThereIsRoom('x', refused)).toBe(17);
  const again = appendId();
  expect(await raw.append(writer, 'y', again)).toBe('QUOTA');
  expect(await raw.append(writer, 'z')).toBe('ORDER');
  expect(await raw.outcome({ type: 'withdraw', handle: writer, appendId: again })).toBe('done');
  raw.ack(reader, await raw.next('deliver'));
  expect(await onceThereIsRoom('z', appendId())).toBe(18);
});

test('a mailbox is secured once: the second to come is refused, the same key may repeat', async () => {
  const raw = await client(relay.url);
  const channel = testChannel('mailbox');
  await raw.create(channel, { securing: 'once' });
  const first = await raw.prove(channel, 'writer');
  const rival = await client(relay.url);
  const rivalHandle = await rival.prove(channel, 'writer');
  const mine = keyPair();
  expect(await raw.outcome({ type: 'secure', handle: first, writerKey: mine.publicKey })).toBe('done');
  expect(await rival.next('ended')).toMatchObject({ handle: rivalHandle, cause: 'keys-changed' });
  expect(await rival.append(rivalHandle)).toBe('SUPERSEDED');
  expect(await raw.append(first)).toBe('SUPERSEDED');
  const writer = await raw.prove(channel, 'writer', mine);
  expect(await raw.append(writer, 'mine')).toBe(1);
  // The link's key only serves repeats now.
  const again = raw.proveBody(channel, 'writer');
  expect(await raw.ask(again)).toMatchObject({ type: 'proved', superseded: true });
  expect(await raw.append(again.handle)).toBe('SUPERSEDED');
});

test('a change of keys ends the handles of the changed rights and no others', async () => {
  const { raw, channel, owner, writer } = await everyRight('mailbox');
  const other = await client(relay.url);
  const writerThere = await other.prove(channel, 'writer');
  const id = appendId();
  expect(await other.append(writerThere, 'before', id)).toBe(1);
  const fresh = keyPair();
  const changed = await raw.outcome({
    type: 'changeKeys',
    handle: owner,
    change: { writerKey: fresh.publicKey },
  });
  expect(changed).toBe('done');
  expect(await other.next('ended')).toMatchObject({ handle: writerThere, cause: 'keys-changed' });
  expect(await raw.next('ended')).toMatchObject({ handle: writer });
  expect(await raw.outcome({ type: 'readSlot', handle: owner, back: 0 })).toBe('slot');
  // With the old key repeats are still answered, and nothing new is accepted.
  const old = await other.prove(channel, 'writer');
  expect(await other.append(old, 'before', id)).toBe(1);
  expect(await other.append(old, 'after')).toBe('SUPERSEDED');
  expect(await other.append(await other.prove(channel, 'writer', fresh), 'after')).toBe(2);
});

test('an owner that replaces its own key hears Done, and its handle ends', async () => {
  const { raw, channel, owner } = await everyRight('mailbox');
  const fresh = keyPair();
  const body = { type: 'changeKeys' as const, handle: owner, change: { ownerKey: fresh.publicKey } };
  expect(await raw.outcome(body)).toBe('done');
  expect(await raw.outcome(body)).toBe('SUPERSEDED');
  expect(raw.unread.filter((frame) => frame.type === 'ended')).toEqual([]);
  expect(await raw.outcome(raw.proveBody(channel, 'owner'))).toBe('UNKNOWN');
  await raw.prove(channel, 'owner', fresh);
});

test('ordered appends compare and set the slot; a stale one is told the current value', async () => {
  const { raw, channel, owner, reader, writer } = await everyRight('log');
  await raw.subscribe(reader, { credit: 64 });
  const ordered = (handle: number, expectSequence: number, text: string) =>
    raw.ask({ ...appendBody(handle, text), ordered: { expect: expectSequence } });
  expect(await ordered(writer, 0, 'commit 1')).toMatchObject({ results: [{ sequence: 1 }] });
  expect(await raw.append(writer, 'chatter')).toBe(2);
  expect(await ordered(owner, 0, 'stale')).toMatchObject({ type: 'refused', code: 'STALE', current: 1 });
  const joiner = await raw.prove(channel, 'joiner');
  expect(await ordered(joiner, 1, 'commit 2')).toMatchObject({ results: [{ sequence: 3 }] });
  expect(await raw.append(joiner, 'plain')).toBe('INVALID');
  const slot = await raw.ask({ type: 'readSlot', handle: reader, back: 0 });
  expect(slot.type === 'slot' && textOf(slot.block ?? new Uint8Array())).toBe('commit 2');
  const before = await raw.ask({ type: 'readSlot', handle: reader, back: 1 });
  expect(before.type === 'slot' && textOf(before.block ?? new Uint8Array())).toBe('commit 1');
  const flags = [];
  for (let n = 0; n < 3; n++) flags.push((await raw.next('deliver')).ordered);
  expect(flags).toEqual([true, false, true]);
});

test('a log whose keys change in an ordered append shows its old readers that append and nothing after it', async () => {
  const { raw, channel, owner, writer } = await everyRight('log');
  const old = await client(relay.url);
  const oldReader = await old.prove(channel, 'reader');
  await old.subscribe(oldReader);
  const away = await client(relay.url);
  await raw.append(writer, 'one');
  const readerKey = keyPair();
  const writerKey = keyPair();
  const removal = await raw.ask({
    ...appendBody(owner, 'removal'),
    ordered: { expect: 0, change: { readerKey: readerKey.publicKey, writerKey: writerKey.publicKey } },
  });
  expect(removal).toMatchObject({ results: [{ sequence: 2 }] });
  await raw.append(await raw.prove(channel, 'writer', writerKey), 'secret');
  expect(textOf((await old.next('deliver')).block)).toBe('one');
  expect(textOf((await old.next('deliver')).block)).toBe('removal');
  expect(await old.next('ended')).toMatchObject({ handle: oldReader, cause: 'keys-changed' });
  // Somebody who was away learns of the change in the same way.
  const proof = away.proveBody(channel, 'reader');
  expect(await away.ask(proof)).toMatchObject({ type: 'proved', superseded: true });
  await away.subscribe(proof.handle, { after: 1 });
  expect(textOf((await away.next('deliver')).block)).toBe('removal');
  expect(await away.next('ended')).toMatchObject({ cause: 'keys-changed' });
  await expect(away.next('deliver', 100)).rejects.toThrow();
  await expect(old.next('deliver', 10)).rejects.toThrow();
  const current = await client(relay.url);
  await current.subscribe(await current.prove(channel, 'reader', readerKey), { after: 2 });
  expect(textOf((await current.next('deliver')).block)).toBe('secret');
});

test('every reader of a log gets every block, from its own cursor; acks are cumulative', async () => {
  const { raw, channel, writer } = await everyRight('log');
  for (let n = 1; n <= 5; n++) await raw.append(writer, String(n));
  const readers = await Promise.all(
    [0, 2, 4].map(async (after) => {
      const reader = await client(relay.url);
      const handle = await reader.prove(channel, 'reader');
      await reader.subscribe(handle, { after, credit: 3 });
      return { reader, handle, after };
    }),
  );
  for (const { reader, handle, after } of readers) {
    let last: { sequence: number; appendId: Uint8Array } = { sequence: 0, appendId: appendId() };
    for (let n = after + 1; n <= Math.min(5, after + 3); n++) {
      last = await reader.next('deliver');
      expect(last.sequence).toBe(n);
    }
    reader.ack(handle, last);
  }
  await raw.append(writer, '6');
  for (const { reader, after } of readers) {
    for (let n = Math.min(5, after + 3) + 1; n <= 6; n++)
      expect((await reader.next('deliver')).sequence).toBe(n);
  }
});

test('deleting ends every handle, and the ids can be made again', async () => {
  const { raw, channel, owner, writer } = await everyRight('mailbox');
  const other = await client(relay.url);
  const there = await other.prove(channel, 'reader');
  expect(await raw.outcome({ type: 'delete', handle: owner })).toBe('done');
  expect(await other.next('ended')).toMatchObject({ handle: there, cause: 'deleted' });
  expect(await raw.next('ended')).toMatchObject({ cause: 'deleted' });
  expect(await raw.append(writer)).toBe('UNKNOWN');
  expect(await raw.ask(raw.createBody(channel))).toMatchObject({ type: 'created', existed: false });
});

test('a pool gives each block to one reader at a time; who puts it back lets the next one have it', async () => {
  const { raw, channel, writer } = await everyRight('pool');
  const [one, two] = [await client(relay.url), await client(relay.url)];
  const first = await one.prove(channel, 'reader');
  const second = await two.prove(channel, 'reader');
  await one.subscribe(first, { credit: 1, leaseSeconds: 30 });
  await two.subscribe(second, { credit: 1, leaseSeconds: 30 });
  const secret = new Uint8Array(32).fill(7);
  const id = new Uint8Array(sha256(withdrawPreimage(secret)).subarray(0, 16));
  expect(await raw.append(writer, 'a request', id)).toBe(1);
  const claimed = await one.next('deliver');
  expect(claimed.leasedUntil).toBeGreaterThan(Date.now() / 1000 + 20);
  await expect(two.next('deliver', 150)).rejects.toThrow();
  const back = await one.ask({ type: 'lease', handle: first, sequence: 1, seconds: 0 });
  expect(back).toMatchObject({ type: 'leased', until: 0 });
  expect((await two.next('deliver')).sequence).toBe(1);
  await expect(one.next('deliver', 150)).rejects.toThrow();
  const wrong = { type: 'withdraw' as const, handle: writer, appendId: id, secret: new Uint8Array(32) };
  expect(await raw.outcome(wrong)).toBe('INVALID');
  expect(await raw.outcome({ ...wrong, secret })).toBe('done');
  expect(await two.outcome({ type: 'lease', handle: second, sequence: 1, seconds: 20 })).toBe('UNKNOWN');
});

test('a lease that lapses gives the block to the next reader', async () => {
  const { leasedUntil, sequence, at } = await lapsing;
  expect(sequence).toBe(1);
  expect(at).toBeGreaterThanOrEqual(leasedUntil - 1);
}, 120_000);

test('what has no meaning for a right or a policy is INVALID', async () => {
  const { raw, reader, owner, writer } = await everyRight('mailbox');
  const log = await everyRight('log');
  expect(await raw.append(reader)).toBe('INVALID');
  expect(await raw.append(owner)).toBe('INVALID');
  expect(await raw.outcome({ ...appendBody(writer), ordered: { expect: 0 } })).toBe('INVALID');
  const subscribe = { type: 'subscribe' as const, credit: 1, after: 0, leaseSeconds: 0 };
  expect(await raw.outcome({ ...subscribe, handle: writer })).toBe('INVALID');
  expect(await raw.outcome({ ...subscribe, handle: reader, leaseSeconds: 10 })).toBe('INVALID');
  expect(await raw.outcome({ ...subscribe, handle: reader, after: 1 })).toBe('INVALID');
  expect(await raw.outcome({ type: 'readSlot', handle: reader, back: 1 })).toBe('INVALID');
  expect(await raw.outcome({ type: 'delete', handle: writer })).toBe('INVALID');
  expect(await raw.outcome({ type: 'lease', handle: reader, sequence: 1, seconds: 0 })).toBe('INVALID');
  expect(await raw.outcome({ type: 'secure', handle: writer, writerKey: keyPair().publicKey })).toBe(
    'INVALID',
  );
  expect(await log.raw.outcome({ type: 'withdraw', handle: log.writer, appendId: appendId() })).toBe(
    'INVALID',
  );
  expect(await raw.outcome(raw.createBody(testChannel('log'), { securing: 'once' }))).toBe('INVALID');
  const taken = { ...raw.proveBody(testChannel('log'), 'reader'), handle: writer };
  expect(await raw.outcome(taken)).toBe('INVALID');
});

test('a spill counts against the channel under whose right it is made', async () => {
  const { raw, writer, reader } = await everyRight('mailbox');
  const spill = testChannel('log');
  const readers = raw.createBody(testChannel('log'), { spillHandle: reader, spillBlocks: 10 });
  expect(await raw.outcome(readers)).toBe('INVALID');
  await raw.create(spill, { spillHandle: writer, spillBlocks: 100 });
  const tooMuch = raw.createBody(testChannel('log'), { spillHandle: writer, spillBlocks: 8_093 });
  expect(await raw.outcome(tooMuch)).toBe('QUOTA');
  expect(await raw.append(await raw.prove(spill, 'writer'), 'spilled')).toBe(1);
});

test('a dropped handle is free again and takes its subscription along', async () => {
  const { raw, channel, reader, writer } = await everyRight('mailbox');
  await raw.subscribe(reader);
  raw.send({ type: 'drop', handle: reader });
  await raw.append(writer, 'nobody listens');
  await expect(raw.next('deliver', 100)).rejects.toThrow();
  const body = { ...raw.proveBody(channel, 'reader'), handle: reader };
  expect(await raw.outcome(body)).toBe('proved');
  await raw.subscribe(reader);
  expect(textOf((await raw.next('deliver')).block)).toBe('nobody listens');
});

test('unsubscribing stops delivery; ping answers pong', async () => {
  const { raw, reader, writer } = await everyRight('mailbox');
  await raw.subscribe(reader);
  expect(await raw.outcome({ type: 'unsubscribe', handle: reader })).toBe('done');
  await raw.append(writer);
  await expect(raw.next('deliver', 100)).rejects.toThrow();
  expect(await raw.outcome({ type: 'ping' })).toBe('pong');
});

test('tokens are decoded and not needed while the promise says open', async () => {
  const { raw, writer } = await everyRight('mailbox');
  const frame = encodeClientFrame({
    request: 999_999,
    admission: { token: new Uint8Array(354).fill(1), requestId: new Uint8Array(16) },
    ...appendBody(writer, 'with a token'),
  });
  expect(frame.length).toBe(4480);
  raw.ws.send(frame);
  expect(await raw.answer(999_999)).toMatchObject({ type: 'appended' });
});

test('an append counts only once it is durable, and a block that was acked before stays away', async () => {
  const { raw, reader, writer, channel } = await everyRight('mailbox');
  await raw.subscribe(reader);
  for (let n = 0; n < 20; n++) {
    const request = raw.send(appendBody(writer, String(n)));
    raw.ack(reader, await raw.next('deliver'));
    await raw.answer(request);
  }
  const again = await client(relay.url);
  expect(await again.subscribe(await again.prove(channel, 'reader'))).toMatchObject({ head: 20, floor: 21 });
  await expect(again.next('deliver', 100)).rejects.toThrow();
});
