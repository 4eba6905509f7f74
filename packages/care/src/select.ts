// Chooses what a person sees: the country's emergency number, one line first, the others behind it. Pure: country,
// languages and time come in, nothing leaves the device. Not its concern: words, and how it looks.

import { directory as builtIn } from './data/directory.ts';
import { isStale } from './dates.ts';
import { openState, type OpenState } from './hours.ts';
import { primaryLanguage } from './locale.ts';
import type { Audience, Contact, Directory, Emergency, Row } from './row.ts';

/** Where someone finds a line when their country has none here. */
export const INTERNATIONAL = { name: 'Find A Helpline', url: 'https://findahelpline.com' } as const;

export interface HelpRequest {
  /** ISO 3166-1 alpha-2, by the person's choice or `countryFromLocale`. Undefined: no country's line is shown. */
  readonly country: string | undefined;
  /** BCP 47 tags, the preferred first. */
  readonly languages: readonly string[];
  readonly at: Date;
  /** `young` puts young people's lines first. */
  readonly audience?: Audience;
}

export interface ContactView {
  readonly contact: Contact;
  readonly state: OpenState;
  /** Whether it is answered in a language of the person's. */
  readonly speaks: boolean;
}

export interface RowView {
  readonly row: Row;
  /** The one to offer first stands first. */
  readonly contacts: readonly ContactView[];
  /** `open` as soon as one contact is. */
  readonly state: OpenState;
  /** Checked more than twelve months before now: the date is to be shown with a word of caution. */
  readonly stale: boolean;
}

export interface Help {
  readonly emergency: Emergency | undefined;
  readonly first: RowView | undefined;
  readonly others: readonly RowView[];
  readonly international: typeof INTERNATIONAL;
}

/** The only door from a directory to a screen: rows of grade D never pass. */
export function selectableRows(directory: Directory, country: string): readonly Row[] {
  return directory.rows.filter((row) => row.grade !== 'D' && row.country === country);
}

/** The countries that `helpFor` has a line for, sorted; for a chooser. */
export function coveredCountries(directory: Directory = builtIn): readonly string[] {
  return [...new Set(directory.rows.filter((row) => row.grade !== 'D').map((row) => row.country))].sort();
}

/**
 * What to show to someone who asks for help now.
 * @param request - An unknown country gives the international link alone: never another country's line.
 * @param directory - The built-in one, or one with an operator's changes.
 */
export function helpFor(request: HelpRequest, directory: Directory = builtIn): Help {
  const country = request.country?.toUpperCase();
  const none = { first: undefined, others: [], international: INTERNATIONAL };
  if (country === undefined) return { emergency: undefined, ...none };
  const emergency = directory.emergencies.find((e) => e.country === country && e.grade !== 'D');
  const spoken = request.languages.map(primaryLanguage).filter((language) => language !== undefined);
  const ranked = selectableRows(directory, country)
    .map((row) => viewOf(row, spoken, request.at))
    .map((view, order) => ({ view, rank: [...rankOf(view, request.audience ?? 'everyone'), order] }))
    .sort((a, b) => compareRanks(a.rank, b.rank))
    .map(({ view }) => view);
  const [first, ...others] = ranked;
  return { emergency, first, others, international: INTERNATIONAL };
}

function viewOf(row: Row, spoken: readonly string[], at: Date): RowView {
  const contacts = row.contacts
    .map((contact): ContactView => ({
      contact,
      state: openState(contact.hours, at),
      speaks: contact.languages.some((language) => spoken.includes(language)),
    }))
    .map((view, order) => ({ view, rank: [...contactRank(view), order] }))
    .sort((a, b) => compareRanks(a.rank, b.rank))
    .map(({ view }) => view);
  const first = contacts[0];
  return {
    row,
    contacts,
    // The state of the row is that of its first contact: an open one goes first, unless it speaks another language.
    state: first?.state ?? 'unknown',
    stale: !Number.isNaN(at.getTime()) && isStale(row.checkedOn, at.toISOString().slice(0, 10)),
  };
}

/** Smaller is better. A closed line helps nobody; one that isn't understood helps little; known beats unknown. */
function contactRank({ state, speaks }: ContactView): readonly number[] {
  return [state === 'closed' ? 1 : 0, speaks ? 0 : 1, state === 'open' ? 0 : 1];
}

function rankOf({ row, contacts }: RowView, audience: Audience): readonly number[] {
  const first = contacts[0];
  const best = first === undefined ? [1, 1, 1] : contactRank(first);
  return [row.audience === audience ? 0 : 1, row.region === undefined ? 0 : 1, ...best];
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [i, rank] of a.entries()) if (rank !== b[i]) return rank - (b[i] ?? 0);
  return 0;
}
