// What a person sees first, for a table of countries, languages, times and ages; and what they never see.

import { expect, test } from '@jest/globals';
import {
  countryFromLocale,
  coveredCountries,
  directory,
  helpFor,
  helpSections,
  HELP_ORDER,
} from '../src/index.ts';
import type { Directory, HelpRequest } from '../src/index.ts';
import { callContact, emergency, row } from './rows.ts';

// A Monday, 10:00 in London, 12:00 in Helsinki, 19:00 in Tokyo.
const monday = new Date('2026-11-23T10:00:00Z');
const ask = (country: string | undefined, language: string, change: Partial<HelpRequest> = {}) =>
  helpFor({ country, languages: [language], at: monday, ...change });

/** Country, what its people read, the number in danger, the line that comes first. */
const firstLines: readonly (readonly [country: string, locale: string, dial: string, row: string])[] = [
  ['US', 'en-US', '911', 'us-988'],
  ['CA', 'fr-CA', '911', 'ca-988'],
  ['GB', 'en-GB', '999', 'gb-samaritans'],
  ['IE', 'en-IE', '112', 'ie-samaritans'],
  ['AU', 'en-AU', '000', 'au-lifeline'],
  ['NZ', 'en-NZ', '111', 'nz-1737'],
  ['DE', 'de-DE', '112', 'de-telefonseelsorge'],
  ['AT', 'de-AT', '112', 'at-telefonseelsorge'],
  ['CH', 'fr-CH', '112', 'ch-143'],
  ['FR', 'fr-FR', '112', 'fr-3114'],
  ['BE', 'nl-BE', '112', 'be-zelfmoordlijn'],
  ['BE', 'fr-BE', '112', 'be-cps'],
  ['NL', 'nl-NL', '112', 'nl-113'],
  ['ES', 'es-ES', '112', 'es-024'],
  ['IT', 'it-IT', '112', 'it-telefono-amico'],
  ['SE', 'sv-SE', '112', 'se-mind'],
  ['NO', 'nb-NO', '113', 'no-mental-helse'],
  ['DK', 'da-DK', '112', 'dk-livslinien'],
  ['FI', 'fi-FI', '112', 'fi-mieli'],
  ['PL', 'pl-PL', '112', 'pl-centrum-wsparcia'],
  ['IL', 'he-IL', '101', 'il-eran'],
  ['IN', 'hi-IN', '112', 'in-tele-manas'],
  ['JP', 'ja-JP', '119', 'jp-yorisoi'],
  ['JP', 'en-JP', '119', 'jp-tell'],
  ['KR', 'ko-KR', '119', 'kr-109'],
  ['SG', 'en-SG', '995', 'sg-sos'],
  ['HK', 'zh-HK', '999', 'hk-18111'],
  ['PH', 'fil-PH', '911', 'ph-ncmh'],
  ['ID', 'id-ID', '112', 'id-sejiwa'],
  ['BD', 'bn-BD', '999', 'bd-kaan-pete-roi'],
  ['LK', 'si-LK', '1990', 'lk-1926'],
  ['ZA', 'en-ZA', '112', 'za-sadag'],
  ['NG', 'en-NG', '112', 'ng-surpin'],
  ['KE', 'en-KE', '999', 'ke-befrienders'],
  ['BR', 'pt-BR', '192', 'br-cvv'],
  ['AR', 'es-AR', '911', 'ar-ministerio-salud'],
  ['CL', 'es-CL', '131', 'cl-4141'],
  ['MX', 'es-MX', '911', 'mx-linea-de-la-vida'],
];

test.each(firstLines)('in %s, reading %s: %s, then %s', (country, language, dial, id) => {
  const help = ask(country, language);
  expect(help.emergency?.numbers[0]?.dial).toBe(dial);
  expect(help.first?.row.id).toBe(id);
});

test.each(firstLines)(
  'a device of %s set to %s comes to the same by its locale alone',
  (country, locale, dial, id) => {
    // As systems write it, and behind a language without a country.
    for (const said of [[locale], [locale.replace('-', '_')], [locale.slice(0, 2), locale]]) {
      const found = countryFromLocale(said);
      expect(found).toBe(country);
      const help = helpFor({ country: found, languages: said, at: monday });
      expect([help.emergency?.numbers[0]?.dial, help.first?.row.id]).toEqual([dial, id]);
    }
  },
);

test('no country of the data is left out of the table', () => {
  expect([...new Set(firstLines.map(([country]) => country))].sort()).toEqual([...coveredCountries()]);
});

test.each([
  ['GB', 'gb-childline'],
  ['DE', 'de-nummer-gegen-kummer'],
  ['JP', 'jp-childline'],
  ['US', 'us-988'], // no line for the young is known there
])('young people in %s see %s first', (country, id) => {
  const help = ask(country, 'en', { audience: 'young' });
  expect(help.first?.row.id).toBe(id);
});

test('adults never see a line for the young first, yet it is there', () => {
  for (const country of coveredCountries()) {
    expect(ask(country, 'en').first?.row.audience).toBe('everyone');
  }
  expect(ask('GB', 'en').others.map(({ row: { id } }) => id)).toEqual(['gb-shout', 'gb-childline']);
});

test('no grade D anywhere, whoever asks from wherever', () => {
  const doubtful = new Set(directory.rows.filter(({ grade }) => grade === 'D').map(({ id }) => id));
  expect(doubtful.size).toBe(17);
  for (const country of new Set(directory.rows.map((r) => r.country))) {
    for (const audience of ['everyone', 'young'] as const) {
      const { first, others } = ask(country, 'en', { audience });
      const shown = [...(first === undefined ? [] : [first]), ...others];
      expect(shown.filter(({ row: { id } }) => doubtful.has(id))).toEqual([]);
      expect(shown.every(({ row: shownRow }) => shownRow.country === country)).toBe(true);
    }
  }
});

test.each([[undefined], ['PT'], ['ZZ'], ['']])('%s: no line and no number of another country', (country) => {
  const help = ask(country, 'en');
  expect(help).toEqual({
    emergency: undefined,
    first: undefined,
    others: [],
    international: { name: 'Find A Helpline', url: 'https://findahelpline.com' },
  });
  expect(helpSections(help).map(({ kind }) => kind)).toEqual(['international']);
});

test('the number that is staffed now is offered first', () => {
  const contacts = (at: string) =>
    ask('ZA', 'en', { at: new Date(at) }).first?.contacts.map(({ contact, state }) => [
      'dial' in contact ? contact.dial : contact.method,
      state,
    ]);
  expect(contacts('2026-11-23T10:00:00Z')).toEqual([
    ['0800 567 567', 'open'],
    ['0800 21 22 23', 'open'],
    ['087 163 2030', 'open'],
    ['31393', 'unknown'],
    ['0800 12 13 14', 'closed'],
  ]);
  expect(contacts('2026-11-23T22:00:00Z')).toEqual([
    ['0800 567 567', 'open'],
    ['0800 12 13 14', 'open'],
    ['31393', 'unknown'],
    ['0800 21 22 23', 'closed'],
    ['087 163 2030', 'closed'],
  ]);
});

test('a line in one’s own language comes before one that is merely known to be open', () => {
  const fi = (language: string) => ask('FI', language).first?.contacts[0]?.contact;
  expect(fi('sv-FI')).toMatchObject({ dial: '09 2525 0112' });
  expect(fi('uk')).toMatchObject({ dial: '09 2525 0114' });
});

test('a closed line gives way to an open one', () => {
  const day: Directory = {
    emergencies: [emergency],
    rows: [
      {
        ...row,
        id: 'de-day',
        contacts: [{ ...callContact, hours: { tz: 'UTC', spec: 'Mo-Su 08:00-12:00', is247: false } }],
      },
      {
        ...row,
        id: 'de-night',
        contacts: [{ ...callContact, hours: { tz: 'UTC', spec: 'Mo-Su 20:00-08:00', is247: false } }],
      },
    ],
  };
  const first = (at: string) => helpFor({ country: 'DE', languages: ['de'], at: new Date(at) }, day).first;
  expect(first('2026-11-23T10:00:00Z')?.row.id).toBe('de-day');
  expect(first('2026-11-23T22:00:00Z')?.row.id).toBe('de-night');
  // Both closed: the preferred one, and it says so.
  expect(first('2026-11-23T15:00:00Z')).toMatchObject({ row: { id: 'de-day' }, state: 'closed' });
});

test('unknown hours are never shown as open', () => {
  expect(ask('DK', 'da').first?.state).toBe('unknown');
  expect(ask('NG', 'en', { at: new Date(Number.NaN) }).first?.state).toBe('unknown');
});

test('what was checked long ago is still shown, and says so', () => {
  expect(ask('GB', 'en').first?.stale).toBe(false);
  expect(ask('GB', 'en', { at: new Date('2028-01-01T00:00:00Z') }).first?.stale).toBe(true);
});

test('a line of one region is never first while a national one is there', () => {
  expect(ask('AR', 'es').others.at(-1)?.row.id).toBe('ar-cas-135');
});

test('the order is emergency, one line, if nobody answers, others, international', () => {
  const sections = helpSections(ask('GB', 'en-GB'));
  expect(sections.map(({ kind }) => kind)).toEqual([...HELP_ORDER]);
  const steps = sections.find((section) => section.kind === 'if-nobody-answers')?.steps;
  expect(steps?.map(({ key, line }) => [key, line?.row.id])).toEqual([
    ['care.ifNobody.again', undefined],
    ['care.ifNobody.row', 'gb-shout'],
    ['care.ifNobody.emergency', undefined],
  ]);
});

test('every line has a step if nobody answers that leads somewhere', () => {
  for (const country of coveredCountries()) {
    const steps = helpSections(ask(country, 'en')).find(
      (section) => section.kind === 'if-nobody-answers',
    )?.steps;
    expect(steps?.length).toBeGreaterThanOrEqual(2);
  }
});

test.each([
  ['en-GB', 'GB'],
  ['pt-BR', 'BR'],
  ['zh-Hant-HK', 'HK'],
  ['de_AT', 'AT'],
  ['de_CH.UTF-8', 'CH'],
  ['en', undefined], // English is not a country
  ['es-419', undefined], // nor is Latin America
  ['', undefined],
  ['not a locale', undefined],
])('the locale %j names %s', (locale, country) => {
  expect(countryFromLocale(locale)).toBe(country);
});

test('the first locale that names a country decides', () => {
  expect(countryFromLocale(['en', 'de-AT', 'de-DE'])).toBe('AT');
  expect(countryFromLocale([])).toBeUndefined();
});
