// Pins what the package exports: a name that goes or comes is a decision, seen here.

import { expect, test } from '@jest/globals';
import * as care from '../src/index.ts';

test('names', () => {
  expect(Object.keys(care).sort()).toEqual([
    'CARE_MESSAGE_KEYS',
    'CareError',
    'CareErrors',
    'HELP_ORDER',
    'INTERNATIONAL',
    'PACK_FORMAT',
    'RULES',
    'applyPack',
    'breathing',
    'countryFromLocale',
    'coveredCountries',
    'directory',
    'exerciseMs',
    'findPersonalDetails',
    'helpFor',
    'helpSections',
    'isStale',
    'openPack',
    'openState',
    'parseHours',
    'parsePack',
    'phaseAt',
    'publicContacts',
    'reducedMotion',
    'scanPersonalDetails',
    'stepsOf',
    'validateEmergencies',
    'validateRows',
  ]);
});

test('constants that others write down', () => {
  expect(care.PACK_FORMAT).toBe('sotto-helplines/1');
  expect(care.HELP_ORDER).toEqual(['emergency', 'one-line', 'if-nobody-answers', 'others', 'international']);
  expect(care.INTERNATIONAL).toEqual({ name: 'Find A Helpline', url: 'https://findahelpline.com' });
  expect(new Set(care.CARE_MESSAGE_KEYS).size).toBe(care.CARE_MESSAGE_KEYS.length);
});

test('errors carry their code and their fixed sentence', () => {
  const error = new care.CareError('CARE_PACK_RULES', 'rows[0].source');
  expect(error).toMatchObject({
    name: 'CareError',
    code: 'CARE_PACK_RULES',
    retry: 'never',
    place: 'rows[0].source',
  });
  expect(error.message).toBe(`${care.CareErrors.CARE_PACK_RULES} (rows[0].source)`);
});
