// Starting, draining and dying: what was accepted is delivered once, whatever happens to the process.

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { RawClient, appendBody, appendId, testChannel, textOf } from './support/client.ts';
import { CommandProcess, client, tempFolder, testRelay } from './support/relays.ts';

/** A writer that keeps 32 appends in flight and remembers what was answered. */
function writeOn(raw: RawClient, handle: number) {
  const answered = new Set<string>();
  let sent = 0;
  let stopped = false;
  const one = async (): Promise<void> => {
    while (!stopped) {
      const text = `m${String(sent++)}`;
      const answer = await Promise.race([raw.answer(raw.send(appendBody(handle, text))), raw.closed]);
      if (typeof answer === 'number') return;
      if (answer.type === 'appended') answered.add(text);
      else return;
    }
  };
  const all = Promise.all(Array.from({ length: 32 }, () => one().catch(() => undefined)));
  return {
    answered,
    /** Until the relay has taken so many. */
    async reaches(count: number) {
      for (const end = Date.now() + 60_000; answered.size < count && Date.now() < end;) await sleep(5);
      expect(answered.size).toBeGreaterThanOrEqual(count);
    },
    async stop() {
      stopped = true;
      await all;
    },
  };
}

/** Every block of a log from `after` on. */
async function readAll(url: string, channel: ReturnType<typeof testChannel>): Promise<Map<string, number>> {
  const raw = await client(url);
  const reader = await raw.prove(channel, 'reader');
  const { head } = await raw.subscribe(reader);
  const texts = new Map<string, number>();
  for (let n = 0; n < head; n++) {
    const delivered = await raw.next('deliver');
    const text = textOf(delivered.block);
    expect(texts.has(text)).toBe(false);
    expect(delivered.sequence).toBe(n + 1);
    texts.set(text, delivered.sequence);
    if (n % 16 === 15) raw.ack(reader, delivered);
  }
  await raw.close();
  return texts;
}

test('close under load: a Closing frame, answers for what was accepted, then 1001; nothing is lost', async () => {
  const data = tempFolder();
  const relay = await testRelay({ data });
  const raw = await client(relay.url);
  const channel = testChannel('log');
  await raw.create(channel);
  const writing = writeOn(raw, await raw.prove(channel, 'writer'));
  await writing.reaches(51);
  const closed = relay.close();
  const closing = await raw.next('closing');
  expect(closing.retryAfterMs).toBeGreaterThan(0);
  expect(await raw.closed).toBe(1001);
  await closed;
  await writing.stop();
  expect(writing.answered.size).toBeGreaterThan(50);
  const again = await testRelay({ data });
  const texts = await readAll(again.url, channel);
  for (const text of writing.answered) expect(texts.has(text)).toBe(true);
  // Drained: what was accepted was answered, too.
  expect(texts.size).toBe(writing.answered.size);
}, 240_000);

test('SIGTERM drains and exits with 0; the port is free and the promise keeps its version', async () => {
  const data = tempFolder();
  const relay = new CommandProcess(['--port', '0', '--data', data]);
  const url = await relay.url();
  const raw = await client(url);
  const { relayKey, promiseVersion } = raw.welcome;
  relay.child.kill('SIGTERM');
  expect(await raw.closed).toBe(1001);
  const { code, stdout } = await relay.finished;
  expect(code).toBe(0);
  expect(stdout).toContain('npm run chat');
  const next = new CommandProcess(['--port', '0', '--data', data]);
  const back = await client(await next.url());
  expect(back.welcome).toMatchObject({ relayKey, promiseVersion });
  next.child.kill('SIGINT');
  expect((await next.finished).code).toBe(0);
  // Another promise is a newer one.
  const named = new CommandProcess(['--port', '0', '--data', data, '--operator-name', 'Somebody']);
  expect((await client(await named.url())).welcome.promiseVersion).toBe(promiseVersion + 1);
}, 240_000);

test('the relay answers as soon as it has started, and needs no server', async () => {
  const relay = new CommandProcess(['--port', '0', '--data', tempFolder()]);
  const response = await fetch(`${await relay.url()}/healthz`);
  expect(response.status).toBe(200);
});

test('kill -9 under load, three times: what was appended stays, in order, once; what was acked stays away', async () => {
  const data = tempFolder();
  const log = testChannel('log');
  const mailbox = testChannel('mailbox');
  const answered = new Set<string>();
  const acked = new Set<number>();
  let unacked: { id: Uint8Array; sequence: number } | undefined;
  for (let round = 0; round < 3; round++) {
    const relay = new CommandProcess(['--port', '0', '--data', data]);
    const raw = await RawClient.open(await relay.url());
    if (round === 0) {
      await raw.create(log);
      await raw.create(mailbox);
    }
    const box = await raw.prove(mailbox, 'writer');
    const reader = await raw.prove(mailbox, 'reader');
    await raw.subscribe(reader);
    if (unacked !== undefined) {
      // The one that was never acked comes again, and it alone.
      const delivered = await raw.next('deliver');
      expect(delivered.sequence).toBe(unacked.sequence);
      expect(Buffer.compare(delivered.appendId, unacked.id)).toBe(0);
      raw.ack(reader, delivered);
      acked.add(delivered.sequence);
    }
    for (let n = 0; n < 10; n++) {
      const id = appendId();
      const sequence = await raw.append(box, `box ${String(n)}`, id);
      const delivered = await raw.next('deliver');
      expect(delivered.sequence).toBe(sequence);
      expect(acked.has(delivered.sequence)).toBe(false);
      if (n === 9) unacked = { id, sequence: delivered.sequence };
      else {
        raw.ack(reader, delivered);
        acked.add(delivered.sequence);
      }
    }
    const writer = await raw.prove(log, 'writer');
    const offset = `r${String(round)}-`;
    const writing = writeOn(raw, writer);
    // An ack has no answer; an append after it is durable no earlier than it.
    await writing.reaches(34);
    await sleep(Math.random() * 400);
    relay.child.kill('SIGKILL');
    await relay.finished;
    await writing.stop();
    for (const text of writing.answered) answered.add(offset + text);
    raw.ws.terminate();
  }
  expect(answered.size).toBeGreaterThan(100);
  const relay = new CommandProcess(['--port', '0', '--data', data]);
  const url = await relay.url();
  const raw = await client(url);
  const reader = await raw.prove(log, 'reader');
  const { head } = await raw.subscribe(reader);
  const seen: string[] = [];
  for (let n = 1; n <= head; n++) {
    const delivered = await raw.next('deliver');
    expect(delivered.sequence).toBe(n);
    seen.push(textOf(delivered.block));
    if (n % 16 === 0) raw.ack(reader, delivered);
  }
  // Rounds write the same texts m0, m1, …: split what came back at each round's m0.
  let round = -1;
  const kept = new Set(
    seen.map((text) => (text === 'm0' ? `r${String(++round)}-${text}` : `r${String(round)}-${text}`)),
  );
  expect(kept.size).toBe(seen.length);
  for (const text of answered) expect(kept.has(text)).toBe(true);
  expect(round).toBe(2);
  const box = await client(url);
  await box.subscribe(await box.prove(mailbox, 'reader'));
  expect((await box.next('deliver')).sequence).toBe(unacked?.sequence);
  await expect(box.next('deliver', 100)).rejects.toThrow();
}, 120_000);

test('no new connection and no new append is taken while draining', async () => {
  const relay = await testRelay();
  const raw = await client(relay.url);
  const channel = testChannel('mailbox');
  await raw.create(channel);
  const closing = relay.close();
  await expect(client(relay.url)).rejects.toThrow();
  await closing;
  await expect(fetch(relay.url)).rejects.toThrow();
});
