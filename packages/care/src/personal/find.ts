// The personal-detail guard: before words go to a stranger, it says which of them would tell who or where someone is.
// It warns, on the device; it never blocks, changes, keeps or sends anything. Text of helplines stays free to pass on.

import { CALLING_CODES } from '../calling-codes.ts';
import { directory as builtIn } from '../data/directory.ts';
import type { Directory } from '../row.ts';
import { INTERNATIONAL } from '../select.ts';
import { findAddresses } from './address.ts';
import { fold } from './fold.ts';
import { findPhones, type Found } from './phone.ts';
import { findEmails, findHandles, findLinks } from './web.ts';

export type PersonalKind = 'phone' | 'email' | 'handle' | 'link' | 'address';

export interface PersonalDetail {
  readonly kind: PersonalKind;
  /** In UTF-16 units of the text given, as `String.prototype.slice` counts. */
  readonly start: number;
  readonly end: number;
}

/** What anybody may pass on: the helplines' own numbers and sites. */
export interface PublicContacts {
  readonly numbers: ReadonlySet<string>;
  readonly hosts: ReadonlySet<string>;
}

/** Collects what a directory makes public; compute it once for a directory with an operator's changes. */
export function publicContacts(directory: Directory): PublicContacts {
  const numbers = new Set<string>();
  const hosts = new Set([hostOf(INTERNATIONAL.url)]);
  const add = (country: string, dial: string) => {
    const digits = dial.replace(/\D/g, '');
    numbers.add(digits);
    const code = CALLING_CODES[country];
    if (code === undefined) return;
    const national = digits.startsWith(code) && dial.startsWith('+') ? digits.slice(code.length) : digits;
    for (const form of [national, national.replace(/^0/, '')]) {
      numbers
        .add(form)
        .add(`0${form}`)
        .add(code + form)
        .add(`00${code}${form}`);
    }
  };
  for (const row of directory.rows) {
    if (row.grade === 'D') continue;
    for (const contact of row.contacts) {
      if ('dial' in contact) add(row.country, contact.dial);
      if (contact.method === 'chat') hosts.add(hostOf(contact.url));
    }
  }
  for (const { country, numbers: own } of directory.emergencies)
    for (const { dial } of own) add(country, dial);
  return { numbers, hosts };
}

let builtInContacts: PublicContacts | undefined;

/**
 * Finds what would tell who or where the writer is, in any of the scripts digits are commonly written in.
 * Time is linear in the text. Misses are possible (numbers in words, screenshots): the interface must not promise more.
 * @param text - Any text; not changed, not kept.
 * @param allowed - What may be passed on freely; the built-in helplines unless given.
 * @returns findings in order of place, never overlapping.
 */
export function findPersonalDetails(text: string, allowed?: PublicContacts): readonly PersonalDetail[] {
  const free = allowed ?? (builtInContacts ??= publicContacts(builtIn));
  const folded = fold(text);
  // Earlier kinds win where two overlap: the address in an e-mail isn't a link, the digits in a link aren't a phone.
  const found: PersonalDetail[] = [
    ...mark('email', findEmails(folded)),
    ...mark(
      'link',
      findLinks(folded, (host) => free.hosts.has(host)),
    ),
    ...mark('handle', findHandles(folded)),
    ...mark('address', findAddresses(folded)),
    ...mark(
      'phone',
      findPhones(folded, (number) => free.numbers.has(number.replace(/^\+/, ''))),
    ),
  ];
  return withoutOverlaps(found);
}

function mark(kind: PersonalKind, found: readonly Found[]): readonly PersonalDetail[] {
  return found.map(({ start, end }) => ({ kind, start, end }));
}

const ORDER: Readonly<Record<PersonalKind, number>> = { email: 0, link: 1, handle: 2, address: 3, phone: 4 };

/** A sweep from left to right: a finding that begins inside the last kept one gives way, or takes its place. */
function withoutOverlaps(found: readonly PersonalDetail[]): readonly PersonalDetail[] {
  const sorted = [...found].sort(
    (a, b) => a.start - b.start || ORDER[a.kind] - ORDER[b.kind] || b.end - a.end,
  );
  const kept: PersonalDetail[] = [];
  for (const detail of sorted) {
    const last = kept.at(-1);
    if (last === undefined || detail.start >= last.end) kept.push(detail);
    else if (ORDER[detail.kind] < ORDER[last.kind])
      kept[kept.length - 1] = { ...detail, start: last.start, end: Math.max(last.end, detail.end) };
    else if (detail.end > last.end) kept[kept.length - 1] = { ...last, end: detail.end };
  }
  return kept;
}

function hostOf(url: string): string {
  return url.replace(/^https:\/\/(?:www\.)?/, '').replace(/\/.*$/, '');
}
