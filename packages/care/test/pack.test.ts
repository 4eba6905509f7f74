// An operator's file: opened only when signed, strict in form, held to the rules, and laid over the directory without
// ever letting a doubtful row or a lost emergency number through. The signatures here are real Ed25519.

import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { applyPack, directory, helpFor, openPack, parsePack, PACK_FORMAT } from '../src/index.ts';
import type { Directory, Row } from '../src/index.ts';
import { emergency, row, today } from './rows.ts';

const extra: Row = {
  ...row,
  id: 'gb-local',
  country: 'GB',
  contacts: [{ ...row.contacts[0]!, languages: ['en'] }],
};

const file = (change: Record<string, unknown> = {}) => ({
  format: PACK_FORMAT,
  version: 1,
  issuedOn: today,
  ...change,
});
const parse = (content: unknown, base?: Directory) => parsePack(JSON.stringify(content), today, base);
const apply = (content: unknown) => applyPack(directory, parse(content));
const firstIn = (country: string, where: Directory) =>
  helpFor({ country, languages: ['en'], at: new Date('2026-11-23T10:00:00Z') }, where);

test('an addition comes first in its country, and nowhere else', () => {
  const { directory: merged, notFound } = apply(file({ rows: [extra] }));
  expect(firstIn('GB', merged).first?.row.id).toBe('gb-local');
  expect(firstIn('GB', merged).others[0]?.row.id).toBe('gb-samaritans');
  expect(firstIn('IE', merged)).toEqual(firstIn('IE', directory));
  expect(notFound).toEqual([]);
});

test('an override replaces the row of its id', () => {
  const changed: Row = { ...extra, id: 'gb-samaritans', name: 'Samaritans, our branch' };
  const { directory: merged } = apply(file({ rows: [changed] }));
  expect(merged.rows.filter(({ id }) => id === 'gb-samaritans')).toEqual([changed]);
});

test('a removal takes the row and every step that led to it', () => {
  const { directory: merged, notFound } = apply(file({ remove: ['gb-shout', 'gb-typing-error'] }));
  expect(merged.rows.some(({ id }) => id === 'gb-shout')).toBe(false);
  expect(firstIn('GB', merged).first?.row.ifNobodyAnswers).toEqual(['again', 'emergency']);
  expect(notFound).toEqual(['gb-typing-error']);
  expect(directory.rows.some(({ id }) => id === 'gb-shout')).toBe(true);
});

test('grade D is never shown, also where an operator says so', () => {
  const doubtful: Row = { ...extra, id: 'gb-samaritans', grade: 'D' };
  const { directory: merged } = apply(file({ rows: [doubtful, { ...extra, id: 'gb-doubt', grade: 'D' }] }));
  const { first, others } = firstIn('GB', merged);
  expect([first, ...others].map((view) => view?.row.id)).toEqual(['gb-shout', 'gb-childline']);
});

test('a new country needs its emergency number in the same file', () => {
  const line: Row = { ...extra, id: 'pt-line', country: 'PT' };
  expect(() => parse(file({ rows: [line] }))).toThrow(
    expect.objectContaining({ code: 'CARE_PACK_RULES', place: 'rows[0].country, rule emergency' }),
  );
  const { directory: merged } = apply(file({ rows: [line], emergencies: [{ ...emergency, country: 'PT' }] }));
  expect(firstIn('PT', merged)).toMatchObject({
    first: { row: { id: 'pt-line' } },
    emergency: { country: 'PT' },
  });
});

test('an emergency number can be replaced, not taken away', () => {
  const other = { ...emergency, country: 'GB', numbers: [{ service: 'any', dial: '112', tel: 'tel:112' }] };
  expect(firstIn('GB', apply(file({ emergencies: [other] })).directory).emergency?.numbers[0]?.dial).toBe(
    '112',
  );
  const doubtful = { ...other, grade: 'D' };
  expect(firstIn('GB', apply(file({ emergencies: [doubtful] })).directory).emergency?.numbers[0]?.dial).toBe(
    '999',
  );
});

test.each([
  ['a country changed under an id', { rows: [{ ...extra, id: 'us-988' }] }, 'rows[0].country, rule id'],
  ['a stale row', { rows: [{ ...extra, checkedOn: '2025-01-01' }] }, 'rows[0].checkedOn, rule stale'],
  [
    'a bad link',
    { rows: [extra, { ...extra, id: 'gb-b', contacts: [{ ...row.contacts[0], tel: 'tel:1' }] }] },
    'rows[1].contacts[0].tel, rule link',
  ],
  [
    'a step to a removed row',
    { remove: ['gb-shout'], rows: [{ ...extra, ifNobodyAnswers: ['row:gb-shout', 'emergency'] }] },
    'rows[0].ifNobodyAnswers[0], rule steps',
  ],
  [
    'a stale emergency',
    { emergencies: [{ ...emergency, checkedOn: '2020-01-01' }] },
    'emergencies: checkedOn, rule stale',
  ],
])('%s is refused with its place', (_, change, place) => {
  expect(() => parse(file(change))).toThrow(expect.objectContaining({ code: 'CARE_PACK_RULES', place }));
});

const contact = (change: object) => ({
  rows: [{ ...extra, contacts: [{ ...extra.contacts[0], ...change }] }],
});

test.each([
  ['another format', { format: 'sotto-helplines/2' }, 'format'],
  ['no version', { version: undefined }, 'version'],
  ['version 0', { version: 0 }, 'version'],
  ['a day that is none', { issuedOn: '2026-13-01' }, 'issuedOn'],
  ['an unknown key', { rowz: [] }, '(unknown key)'],
  ['rows that are no list', { rows: {} }, 'rows'],
  ['too many removals', { remove: Array.from({ length: 2001 }, (_, i) => `a${i}`) }, 'remove'],
  ['an unknown key in a row', { rows: [{ ...extra, phone: '1' }] }, 'rows[0].(unknown key)'],
  ['a missing key in a row', { rows: [{ ...extra, source: undefined }] }, 'rows[0].source'],
  ['an empty source', { rows: [{ ...extra, source: '' }] }, 'rows[0].source'],
  ['a text too long', { rows: [{ ...extra, name: 'x'.repeat(301) }] }, 'rows[0].name'],
  ['a direction mark', { rows: [{ ...extra, name: 'a\u202eb' }] }, 'rows[0].name'],
  ['another grade', { rows: [{ ...extra, grade: 'A+' }] }, 'rows[0].grade'],
  ['another step', { rows: [{ ...extra, ifNobodyAnswers: ['pray'] }] }, 'rows[0].ifNobodyAnswers[0]'],
  ['a contact that is null', { rows: [{ ...extra, contacts: [null] }] }, 'rows[0].contacts[0].method'],
  ['another method', contact({ method: 'fax' }), 'rows[0].contacts[0].method'],
  ['a url in a call', contact({ url: 'https://example.org' }), 'rows[0].contacts[0].(unknown key)'],
  ['hours without a zone', contact({ hours: { spec: '24/7', is247: true } }), 'rows[0].contacts[0].hours.tz'],
  [
    'a yes that is a word',
    contact({ hours: { tz: 'UTC', spec: '24/7', is247: 'yes' } }),
    'rows[0].contacts[0].hours.is247',
  ],
])('%s is refused with its place', (_, change, place) => {
  expect(() => parse(file(change))).toThrow(expect.objectContaining({ code: 'CARE_PACK_SHAPE', place }));
});

test('what an unknown key was called is not repeated', () => {
  expect(() => parse(file({ 'call 555-0199': 1 }))).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('555') }),
  );
});

test.each([[''], ['{'], ['[]'.repeat(600_000)]])('what is no JSON is refused', (text) => {
  expect(() => parsePack(text, today)).toThrow(expect.objectContaining({ code: 'CARE_PACK_JSON' }));
});

test.each([[null], [[]], ['text'], [1]])('%j is no file', (content) => {
  expect(() => parse(content)).toThrow(
    expect.objectContaining({ code: 'CARE_PACK_SHAPE', place: 'the file' }),
  );
});

const keys = generateKeyPairSync('ed25519');
const genuine = (bytes: Uint8Array, signature: Uint8Array) => verify(null, bytes, keys.publicKey, signature);

function signed(content: unknown, key = keys.privateKey) {
  const bytes = new Uint8Array(Buffer.from(JSON.stringify(content)));
  return { bytes, signature: new Uint8Array(sign(null, bytes, key)) };
}

test('a signed file opens', async () => {
  const pack = await openPack(signed(file({ rows: [extra] })), genuine, today);
  expect(pack.rows).toEqual([extra]);
});

test('another key, a changed byte, a verify that throws or answers oddly: refused before it is read', async () => {
  const refused = expect.objectContaining({ code: 'CARE_PACK_SIGNATURE' });
  const stranger = generateKeyPairSync('ed25519').privateKey;
  await expect(openPack(signed(file(), stranger), genuine, today)).rejects.toThrow(refused);
  const changed = signed(file());
  changed.bytes[5]! ^= 1;
  await expect(openPack(changed, genuine, today)).rejects.toThrow(refused);
  const junk = { bytes: new Uint8Array([0xff]), signature: new Uint8Array(64) };
  await expect(openPack(junk, genuine, today)).rejects.toThrow(refused);
  const throws = () => {
    throw new Error('no such key');
  };
  await expect(openPack(signed(file()), throws, today)).rejects.toThrow(refused);
  await expect(openPack(signed(file()), (() => 'yes') as never, today)).rejects.toThrow(refused);
});

test('a verify that changes its bytes changes nothing that is read', async () => {
  const original = signed(file({ rows: [extra] }));
  const meddling = (bytes: Uint8Array, signature: Uint8Array) => {
    const answer = genuine(bytes, signature);
    bytes.fill(0);
    return answer;
  };
  expect((await openPack(original, meddling, today)).rows).toEqual([extra]);
});

test('signed bytes that are no UTF-8 are refused', async () => {
  const bytes = new Uint8Array([0x22, 0xff, 0x22]);
  const signature = new Uint8Array(sign(null, bytes, keys.privateKey));
  await expect(openPack({ bytes, signature }, genuine, today)).rejects.toThrow(
    expect.objectContaining({ code: 'CARE_PACK_JSON' }),
  );
});
