// Times and lengths of time as people say them, in the current language. Not its concern: when to show them.

import { localeOfDates as locale } from './date-locale.ts';
import { t } from './translate.ts';

const format = (options: Intl.DateTimeFormatOptions, at: number): string =>
  new Intl.DateTimeFormat(locale(), options).format(at);

export function clock(at: number): string {
  return format({ hour: 'numeric', minute: '2-digit' }, at);
}

export function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

/** "Today", "Yesterday", "Tuesday", "3 March 2026". */
export function day(at: number, now = Date.now()): string {
  if (sameDay(at, now)) return t('time.today');
  if (sameDay(at, now - 86_400_000)) return t('time.yesterday');
  if (now - at < 6 * 86_400_000 && at < now) return format({ weekday: 'long' }, at);
  return format({ day: 'numeric', month: 'long', year: 'numeric' }, at);
}

/** For a day to come: the weekday while it's clear which one is meant. */
export function until(at: number, now = Date.now()): string {
  if (at - now < 6.5 * 86_400_000) return format({ weekday: 'long' }, at);
  return format({ day: 'numeric', month: 'long' }, at);
}

/** A short stamp for lists: the time today, else the day. */
export function stamp(at: number, now = Date.now()): string {
  return sameDay(at, now) ? clock(at) : format({ day: 'numeric', month: 'short' }, at);
}

export function fullTime(at: number): string {
  return format({ dateStyle: 'full', timeStyle: 'short' }, at);
}

/** "3 minutes ago". */
export function ago(at: number, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - at) / 1_000));
  const format = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' });
  if (seconds < 3_600) return format.format(-Math.round(seconds / 60), 'minute');
  if (seconds < 86_400) return format.format(-Math.round(seconds / 3_600), 'hour');
  return format.format(-Math.round(seconds / 86_400), 'day');
}

/** "5 minutes", "1 day": the largest unit that fits. */
export function duration(seconds: number): string {
  const [unit, size] =
    seconds < 60
      ? (['second', 1] as const)
      : seconds < 3_600
        ? (['minute', 60] as const)
        : seconds < 86_400
          ? (['hour', 3_600] as const)
          : (['day', 86_400] as const);
  const amount = Math.max(1, Math.round(seconds / size));
  return new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay: 'long' }).format(amount);
}
