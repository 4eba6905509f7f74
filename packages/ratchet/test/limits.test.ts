// Every limit at n and n + 1, on libsignal and on our engine, in both directions. Docs: docs/ratchet.md section 11.
import { describe, expect, test } from '@jest/globals';
import { libsignal, ours } from './support/engines.ts';
import { newParty, verdict, type Party, type Posted } from './support/party.ts';

// In either pairing one engine sends and the other receives, so each limit is met by both on both sides
const PAIRINGS = [
  ['ours with libsignal', ours, libsignal],
  ['libsignal with ours', libsignal, ours],
] as const;

const OK = 'ok';
const REFUSED = 'error 0';
const DUPLICATE = 'error 1';
const TEXT = new Uint8Array([1]);

async function meet(first: typeof ours, second: typeof ours): Promise<{ a: Party; b: Party }> {
  const [a, b] = [newParty(first, 'a'), newParty(second, 'b')];
  await a.begin('b', await b.publish());
  await b.receive('a', await a.send('b', TEXT));
  await a.receive('b', await b.send('a', TEXT));
  return { a, b };
}

async function sendMany(from: Party, to: string, count: number): Promise<Posted[]> {
  const messages: Posted[] = [];
  for (let i = 0; i < count; i++) messages.push(await from.send(to, TEXT));
  return messages;
}

describe.each(PAIRINGS)('%s', (_name, first, second) => {
  test('24,999 messages may be skipped, 25,000 may not', async () => {
    const { a, b } = await meet(first, second);
    // The chain's first message is received, so that a whole chain's worth can be skipped after it
    const messages = await sendMany(a, 'b', 25_002);
    expect(await verdict(b.receive('a', messages[0]!))).toBe(OK);
    expect(await verdict(b.receive('a', messages[25_001]!))).toBe(REFUSED);
    expect(await verdict(b.receive('a', messages[25_000]!))).toBe(OK);
    expect(await verdict(b.receive('a', messages[25_001]!))).toBe(OK);
  }, 180_000);

  test('2,000 skipped keys are kept in a chain, the 2,001st is not', async () => {
    const { a, b } = await meet(first, second);
    const messages = await sendMany(a, 'b', 2_106);
    expect(await verdict(b.receive('a', messages[0]!))).toBe(OK);
    expect(await verdict(b.receive('a', messages[2_105]!))).toBe(OK);
    expect(await verdict(b.receive('a', messages[105]!))).toBe(OK);
    expect(await verdict(b.receive('a', messages[104]!))).toBe(DUPLICATE);
    expect(await verdict(b.receive('a', messages[105]!))).toBe(DUPLICATE);
    expect(await verdict(b.receive('a', messages[2_104]!))).toBe(OK);
  }, 120_000);

  test('a late message of the 5th ratchet key back opens, of the 6th back not', async () => {
    const { a, b } = await meet(first, second);
    const late: Posted[] = [];
    for (let i = 0; i < 6; i++) {
      late.push(await a.send('b', TEXT));
      expect(await verdict(b.receive('a', await a.send('b', TEXT)))).toBe(OK);
      expect(await verdict(a.receive('b', await b.send('a', TEXT)))).toBe(OK);
    }
    expect(await verdict(b.receive('a', late[1]!))).toBe(OK);
    expect(await verdict(b.receive('a', late[0]!))).toBe(REFUSED);
  });

  test('40 archived sessions back opens, 41 back not', async () => {
    const { a, b } = await meet(first, second);
    const old = [await a.send('b', TEXT), await a.send('b', TEXT)];
    for (let i = 0; i < 40; i++) {
      await a.begin('b', await b.publish());
      expect(await verdict(b.receive('a', await a.send('b', TEXT)))).toBe(OK);
    }
    const sessions = new Map(b.sessions);
    // It opens, and becomes current again; so try the 41st back from the state before
    expect(await verdict(b.receive('a', old[0]!))).toBe(OK);
    b.sessions.clear();
    for (const [at, bytes] of sessions) b.sessions.set(at, bytes);
    await a.begin('b', await b.publish());
    expect(await verdict(b.receive('a', await a.send('b', TEXT)))).toBe(OK);
    expect(await verdict(b.receive('a', old[1]!))).toBe(REFUSED);
  }, 120_000);

  test('an unanswered session sends for 30 days and no longer', async () => {
    const [a, b] = [newParty(first, 'a'), newParty(second, 'b')];
    const start = 1_700_000_000_000;
    const after = (days: number, ms = 0) => new Date(start + days * 86_400_000 + ms);
    await a.begin('b', await b.publish(), new Date(start));
    const outcomes: string[] = [];
    for (const now of [after(29), after(30, -1000), after(30), after(30, 1000), after(31)]) {
      outcomes.push(await verdict(a.send('b', TEXT, now)));
    }
    expect(outcomes).toEqual([OK, OK, OK, REFUSED, REFUSED]);
    expect(await verdict(b.receive('a', await a.send('b', TEXT, after(1))))).toBe(OK);
    await a.receive('b', await b.send('a', TEXT));
    expect(await verdict(a.send('b', TEXT, after(400)))).toBe(OK);
  });
});

test.each([
  ['libsignal', libsignal],
  ['ours', ours],
])(
  'between own devices a jump may be longer: %s',
  async (_name, engine) => {
    const name = '9d0652a3-dcc3-4d11-975f-74d61598733f';
    const identity = engine.IdentityKeyPair.generate();
    const [a, b] = [newParty(engine, name, 1, identity), newParty(engine, name, 2, identity)];
    await a.begin(name, await b.publish());
    const messages = await sendMany(a, name, 25_002);
    expect(await verdict(b.receive(name, messages[25_001]!))).toBe(OK);
    expect(await verdict(b.receive(name, messages[25_000]!))).toBe(OK);
  },
  60_000,
);
