// Finds phone numbers in folded text: runs of seven to fifteen digits with the signs people put between them, less
// what only looks so: dates, years, times, sums, decimals, network addresses. One pass; a run is looked at once.

import { SKIP } from './fold.ts';

export interface Found {
  readonly start: number;
  readonly end: number;
}

const SIGNS = new Set([' ', '-', '.', '/', '(', ')', SKIP, '·']);
const MAX_GAP = 3;

/** A run longer than any number is no number; it is passed over, not cut. */
const MAX_RUN = 64;

/**
 * @param text - Folded.
 * @param isPublic - Whether a number, as digits, is one that anybody may pass on, such as a helpline's.
 */
export function findPhones(text: string, isPublic: (digits: string) => boolean): readonly Found[] {
  const found: Found[] = [];
  let i = 0;
  while (i < text.length) {
    if (!isDigit(text[i])) {
      i += 1;
      continue;
    }
    const end = endOfRun(text, i);
    const run = readRun(text, i, end);
    if (run !== undefined && !isPublic(run.number)) {
      // The second half of a folded digit belongs to it.
      found.push({ start: run.start, end: text[run.end] === SKIP ? run.end + 1 : run.end });
    }
    i = end;
  }
  return found;
}

function isDigit(unit: string | undefined): boolean {
  return unit !== undefined && unit >= '0' && unit <= '9';
}

function endOfRun(text: string, start: number): number {
  let end = start;
  let gap = 0;
  for (let i = start; i < text.length; i += 1) {
    if (isDigit(text[i])) {
      end = i + 1;
      gap = 0;
    } else if (SIGNS.has(text[i]!)) {
      gap += text[i] === SKIP ? 0 : 1;
      if (gap > MAX_GAP) break;
    } else break;
  }
  return end;
}

interface Run extends Found {
  /** Digits, after `+` where there is one. */
  readonly number: string;
}

function readRun(text: string, start: number, end: number): Run | undefined {
  if (end - start > MAX_RUN) return undefined;
  const before = text[start - 1];
  const after = text[end];
  // 14:30 and its like: the digits beside a colon belong to a time.
  if (before === ':') {
    const next = /^\d{1,2}\D+/.exec(text.slice(start, end));
    return next === null ? undefined : readRun(text, start + next[0].length, end);
  }
  if (after === ':' && isDigit(text[end + 1])) {
    const last = /\D+\d{1,2}$/.exec(text.slice(start, end));
    return last === null ? undefined : readRun(text, start, start + last.index);
  }
  // Part of a word or of a name: an order number, a version, a handle, not a phone number.
  if (before !== undefined && /[\p{Script=Latin}_#]/u.test(before)) return undefined;
  if (after !== undefined && /[_%€$£¥₹]/.test(after)) return undefined;
  if (before !== undefined && /[€$£¥₹,]/.test(before)) return undefined;
  const body = text.slice(start, end).replaceAll(SKIP, '');
  const digits = body.replace(/\D/g, '');
  const plus = before === '+';
  const opens = before === '(' ? 1 : 0;
  const plusBeforeBracket = opens === 1 && text[start - 2] === '+';
  if (digits.length < 7 || digits.length > 15) return undefined;
  if (!plus && !plusBeforeBracket && looksOtherwise(body, digits)) return undefined;
  const from = start - (plus ? 1 : opens + (plusBeforeBracket ? 1 : 0));
  return { start: from, end, number: plus || plusBeforeBracket ? `+${digits}` : digits };
}

/** Whether digits without a + are something else that is common in chat. */
function looksOtherwise(body: string, digits: string): boolean {
  const parts = body.split(/ +- +| {2,}/).map((part) => part.trim());
  if (parts.every((part) => isDateOrYear(part) || /^\d{1,4}$/.test(part))) return true;
  if (/^\d{4}[-/]\d{4}$/.test(body) && body.split(/[-/]/).every(isYear)) return true;
  // A date beside a time: 22.11.2026 14.30.
  if (body.split(' ').every((piece) => isDateOrYear(piece) || /^\d{1,2}(\.\d{2})?$|^-$/.test(piece))) {
    if (body.split(' ').some(isDateOrYear)) return true;
  }
  // A round sum: 1.000.000, 2 500 000.
  if (/0{5}$/.test(digits)) return true;
  // A decimal: 3.14159265.
  if (/^\d{1,2}\.\d{5,}$/.test(body)) return true;
  const octets = body.split('.');
  if (octets.length === 4 && octets.every((o) => /^\d{1,3}$/.test(o) && Number(o) <= 255)) return true;
  // Several small numbers in a row: a list, a score, ages. Four pairs are a Nordic phone number, and a leading 0 is one.
  const groups = body.split(/\D+/).filter((group) => group.length > 0);
  const small = groups.every((group) => group.length <= 2);
  return (
    small && !body.startsWith('0') && !(groups.length === 4 && groups.every((group) => group.length === 2))
  );
}

function isYear(text: string): boolean {
  return /^(19|20)\d{2}$/.test(text);
}

function isDateOrYear(text: string): boolean {
  if (isYear(text)) return true;
  const match = /^(\d{1,4})([-./ ])(\d{1,2})\2(\d{1,4})$/.exec(text);
  if (match === null) return false;
  const [first, middle, last] = [match[1]!, match[3]!, match[4]!];
  if (Number(middle) < 1 || Number(middle) > 31) return false;
  const isDay = (part: string) => part.length <= 2 && Number(part) >= 1 && Number(part) <= 31;
  return (isYear(first) && isDay(last)) || (isDay(first) && (isYear(last) || /^\d{2}$/.test(last)));
}
