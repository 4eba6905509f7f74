// Who may say what when, and what I don't want to see: examples at the boundaries, and that sender and receiver agree.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Message } from '../../src/history/message.ts';
import { DEFAULT_CARD } from '../../src/room/card.ts';
import {
  hasLink,
  type House,
  objectionTo,
  pauseSeconds,
  roomTime,
  type Speaker,
} from '../../src/room/conduct.ts';
import { filtered, NO_FILTERS } from '../../src/room/filters.ts';
import type { MemberId } from '../../src/room/types.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const card = {
  ...DEFAULT_CARD,
  title: 'A room',
  slowSeconds: 30,
  newcomerMinutes: 30,
  unhostedAfterMinutes: 60,
};
const house: House = { card, mode: 'open', slowSeconds: 0, beaconAt: NOW };
const peer: Speaker = { isHost: false, isMuted: false, since: 0, lastAt: NOW - 5_000 };
const said = (text = 'hello', at = NOW) => ({ at, isSaid: true, text });

test('an open room with a host takes everything but what mutes and modes forbid; hosts are free', () => {
  expect(objectionTo(house, peer, said())).toBeUndefined();
  expect(objectionTo(house, { ...peer, isMuted: true }, said())).toBe('muted');
  expect(objectionTo({ ...house, mode: 'read-only' }, peer, said())).toBe('read-only');
  expect(objectionTo({ ...house, mode: 'locked' }, peer, said())).toBe('locked');
  const host = { ...peer, isHost: true };
  for (const mode of ['open', 'slow', 'read-only', 'locked'] as const)
    expect(objectionTo({ ...house, mode, beaconAt: 0 }, host, said('https://x.example'))).toBeUndefined();
});

test('a slow room takes the next message after its pause, to the second; reactions at any time', () => {
  const slow: House = { ...house, mode: 'slow', slowSeconds: 60 };
  expect(pauseSeconds(slow, peer, NOW)).toBe(60);
  expect(objectionTo(slow, { ...peer, lastAt: NOW - 59_999 }, said())).toBe('slow');
  expect(objectionTo(slow, { ...peer, lastAt: NOW - 60_000 }, said())).toBeUndefined();
  expect(objectionTo(slow, { ...peer, lastAt: 0 }, said())).toBeUndefined();
  expect(objectionTo(slow, { ...peer, lastAt: NOW - 1 }, { ...said(), isSaid: false })).toBeUndefined();
});

test('without a host the room is as its card says', () => {
  const late = NOW + 60 * MINUTE + 120_001;
  expect(objectionTo(house, { ...peer, lastAt: late - 29_000 }, said('x', late))).toBe('slow');
  const strict: House = { ...house, card: { ...card, unhosted: 'read-only' } };
  expect(objectionTo(strict, peer, said('x', late - 2))).toBeUndefined();
  expect(objectionTo(strict, peer, said('x', late))).toBe('unhosted');
  const never: House = { ...strict, card: { ...strict.card, unhostedAfterMinutes: 0 } };
  expect(objectionTo(never, peer, said('x', late))).toBeUndefined();
});

test('newcomers bring no links and pause a little, until their time is over', () => {
  const fresh = { ...peer, since: NOW - 30 * MINUTE + 1 };
  expect(objectionTo(house, fresh, said('look at https://x.example'))).toBe('newcomer');
  expect(objectionTo(house, { ...fresh, lastAt: NOW - 9_000 }, said())).toBe('newcomer');
  expect(objectionTo(house, { ...fresh, lastAt: NOW - 10_000 }, said())).toBeUndefined();
  expect(
    objectionTo(house, { ...fresh, since: NOW - 30 * MINUTE }, said('https://x.example')),
  ).toBeUndefined();
});

test('files come from members where the card allows them and their first minutes are over; from hosts always', () => {
  const file = { ...said(''), isFile: true };
  expect(objectionTo(house, peer, file)).toBe('no-files');
  expect(objectionTo(house, { ...peer, isHost: true }, file)).toBeUndefined();
  const allows: House = { ...house, card: { ...card, files: true } };
  expect(objectionTo(allows, peer, file)).toBeUndefined();
  expect(objectionTo(allows, { ...peer, since: NOW - 30 * MINUTE + 1 }, file)).toBe('newcomer');
  expect(objectionTo(allows, { ...peer, since: NOW - 30 * MINUTE }, file)).toBeUndefined();
});

test.each([
  ['https://x.example/a', true],
  ['see www.x', true],
  ['write me at t.me/someone', true],
  ['join chat.gg', true],
  ['I slept at 3.30 and 4.5 hours', false],
  ['well...that was it.ok', false],
])('%j leads elsewhere: %j', (text, leads) => {
  expect(hasLink(text)).toBe(leads);
});

test('nobody dates a message by more than the relay rounds, and all readers find the same time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 * NOW }), (claimed) => {
      const kept = (NOW + 24 * 3_600_000) / 1_000;
      const time = roomTime(claimed, kept, 86_400);
      expect(time).toBeGreaterThanOrEqual(NOW - 3_720_000);
      expect(time).toBeLessThanOrEqual(NOW + 120_000);
      if (claimed > NOW - 3_600_000 && claimed < NOW) expect(time).toBe(claimed);
    }),
  );
});

const line = (text: string, author: string): Message =>
  ({
    id: 'm',
    conversation: 'r',
    cursor: 1,
    at: NOW,
    kind: 'text',
    mine: false,
    text,
    edited: false,
    retracted: false,
    reactions: [
      { mine: false, reaction: 'a-hug', by: 'bb' },
      { mine: false, reaction: 'a-hug', by: 'cc' },
    ],
    author: { id: author, name: '' },
  }) as unknown as Message;

test('personal lists hide people, warn of words as whole words, and hide links; nothing of mine', () => {
  const filters = { ...NO_FILTERS, muted: ['aa' as MemberId], blocked: ['bb' as MemberId] };
  expect(filtered(line('hi', 'aa'), filters)).toBeUndefined();
  expect(filtered(line('hi', 'bb'), filters)).toBeUndefined();
  expect(filtered(line('hi', 'cc'), filters)).toMatchObject({ reactions: [{ by: 'cc' }] });
  const worded = { ...NO_FILTERS, words: ['Blade', '刀'], hideLinks: true };
  expect(filtered(line('the BLADE.', 'cc'), worded)).toMatchObject({ warning: 'Blade' });
  expect(filtered(line('bladeless', 'cc'), worded)).not.toHaveProperty('warning');
  // A file is hidden with its sender, and its name and description are words too.
  const file = (description: string, author: string): Message => {
    const { text: _, ...said } = line('', author) as Extract<Message, { kind: 'text' }>;
    return { ...said, kind: 'attachment', file: { name: 'a.png', description } } as unknown as Message;
  };
  expect(filtered(file('', 'aa'), filters)).toBeUndefined();
  expect(filtered(file('a blade', 'cc'), worded)).toMatchObject({ warning: 'Blade' });
  expect(filtered(file('a tree', 'cc'), worded)).not.toHaveProperty('warning');
  expect(filtered(line('那把刀在', 'cc'), worded)).toMatchObject({ warning: '刀' });
  expect(filtered(line('https://x.example', 'cc'), worded)).toHaveProperty('warning');
  const mine = { ...line('blade', 'aa'), mine: true } as Message;
  expect(filtered(mine, { ...filters, ...worded })).toEqual(mine);
});
