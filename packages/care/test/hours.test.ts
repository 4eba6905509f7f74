// Opening hours: read strictly, judged in the line's own time zone, across midnight and the change of clocks.

import { expect, test } from '@jest/globals';
import { openState, parseHours } from '../src/index.ts';
import type { Hours } from '../src/index.ts';

const hours = (tz: string, spec: string): Hours => ({ tz, spec, is247: spec === '24/7' });
const state = (tz: string, spec: string, at: string) => openState(hours(tz, spec), new Date(at));

test.each([
  ['Mo-Sa 14:00-20:00'],
  ['Mo,We-Fr 09:00-12:00,13:00-17:30'],
  ['Fr-Mo 20:00-08:00'],
  ['Mo-Su 16:00-21:00; day 10 00:00-24:00'],
  ['Mo-Su 16:00-21:00; Dec 29-Jan 03 off'],
  ['24/7'],
])('reads %s', (spec) => {
  expect(parseHours(spec).length).toBeGreaterThan(0);
});

test.each([
  [''],
  ['always'],
  ['24/7 mostly'],
  ['Mo-Fr'],
  ['Mo-Fr 9:00-17:00'],
  ['Mo-Fr 09:00-25:00'],
  ['Mo-Fr 09:60-10:00'],
  ['Mo-Fr 09:00-09:00'],
  ['Mo-Fr 24:00-02:00'],
  ['Mo-Fri 09:00-17:00'],
  ['Mo-We-Fr 09:00-17:00'],
  ['Mo,Mo 09:00-17:00'],
  ['Mo-Fr 09:00-17:00;'],
  ['day 32 00:00-24:00'],
  ['Feb 30-Mar 01 off'],
  ['Dec 29-Jan 03 off'],
  [`Mo ${'09:00-10:00,'.repeat(30)}11:00-12:00`],
])('refuses %s', (spec) => {
  expect(() => parseHours(spec)).toThrow(expect.objectContaining({ code: 'CARE_HOURS' }));
});

test('unknown stays unknown', () => {
  const at = new Date('2026-11-22T12:00:00Z');
  expect(openState(undefined, at)).toBe('unknown');
  expect(openState(hours('Mars/Olympus', 'Mo-Su 09:00-17:00'), at)).toBe('unknown');
  expect(openState(hours('Europe/Berlin', 'whenever'), at)).toBe('unknown');
  expect(openState({ tz: 'Europe/Berlin', spec: 'Mo 09:00-17:00', is247: true }, at)).toBe('unknown');
  expect(openState(hours('Europe/Berlin', '24/7'), new Date(Number.NaN))).toBe('unknown');
});

test('a day line opens and closes on the minute, in its own zone', () => {
  const de = ['Europe/Berlin', 'Mo-Sa 14:00-20:00'] as const;
  expect(state(...de, '2026-11-23T12:59:59Z')).toBe('closed'); // Monday 13:59:59
  expect(state(...de, '2026-11-23T13:00:00Z')).toBe('open');
  expect(state(...de, '2026-11-23T18:59:59Z')).toBe('open');
  expect(state(...de, '2026-11-23T19:00:00Z')).toBe('closed');
  expect(state(...de, '2026-11-22T14:00:00Z')).toBe('closed'); // Sunday
  expect(state(...de, '2026-07-20T12:00:00Z')).toBe('open'); // Monday 14:00 in summer time
});

test('a line over midnight is open on both sides of it', () => {
  const bd = ['Asia/Dhaka', 'Mo-Su 15:00-03:00'] as const; // UTC+6
  expect(state(...bd, '2026-11-22T08:59:00Z')).toBe('closed');
  expect(state(...bd, '2026-11-22T09:00:00Z')).toBe('open');
  expect(state(...bd, '2026-11-22T20:59:00Z')).toBe('open');
  expect(state(...bd, '2026-11-22T21:00:00Z')).toBe('closed');
});

test('a night that begins on Friday ends on Saturday, and only that one', () => {
  const night = ['UTC', 'Fr 20:00-08:00'] as const;
  expect(state(...night, '2026-11-20T20:00:00Z')).toBe('open'); // Friday
  expect(state(...night, '2026-11-21T07:59:00Z')).toBe('open');
  expect(state(...night, '2026-11-21T08:00:00Z')).toBe('closed');
  expect(state(...night, '2026-11-20T07:00:00Z')).toBe('closed');
  expect(state(...night, '2026-11-21T20:00:00Z')).toBe('closed');
});

test('the tenth of the month all day, other days in the afternoon', () => {
  const jp = ['Asia/Tokyo', 'Mo-Su 16:00-21:00; day 10 00:00-24:00'] as const;
  expect(state(...jp, '2026-11-09T15:00:00Z')).toBe('open'); // the 10th, 00:00
  expect(state(...jp, '2026-11-10T14:59:00Z')).toBe('open'); // the 10th, 23:59
  expect(state(...jp, '2026-11-10T15:00:00Z')).toBe('closed'); // the 11th, 00:00
  expect(state(...jp, '2026-11-11T07:00:00Z')).toBe('open'); // the 11th, 16:00
});

test('closed over the new year', () => {
  const jp = ['Asia/Tokyo', 'Mo-Su 16:00-21:00; Dec 29-Jan 03 off'] as const;
  expect(state(...jp, '2026-12-28T08:00:00Z')).toBe('open');
  expect(state(...jp, '2026-12-29T08:00:00Z')).toBe('closed');
  expect(state(...jp, '2027-01-03T08:00:00Z')).toBe('closed');
  expect(state(...jp, '2027-01-04T08:00:00Z')).toBe('open');
});
