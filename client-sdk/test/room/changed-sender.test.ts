// A member whose client holds to no rule of the house and sends all the same: every honest receiver leaves it out alike,
// and counts it. Over the real relay; only what the sender's own client would have refused is skipped.
import { expect, jest, test } from '@jest/globals';
import { signContent } from '../../src/content/author.ts';
import { type Body, CONTENT_VERSION, encodeBody, newContentId } from '../../src/content/content.ts';
import { fromHex, randomKey, signingKeyPair, type SigningKeyPair } from '../../src/crypto/index.ts';
import type { Room } from '../../src/index.ts';
import { plainCodec } from '../../src/room/control.ts';
import { epoch, sealApp } from '../../src/room/group/index.ts';
import { PACKET_KINDS } from '../../src/room/packet.ts';
import { enqueue } from '../../src/room/say.ts';
import { groupOf } from './support/mishaps.ts';
import { hears, inside, person, said, until } from './support/people.ts';
import { three } from './support/three.ts';

jest.setTimeout(120_000);
const HOUR_MS = 3_600_000;
const here = three({ title: 'Rules', unhosted: 'read-only', unhostedAfterMinutes: 60 });
const rooms = () => here.rooms as [Room, Room, Room];

const text = (words: string): Body => ({ type: 'text', text: words, warning: '' });

let marks = 0;

/**
 * What no honest client sends.
 * @param ahead - of the sender's clock, as it claims. Receivers hold it to an hour, since the relay rounds its times: what an
 *   hour decides would depend on the minute of the test.
 */
async function sayAnyway({ runner }: Room, body: Body, ahead = 0): Promise<void> {
  await runner.step(async (step) => {
    const liar = { ...step, nowMs: step.nowMs + ahead };
    await enqueue(liar, encodeBody(body));
    step.record = liar.record;
  });
  runner.outbox.wake();
}

const countOf = (room: Room, what: 'refused' | 'unreadable'): number => room.state.counts[what];

/** Receivers leave this much out of what is done meanwhile, or more, and show nothing of it; what others say they show. */
async function leaveOut(
  receivers: readonly Room[],
  { count, what = 'refused', witness }: { count: number; what?: 'refused' | 'unreadable'; witness?: Room },
  does: () => Promise<void>,
): Promise<void> {
  const before = receivers.map((room) => countOf(room, what));
  const histories = await Promise.all(receivers.map((room) => said(room)));
  await does();
  for (const [i, room] of receivers.entries())
    await until(`${String(count)} left out`, () => countOf(room, what) >= (before[i] ?? 0) + count);
  const word = `heard after ${String(++marks)}`;
  await witness?.send(word);
  const added = witness === undefined ? [] : [`${witness.name}: ${word}`];
  for (const [i, room] of receivers.entries()) {
    if (witness !== undefined) await hears(room, word);
    expect(await said(room)).toEqual([...(histories[i] ?? []), ...added]);
  }
}
test('slow, read-only, locked and muted hold for a sender who doesn’t, whatever its clock says', async () => {
  const [ada, ben, cleo] = rooms();
  const others = [ada, cleo];
  await ada.setMode('slow', { slowSeconds: 3_600 });
  for (const room of rooms()) await until('slow', () => room.state.mode === 'slow');
  await expect(ben.send('too soon')).rejects.toMatchObject({ code: 'ROOM_SLOW' });
  await leaveOut(others, { count: 3, witness: ada }, async () => {
    await sayAnyway(ben, text('too soon'));
    await sayAnyway(ben, text('dated ahead'), HOUR_MS / 2);
    await sayAnyway(ben, text('dated back'), -HOUR_MS);
  });
  for (const mode of ['read-only', 'locked'] as const) {
    await ada.setMode(mode);
    for (const room of rooms()) await until(mode, () => room.state.mode === mode);
    const last = (await ada.history()).findLast((message) => message.kind === 'text');
    const target = fromHex(last?.id ?? '');
    await leaveOut(others, { count: 2, witness: ada }, async () => {
      await sayAnyway(ben, text(`although ${mode}`));
      await sayAnyway(ben, { type: 'reaction', target, reaction: 1, removed: false });
    });
  }
  await ada.setMode('open');
  await ada.muteForAll(ben.me);
  for (const room of rooms()) await until('muted', () => room.state.mode === 'open');
  await until('Ben is muted', () => ben.state.why === 'muted');
  await leaveOut(others, { count: 1, witness: cleo }, () => sayAnyway(ben, text('although muted')));
  await ada.unmuteForAll(ben.me);
  await until('Ben may speak', () => ben.state.maySend);
  await ben.send('as one may');
  for (const room of others) await hears(room, 'as one may');
});

test('what isn’t signed by its author, or for this room and epoch, shows at nobody', async () => {
  const [ada, ben, cleo] = rooms();
  const evil = here.attacker(ben);
  const { me, roomId } = ben.runner;
  const stranger = signingKeyPair(randomKey('signing-seed'));
  const forged = async (pair: SigningKeyPair, conversation: Uint8Array, ahead: number): Promise<void> => {
    const message = await ben.runner.exclusively(async () => {
      const group = groupOf(ben);
      const body = encodeBody(text('in another’s name'));
      const content = {
        version: CONTENT_VERSION,
        id: newContentId(),
        stream: new Uint8Array(8),
        sequence: 1,
        at: Date.now(),
        type: body.type,
        part: 0,
        parts: 1,
        timerSeconds: 0,
        body: body.bytes,
      };
      const thread = { conversation, epoch: epoch(group) + ahead, previous: new Uint8Array(32) };
      const signed = signContent(content, thread, pair);
      const plain = plainCodec.encode({ name: 'Ada', content: signed.content, again: false });
      const sealed = await sealApp(group, plain);
      ben.runner.setGroup(sealed.next);
      return sealed.message;
    });
    await evil.say(evil.packet({ kind: PACKET_KINDS.message, message }));
  };
  await leaveOut([ada, cleo], { count: 3, what: 'unreadable', witness: ada }, async () => {
    await forged(stranger, roomId, 0);
    await forged(me, new Uint8Array(32), 0);
    await forged(me, roomId, 1);
  });
});

test('the limits of newcomers hold likewise, for all who saw them come', async () => {
  const [ada, ben, cleo] = here.devices;
  const host = await ada?.persona.createRoom({ title: 'New here', newcomerMinutes: 30 });
  const link = (await host?.link()) ?? '';
  const bens = await inside((await ben?.persona.joinRoom(link)) as Room);
  const cleos = await inside((await cleo?.persona.joinRoom(link)) as Room);
  const others = [host as Room, bens];
  for (const room of others) await until('Cleo is seen', () => room.state.memberCount === 3);
  await cleos.send('hello');
  for (const room of others) await hears(room, 'hello');
  await leaveOut(others, { count: 2, witness: host as Room }, async () => {
    await sayAnyway(cleos, text('again, at once'), -60_000);
    await sayAnyway(cleos, text('buy at https://x.example'), 60_000);
  });
});

test('without a host’s sign a room is as its card says, for all alike, until a host is there again', async () => {
  const dan = await person(here.relay.url, 'Dan');
  try {
    const [ada, ben, cleo] = rooms();
    const dans = await inside(await dan.persona.joinRoom(await ada.link()));
    await dans.send('I am here');
    for (const room of rooms()) await hears(room, 'I am here');
    await here.devices[0]?.close();
    // Four hours went by since the last sign; nobody's clock can be turned here, so the sign is dated back.
    for (const { runner } of [ben, cleo, dans])
      await runner.step((step) => {
        step.record = { ...step.record, beaconAt: step.nowMs - 4 * HOUR_MS };
        return Promise.resolve();
      });
    expect([ben, cleo, dans].map((room) => room.state.why)).toEqual(['unhosted', 'unhosted', 'unhosted']);
    await leaveOut([cleo, dans], { count: 2 }, async () => {
      await sayAnyway(ben, text('with nobody there'));
      // As if it had been said while a host was there.
      await sayAnyway(ben, text('dated back'), -2 * HOUR_MS);
    });
    await here.devices[0]?.open();
    await until('hosted', async () => {
      await ben.runner.sayControl({ hail: true });
      await new Promise((resolve) => setTimeout(resolve, 100));
      return [ben, cleo, dans].every((room) => room.state.hosted);
    });
    await ben.send('with a host');
    for (const room of [cleo, dans]) await hears(room, 'with a host');
  } finally {
    await dan.end();
  }
});
