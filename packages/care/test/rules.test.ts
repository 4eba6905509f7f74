// Each rule bites: one sound row, one thing broken, the rule named. A rule that no planted row breaks fails here too.

import { expect, test } from '@jest/globals';
import { RULES, validateEmergencies, validateRows } from '../src/index.ts';
import type { Contact, Emergency, Hours, Row, RuleName } from '../src/index.ts';
import { callContact, chatContact, emergency, row, textContact, today, whatsappContact } from './rows.ts';

const withContact = (contact: Contact): Partial<Row> => ({ contacts: [contact] });
const withCall = (change: Partial<typeof callContact>) => withContact({ ...callContact, ...change });
const withHours = (hours: Hours) => withCall({ hours });

const planted: readonly (readonly [RuleName, string, Partial<Row>])[] = [
  ['id', 'id', { id: 'Not An Id' }],
  ['id', 'id', { id: '' }],
  ['country', 'country', { country: 'de' }],
  ['words', 'name', { name: ' ' }],
  ['words', 'localName', { localName: 'x'.repeat(301) }],
  ['words', 'audience', { audience: 'all' as 'everyone' }],
  ['words', 'topics', { topics: [] }],
  ['words', 'topics', { topics: ['miracles' as 'any'] }],
  ['words', 'contacts[0].cost', withCall({ cost: 'cheap' as 'free' })],
  ['contact', 'contacts', { contacts: [] }],
  ['contact', 'contacts[0].method', withContact({ ...chatContact, method: 'pager' as 'chat' })],
  ['contact', 'contacts[0].address', withContact({ method: 'email', address: 'nobody', languages: ['de'] })],
  ['digits', 'contacts[0].dial', withCall({ dial: 'call us', tel: 'tel:08005550199' })],
  ['digits', 'contacts[0].dial', withCall({ dial: '0800 555 0199 or 0200', tel: 'tel:08005550199' })],
  ['digits', 'contacts[0].extension', withCall({ extension: 'eight' })],
  [
    'digits',
    'contacts[0].keyword',
    withContact({ ...textContact, keyword: 'hi there', tel: 'sms:55501?body=hi there' }),
  ],
  // The classic of published lists: a short code written as an international number.
  ['short', 'contacts[0].dial', withCall({ dial: '+988', tel: 'tel:+988' })],
  ['short', 'contacts[0].tel', withCall({ dial: '988', tel: 'tel:+988' })],
  ['short', 'contacts[0].dial', withCall({ dial: '+116 123', tel: 'tel:+116123' })],
  ['link', 'contacts[0].tel', withCall({ tel: 'tel:08005550198' })],
  ['link', 'contacts[0].tel', withCall({ tel: 'tel:0800 555 0199' })],
  ['link', 'contacts[0].tel', withCall({ tel: 'sms:08005550199' })],
  ['link', 'contacts[0].tel', withCall({ tel: 'tel:+448005550199' })],
  ['link', 'contacts[0].tel', withCall({ tel: '08005550199' })],
  ['link', 'contacts[0].tel', withContact({ ...textContact, tel: 'sms:55501?body=OTHER' })],
  ['link', 'contacts[0].tel', withContact({ ...textContact, tel: 'sms:55501' })],
  ['link', 'contacts[0].tel', withContact({ ...whatsappContact, tel: 'https://wa.me/01515550199' })],
  ['link', 'contacts[0].tel', withContact({ ...whatsappContact, tel: 'https://wa.example/491515550199' })],
  ['url', 'contacts[0].url', withContact({ ...chatContact, url: 'http://example.org' })],
  ['url', 'contacts[0].url', withContact({ ...chatContact, url: 'javascript:alert(1)' })],
  ['url', 'contacts[0].url', withContact({ ...chatContact, url: 'https://user@example.org/' })],
  ['hours', 'contacts[0].hours', withHours({ tz: 'Europe/Berlin', spec: 'whenever', is247: false })],
  ['hours', 'contacts[0].hours', withHours({ tz: 'Mars/Olympus', spec: '24/7', is247: true })],
  ['hours', 'contacts[0].hours', withHours({ tz: 'Europe/Berlin', spec: 'Mo-Fr 09:00-17:00', is247: true })],
  ['hours', 'contacts[0].hours', withHours({ tz: 'Europe/Berlin', spec: '24/7', is247: false })],
  ['languages', 'contacts[0].languages', withCall({ languages: [] })],
  ['languages', 'contacts[0].languages', withCall({ languages: ['Deutsch'] })],
  ['steps', 'ifNobodyAnswers', { ifNobodyAnswers: [] }],
  ['steps', 'ifNobodyAnswers', { ifNobodyAnswers: ['again'] }],
  ['steps', 'ifNobodyAnswers', { ifNobodyAnswers: ['again', 'again', 'emergency'] }],
  ['steps', 'ifNobodyAnswers[0]', { ifNobodyAnswers: ['other-contact', 'emergency'] }],
  ['steps', 'ifNobodyAnswers[0]', { ifNobodyAnswers: ['row:nowhere', 'emergency'] }],
  ['steps', 'ifNobodyAnswers[0]', { ifNobodyAnswers: ['row:us-988', 'emergency'] }],
  ['steps', 'ifNobodyAnswers[0]', { ifNobodyAnswers: ['row:de-example', 'emergency'] }],
  ['source', 'source', { source: '' }],
  ['source', 'source', { source: '  ' }],
  ['checkedOn', 'checkedOn', { checkedOn: '' }],
  ['checkedOn', 'checkedOn', { checkedOn: '22.11.2026' }],
  ['checkedOn', 'checkedOn', { checkedOn: '2026-02-30' }],
  ['checkedOn', 'checkedOn', { checkedOn: '2026-11-24' }],
  ['grade', 'grade', { grade: 'E' as 'D' }],
  ['grade', 'grade', { grade: '' as 'D' }],
  ['stale', 'checkedOn', { checkedOn: '2025-11-21' }],
  // A country whose emergency number nobody has sourced.
  ['emergency', 'country', { country: 'AQ' }],
];

test.each(planted)('%s at %s', (rule, field, change) => {
  const problems = validateRows([{ ...row, ...change }], today);
  expect(problems).toContainEqual({ rule, row: change.id ?? row.id, field });
});

test('every rule has a planted row', () => {
  expect(Object.keys(RULES).filter((rule) => !planted.some(([name]) => name === rule))).toEqual([]);
});

test('sound rows of every method pass', () => {
  const contacts: readonly Contact[] = [
    callContact,
    { ...callContact, tel: 'tel:+498005550199' },
    { ...callContact, dial: '+49 151 5550199', tel: 'tel:+491515550199' },
    { ...callContact, dial: '*4141', tel: 'tel:*4141' },
    textContact,
    whatsappContact,
    chatContact,
    { method: 'email', address: 'help@example.org', languages: ['de'] },
  ];
  expect(validateRows([{ ...row, contacts }], today)).toEqual([]);
});

test('twelve months to the day are fresh, a day more is stale', () => {
  const stale = (checkedOn: string, day: string) =>
    validateRows([{ ...row, checkedOn }], day).some(({ rule }) => rule === 'stale');
  expect(stale('2025-11-22', '2026-11-22')).toBe(false);
  expect(stale('2025-11-22', '2026-11-23')).toBe(true);
  expect(stale('2024-02-29', '2025-02-28')).toBe(false);
  expect(stale('2024-02-29', '2025-03-01')).toBe(true);
});

test('two rows may not share an id', () => {
  expect(validateRows([row, row], today)).toContainEqual({ rule: 'id', row: 'de-example', field: 'id' });
});

test('a row of grade D may lack its country’s emergency number, and no step may lead to it', () => {
  const doubtful: Row = { ...row, id: 'aq-line', country: 'AQ', grade: 'D' };
  expect(validateRows([doubtful], today)).toEqual([]);
  const rows: readonly Row[] = [
    { ...row, ifNobodyAnswers: ['row:de-doubt', 'emergency'] },
    { ...row, id: 'de-doubt', grade: 'D' },
  ];
  expect(validateRows(rows, today)).toEqual([
    { rule: 'steps', row: 'de-example', field: 'ifNobodyAnswers[0]' },
  ]);
});

test('an emergency number of grade D does not cover its country', () => {
  const known = { rows: [], emergencies: [{ ...emergency, grade: 'D' as const }] };
  expect(validateRows([row], today, known)).toEqual([
    { rule: 'emergency', row: 'de-example', field: 'country' },
  ]);
});

const broken: readonly (readonly [RuleName, string, Partial<Emergency>])[] = [
  ['country', 'country', { country: 'GER' }],
  ['contact', 'numbers', { numbers: [] }],
  ['words', 'numbers[0].service', { numbers: [{ service: 'army' as 'any', dial: '112', tel: 'tel:112' }] }],
  ['short', 'numbers[0].dial', { numbers: [{ service: 'any', dial: '+112', tel: 'tel:+112' }] }],
  ['link', 'numbers[0].tel', { numbers: [{ service: 'any', dial: '112', tel: 'tel:113' }] }],
  ['source', 'source', { source: '' }],
  ['stale', 'checkedOn', { checkedOn: '2025-01-01' }],
  ['grade', 'grade', { grade: 'X' as 'A' }],
];

test.each(broken)('emergency: %s at %s', (rule, field, change) => {
  const entry = { ...emergency, ...change };
  expect(validateEmergencies([entry], today)).toContainEqual({
    rule,
    row: `emergency ${entry.country}`,
    field,
  });
});

test('a country has one emergency entry', () => {
  expect(validateEmergencies([emergency], today)).toEqual([]);
  expect(validateEmergencies([emergency, emergency], today)).toHaveLength(1);
});

test('a day that is none is the caller’s mistake', () => {
  expect(() => validateRows([row], 'today')).toThrow(expect.objectContaining({ code: 'CARE_DATE' }));
});
