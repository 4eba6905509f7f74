// What of a text would tell who or where someone is: the looking itself, without any data, so that it is small. What may
// be passed on is the caller's to say (find.ts).
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

/**
 * Finds what would tell who or where the writer is, in any of the scripts digits are commonly written in.
 * Time is linear in the text. Misses are possible (numbers in words, screenshots): the interface must not promise more.
 * @param text - Any text; not changed, not kept.
 * @param free - What may be passed on freely.
 * @returns findings in order of place, never overlapping.
 */
export function scanPersonalDetails(text: string, free: PublicContacts): readonly PersonalDetail[] {
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
