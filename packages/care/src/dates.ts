// Calendar days as text, YYYY-MM-DD, so that no time zone can move them. Used by the rules and by an operator's file.

import { CareError } from './errors.ts';

const shape = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Whether `text` is a day that exists. */
export function isDay(text: string): boolean {
  const match = shape.exec(text);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/**
 * The day that lies `days` after `day`.
 * @throws CareError CARE_DATE where `day` isn't one.
 */
export function dayAfter(day: string, days: number): string {
  if (!isDay(day)) throw new CareError('CARE_DATE');
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/**
 * Whether what was checked on `checkedOn` is more than twelve months old on `today`.
 * @throws CareError CARE_DATE where either isn't a day.
 */
export function isStale(checkedOn: string, today: string): boolean {
  if (!isDay(checkedOn) || !isDay(today)) throw new CareError('CARE_DATE');
  // 29 February a year on is written 02-29 of a common year: as text it still compares rightly.
  const lastGoodDay = `${String(Number(checkedOn.slice(0, 4)) + 1).padStart(4, '0')}${checkedOn.slice(4)}`;
  return today > lastGoodDay;
}
