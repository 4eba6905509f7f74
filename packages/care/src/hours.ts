// Reads opening hours and answers whether a line is staffed at an instant, in the line's own time zone. Pure: the
// instant comes in. Not its concern: guessing. Where hours are missing or can't be read, the answer is `unknown`.

import { CareError } from './errors.ts';
import type { Hours } from './row.ts';

/** Minutes of the day; an `end` at or before `start` lies on the next day. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A month and day without a year; `from` after `to` runs over the new year. */
export interface DayRange {
  readonly from: number;
  readonly to: number;
}

export type HoursRule =
  | { readonly on: 'weekdays'; readonly days: readonly number[]; readonly spans: readonly Span[] }
  | { readonly on: 'month-day'; readonly day: number; readonly spans: readonly Span[] }
  | { readonly on: 'closed'; readonly range: DayRange };

export type OpenState = 'open' | 'closed' | 'unknown';

const WEEKDAYS = ['Su', 'Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const DAY_MINUTES = 1440;

/**
 * Reads a specification. Form: docs/care.md, "Hours".
 * @param spec - `24/7`, or rules separated by `; `.
 * @throws CareError CARE_HOURS for anything else.
 */
export function parseHours(spec: string): readonly HoursRule[] {
  if (spec === '24/7') {
    return [{ on: 'weekdays', days: [0, 1, 2, 3, 4, 5, 6], spans: [{ start: 0, end: DAY_MINUTES }] }];
  }
  if (spec.length > 200) throw new CareError('CARE_HOURS');
  const rules = spec.split('; ').map(readRule);
  if (rules.every((rule) => rule.on === 'closed')) throw new CareError('CARE_HOURS');
  return rules;
}

function readRule(text: string): HoursRule {
  const closed = /^([A-Z][a-z]{2}) (\d{2})-([A-Z][a-z]{2}) (\d{2}) off$/.exec(text);
  if (closed !== null) {
    const range = { from: readMonthDay(closed[1]!, closed[2]!), to: readMonthDay(closed[3]!, closed[4]!) };
    return { on: 'closed', range };
  }
  const monthly = /^day (\d{2}) (\S+)$/.exec(text);
  if (monthly !== null) {
    const day = Number(monthly[1]);
    if (day < 1 || day > 31) throw new CareError('CARE_HOURS');
    return { on: 'month-day', day, spans: readSpans(monthly[2]!) };
  }
  const weekly = /^(\S+) (\S+)$/.exec(text);
  if (weekly === null) throw new CareError('CARE_HOURS');
  return { on: 'weekdays', days: readWeekdays(weekly[1]!), spans: readSpans(weekly[2]!) };
}

function readMonthDay(name: string, dayText: string): number {
  const month = MONTHS.indexOf(name);
  const day = Number(dayText);
  if (month < 0 || day < 1 || day > MONTH_DAYS[month]!) throw new CareError('CARE_HOURS');
  return (month + 1) * 100 + day;
}

function readWeekdays(text: string): readonly number[] {
  const days: number[] = [];
  for (const part of text.split(',')) {
    const [first, last, ...rest] = part.split('-').map((name) => WEEKDAYS.indexOf(name));
    if (first === undefined || first < 0 || rest.length > 0) throw new CareError('CARE_HOURS');
    if (last === undefined) days.push(first);
    else if (last < 0) throw new CareError('CARE_HOURS');
    else for (let day = first; ; day = (day + 1) % 7) if (days.push(day) > 7 || day === last) break;
  }
  if (new Set(days).size !== days.length) throw new CareError('CARE_HOURS');
  return days;
}

function readSpans(text: string): readonly Span[] {
  return text.split(',').map((part) => {
    const match = /^(\d{2}):(\d{2})-(\d{2}):(\d{2})$/.exec(part);
    if (match === null) throw new CareError('CARE_HOURS');
    const [start, end] = [readMinutes(match[1]!, match[2]!), readMinutes(match[3]!, match[4]!)];
    if (start === DAY_MINUTES || start === end) throw new CareError('CARE_HOURS');
    return { start, end };
  });
}

function readMinutes(hours: string, minutes: string): number {
  const total = Number(hours) * 60 + Number(minutes);
  if (Number(minutes) > 59 || total > DAY_MINUTES) throw new CareError('CARE_HOURS');
  return total;
}

/**
 * Whether a contact is staffed at `at`.
 * @param hours - Undefined where no source says: the answer is then `unknown`, never a guess.
 * @returns `unknown` too where the device doesn't know the time zone or the clock isn't a time.
 */
export function openState(hours: Hours | undefined, at: Date): OpenState {
  if (hours === undefined || Number.isNaN(at.getTime())) return 'unknown';
  if (hours.is247) return hours.spec === '24/7' ? 'open' : 'unknown';
  try {
    const rules = parseHours(hours.spec);
    const today = localTime(hours.tz, at);
    const yesterday = dayBefore(today);
    const open =
      spansOn(rules, today).some(({ start, end }) =>
        end > start ? today.minute >= start && today.minute < end : today.minute >= start,
      ) || spansOn(rules, yesterday).some(({ start, end }) => end < start && today.minute < end);
    return open ? 'open' : 'closed';
  } catch {
    return 'unknown';
  }
}

/** Whether the device can tell the time in `tz`. */
export function isTimeZone(tz: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: tz }).resolvedOptions().timeZone.length > 0;
  } catch {
    return false;
  }
}

interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly minute: number;
}

function localTime(timeZone: string, at: Date): LocalTime {
  const parts = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(at);
  const read = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((p) => p.type === type)?.value);
  return {
    year: read('year'),
    month: read('month'),
    day: read('day'),
    minute: read('hour') * 60 + read('minute'),
  };
}

function dayBefore({ year, month, day }: LocalTime): LocalTime {
  const date = new Date(Date.UTC(year, month - 1, day - 1));
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    minute: 0,
  };
}

function spansOn(rules: readonly HoursRule[], { year, month, day }: LocalTime): readonly Span[] {
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
  const monthDay = month * 100 + day;
  const spans: Span[] = [];
  for (const rule of rules) {
    switch (rule.on) {
      case 'weekdays':
        if (rule.days.includes(weekday)) spans.push(...rule.spans);
        break;
      case 'month-day':
        if (rule.day === day) spans.push(...rule.spans);
        break;
      case 'closed':
        if (isWithin(rule.range, monthDay)) return [];
        break;
    }
  }
  return spans;
}

function isWithin({ from, to }: DayRange, monthDay: number): boolean {
  return from <= to ? monthDay >= from && monthDay <= to : monthDay >= from || monthDay <= to;
}
