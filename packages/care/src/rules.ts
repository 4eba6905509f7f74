// The rules that every row keeps, the built-in ones and an operator's alike: a row that breaks one fails the build or is
// refused with its file. Published lists are wrong in dangerous ways; each rule stands against one of those ways.

import { CALLING_CODES } from './calling-codes.ts';
import { directory } from './data/directory.ts';
import { dayAfter, isDay, isStale } from './dates.ts';
import { isTimeZone, parseHours } from './hours.ts';
import { AUDIENCES, COSTS, EMERGENCY_SERVICES, GRADES, METHODS, TOPICS } from './row.ts';
import type { Contact, Directory, Emergency, Row } from './row.ts';

/** Rule → what it asks. The names are what a test, a build or an operator's tool shows. */
export const RULES = {
  id: 'an id is lower-case letters, digits and hyphens, and unique',
  country: 'a country is two capital letters, and an emergency number stands once a country',
  words: 'names are present; audience, topics, costs and services are known words; texts are short',
  contact: 'a row has a contact, and each contact has the fields of its method',
  digits: 'what is dialled is digits with spaces, hyphens, brackets, *, # or one leading +',
  short: 'a number written with + has at least 7 digits',
  link: 'the link behind a number carries the very digits that are shown',
  url: 'a web address is https, without user, port or fragment',
  hours: 'hours can be read, name a known time zone, and say 24/7 exactly where they are',
  languages: 'a contact names at least one language, as a primary subtag',
  steps: 'there is a next step if nobody answers; rows named are shown ones of the same country',
  source: 'a source is given',
  checkedOn: 'the day of the check is a day, and not in the future',
  grade: 'a grade from A to D is given',
  stale: 'what was checked more than twelve months ago must be checked again',
  emergency: 'every country with a row that is shown has its emergency number',
} as const;

export type RuleName = keyof typeof RULES;

export interface Problem {
  readonly rule: RuleName;
  /** The row's id, or `emergency XX` with the country. */
  readonly row: string;
  /** The field within it, such as `contacts[1].hours`. */
  readonly field: string;
}

type Report = (rule: RuleName, field: string) => void;

const MAX_TEXT = 300;

/**
 * Holds rows to the rules.
 * @param rows - Any rows, such as an operator's additions.
 * @param today - The day to be judged by, YYYY-MM-DD.
 * @param known - What the rows come in addition to: their countries' emergency numbers and the rows that their steps
 *   name are looked up in it. The built-in directory unless given.
 * @returns every break of a rule, in the order of the rows; empty where all is well.
 * @throws CareError CARE_DATE where `today` isn't a day.
 */
export function validateRows(
  rows: readonly Row[],
  today: string,
  known: Directory = directory,
): readonly Problem[] {
  const tomorrow = dayAfter(today, 1);
  const problems: Problem[] = [];
  const ids = new Map<string, Row>();
  const covered = new Set(known.emergencies.filter((e) => e.grade !== 'D').map((e) => e.country));
  for (const row of rows) {
    const report: Report = (rule, field) => void problems.push({ rule, row: row.id, field });
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(row.id) || row.id.length > 60 || ids.has(row.id)) report('id', 'id');
    ids.set(row.id, row);
    checkWords(row, report);
    checkProvenance(row, { today, tomorrow }, report);
    if (row.contacts.length === 0) report('contact', 'contacts');
    row.contacts.forEach((contact, i) =>
      checkContact(contact, row.country, (rule, field) => {
        report(rule, `contacts[${i}]${field === '' ? '' : '.'}${field}`);
      }),
    );
    if (row.grade !== 'D' && !covered.has(row.country)) report('emergency', 'country');
  }
  const nameable = new Map([...known.rows.map((row) => [row.id, row] as const), ...ids]);
  for (const row of rows) {
    checkSteps(row, nameable, (rule, field) => void problems.push({ rule, row: row.id, field }));
  }
  return problems;
}

/**
 * Holds emergency numbers to the rules.
 * @param today - The day to be judged by, YYYY-MM-DD.
 * @returns every break of a rule; empty where all is well.
 * @throws CareError CARE_DATE where `today` isn't a day.
 */
export function validateEmergencies(emergencies: readonly Emergency[], today: string): readonly Problem[] {
  const tomorrow = dayAfter(today, 1);
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const entry of emergencies) {
    const report: Report = (rule, field) =>
      void problems.push({ rule, row: `emergency ${entry.country}`, field });
    if (!/^[A-Z]{2}$/.test(entry.country) || seen.has(entry.country)) report('country', 'country');
    seen.add(entry.country);
    checkProvenance(entry, { today, tomorrow }, report);
    if (entry.numbers.length === 0) report('contact', 'numbers');
    entry.numbers.forEach(({ service, dial, tel }, i) => {
      if (!EMERGENCY_SERVICES.includes(service)) report('words', `numbers[${i}].service`);
      checkNumber({ dial, tel, scheme: 'tel:', country: entry.country }, (rule, field) => {
        report(rule, `numbers[${i}].${field}`);
      });
    });
  }
  return problems;
}

function checkWords(row: Row, report: Report): void {
  if (!/^[A-Z]{2}$/.test(row.country)) report('country', 'country');
  for (const field of ['name', 'localName', 'source', 'region'] as const) {
    const text = row[field];
    if (text !== undefined && text.length > MAX_TEXT) report('words', field);
    if (text?.trim() === '' && field !== 'source') report('words', field);
  }
  if (!AUDIENCES.includes(row.audience)) report('words', 'audience');
  if (row.topics.length === 0 || !row.topics.every((t) => TOPICS.includes(t))) report('words', 'topics');
}

interface Days {
  readonly today: string;
  readonly tomorrow: string;
}

function checkProvenance(entry: Row | Emergency, { today, tomorrow }: Days, report: Report): void {
  if (entry.source.trim() === '') report('source', 'source');
  if (!GRADES.includes(entry.grade)) report('grade', 'grade');
  // A day of grace: it may already be tomorrow where the check was made.
  if (!isDay(entry.checkedOn) || entry.checkedOn > tomorrow) report('checkedOn', 'checkedOn');
  else if (isStale(entry.checkedOn, today)) report('stale', 'checkedOn');
}

function checkContact(contact: Contact, country: string, report: Report): void {
  if (!METHODS.includes(contact.method)) {
    report('contact', 'method');
    return;
  }
  if (contact.languages.length === 0 || !contact.languages.every((l) => /^[a-z]{2,3}$/.test(l))) {
    report('languages', 'languages');
  }
  if (contact.cost !== undefined && !COSTS.includes(contact.cost)) report('words', 'cost');
  if (contact.hours !== undefined) {
    const { tz, spec, is247 } = contact.hours;
    if (!canRead(spec) || !isTimeZone(tz) || is247 !== (spec === '24/7')) report('hours', 'hours');
  }
  switch (contact.method) {
    case 'call':
      checkNumber({ ...contact, scheme: 'tel:', country }, report);
      if (contact.extension !== undefined && !/^\d{1,6}$/.test(contact.extension))
        report('digits', 'extension');
      break;
    case 'text': {
      checkNumber({ ...contact, scheme: 'sms:', country }, report);
      if (contact.keyword !== undefined && !/^[A-Z0-9]{1,20}$/.test(contact.keyword))
        report('digits', 'keyword');
      const body = contact.tel.split('?')[1];
      if (body !== (contact.keyword === undefined ? undefined : `body=${contact.keyword}`))
        report('link', 'tel');
      break;
    }
    case 'whatsapp':
      checkNumber({ ...contact, scheme: 'https://wa.me/', country }, report);
      break;
    case 'chat':
      if (!isPlainHttps(contact.url)) report('url', 'url');
      break;
    case 'email':
      if (!/^[\w.+-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(contact.address)) report('contact', 'address');
      break;
  }
}

function canRead(spec: string): boolean {
  try {
    return parseHours(spec).length > 0;
  } catch {
    return false;
  }
}

function isPlainHttps(url: string): boolean {
  return /^https:\/\/[a-z0-9-]+(\.[a-z0-9-]+)+(\/[\w./-]*)?$/.test(url) && url.length <= MAX_TEXT;
}

interface Dialled {
  readonly dial: string;
  readonly tel: string;
  readonly scheme: 'tel:' | 'sms:' | 'https://wa.me/';
  readonly country: string;
}

function checkNumber({ dial, tel, scheme, country }: Dialled, report: Report): void {
  if (!/^\+?[\d*#(][\d*#() -]*$/.test(dial) || !/\d{2}/.test(dial.replace(/[^\d]/g, '')))
    report('digits', 'dial');
  const link = tel.startsWith(scheme) ? tel.slice(scheme.length).replace(/\?.*$/, '') : '';
  if (!/^\+?[\d*#]{2,}$/.test(link)) {
    report('link', 'tel');
    return;
  }
  for (const [field, number] of [
    ['dial', dial],
    ['tel', link],
  ] as const) {
    if (number.startsWith('+') && number.replace(/\D/g, '').length < 7) report('short', field);
  }
  const shown = dial.replace(/[^\d+*#]/g, '');
  const international = link.replace(/^\+/, '');
  // The one other spelling allowed: the country's calling code, then the number without its leading 0. wa.me asks for it.
  const matches =
    link === shown
      ? scheme !== 'https://wa.me/'
      : (link.startsWith('+') || scheme === 'https://wa.me/') &&
        international.length >= 7 &&
        [shown.replace(/^\+/, ''), `${CALLING_CODES[country] ?? '?'}${shown.replace(/^0/, '')}`].includes(
          international,
        );
  if (!matches) report('link', 'tel');
}

function checkSteps(row: Row, rows: ReadonlyMap<string, Row>, report: Report): void {
  const steps = row.ifNobodyAnswers;
  const last = steps.at(-1);
  if (last !== 'emergency' && last !== 'international') report('steps', 'ifNobodyAnswers');
  if (new Set(steps).size !== steps.length) report('steps', 'ifNobodyAnswers');
  steps.forEach((step, i) => {
    if (['again', 'international', 'emergency'].includes(step)) return;
    if (step === 'other-contact' && row.contacts.length > 1) return;
    const other = step.startsWith('row:') ? rows.get(step.slice('row:'.length)) : undefined;
    const fits = other !== undefined && other.country === row.country && other.grade !== 'D' && other !== row;
    if (!fits) report('steps', `ifNobodyAnswers[${i}]`);
  });
}
