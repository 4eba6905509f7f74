// The personal-detail guard: before words go to a stranger, it says which of them would tell who or where someone is.
// It warns, on the device; it never blocks, changes, keeps or sends anything. Text of helplines stays free to pass on.

import { CALLING_CODES } from '../calling-codes.ts';
import { directory as builtIn } from '../data/directory.ts';
import type { Directory } from '../row.ts';
import { INTERNATIONAL } from '../select.ts';
import { type PersonalDetail, type PublicContacts, scanPersonalDetails } from './scan.ts';

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
 * `scanPersonalDetails` with the built-in helplines free to pass on.
 * @param allowed - What may be passed on freely instead.
 */
export function findPersonalDetails(text: string, allowed?: PublicContacts): readonly PersonalDetail[] {
  return scanPersonalDetails(text, allowed ?? (builtInContacts ??= publicContacts(builtIn)));
}

function hostOf(url: string): string {
  return url.replace(/^https:\/\/(?:www\.)?/, '').replace(/\/.*$/, '');
}
