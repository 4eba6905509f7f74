// The shipped helplines keep every rule as of today, and the whole file of facts is there: a stale or malformed row
// fails the build.

import { expect, test } from '@jest/globals';
import { coveredCountries, directory, validateEmergencies, validateRows } from '../src/index.ts';

const today = new Date().toISOString().slice(0, 10);

test('no row breaks a rule today', () => {
  expect(validateRows(directory.rows, today)).toEqual([]);
});

test('no emergency number breaks a rule today', () => {
  expect(validateEmergencies(directory.emergencies, today)).toEqual([]);
});

test('the 36 countries with a line of grade A to C are covered, no other', () => {
  expect(coveredCountries()).toEqual(
    'AR AT AU BD BE BR CA CH CL DE DK ES FI FR GB HK ID IE IL IN IT JP KE KR LK MX NG NL NO NZ PH PL SE SG US ZA'.split(
      ' ',
    ),
  );
});

// Copied from the sources by hand, apart from the data files: a digit mistyped in one of the two places is seen.
const digits: Readonly<Record<string, readonly string[]>> = {
  'us-988': ['988', '988'],
  'us-crisis-text-line': ['741741'],
  'ca-988': ['988', '988'],
  'ca-kids-help-phone': ['1-800-668-6868', '686868'],
  'gb-samaritans': ['116 123'],
  'gb-shout': ['85258'],
  'gb-childline': ['0800 1111'],
  'ie-samaritans': ['116 123'],
  'ie-childline': ['1800 66 66 66'],
  'au-lifeline': ['13 11 14', '0477 13 11 14'],
  'au-kids-helpline': ['1800 55 1800'],
  'nz-1737': ['1737', '1737'],
  'nz-suicide-crisis-helpline': ['0508 828 865'],
  'nz-lifeline': ['0800 543 354', '4357'],
  'nz-youthline': ['0800 37 66 33', '234'],
  'de-telefonseelsorge': ['0800 111 0 111', '0800 111 0 222', '116 123'],
  'de-nummer-gegen-kummer': ['116 111'],
  'at-telefonseelsorge': ['142'],
  'at-rat-auf-draht': ['147'],
  'ch-143': ['143'],
  'ch-147': ['147'],
  'fr-3114': ['3114'],
  'fr-sos-amitie': ['09 72 39 40 50'],
  'fr-119': ['119'],
  'be-cps': ['0800 32 123'],
  'be-zelfmoordlijn': ['1813'],
  'be-103': ['103'],
  'nl-113': ['113', '0800-0113'],
  'nl-kindertelefoon': ['0800-0432'],
  'es-024': ['024'],
  'es-esperanza': ['717 003 717'],
  'es-anar': ['900 20 20 10'],
  'it-telefono-amico': ['02 2327 2327'],
  'it-telefono-azzurro': ['1 96 96'],
  'se-mind': ['90101'],
  'se-bris': ['116 111'],
  'no-mental-helse': ['116 123'],
  'no-kirkens-sos': ['22 40 00 40'],
  'no-alarmtelefonen': ['116 111'],
  'dk-livslinien': ['70 201 201'],
  'fi-mieli': ['09 2525 0111', '09 2525 0112', '09 2525 0116', '09 2525 0114', '09 2525 0115'],
  'pl-centrum-wsparcia': ['800 70 2222'],
  'pl-116123': ['116 123'],
  'pl-116111': ['116 111'],
  'il-eran': ['1201'],
  'in-tele-manas': ['14416', '1800-89-14416'],
  'in-icall': ['9152987821'],
  'in-childline': ['1098'],
  'jp-yorisoi': ['0120-279-338'],
  'jp-inochi-no-denwa': ['0120-783-556'],
  'jp-tell': ['0800-300-8355'],
  'jp-childline': ['0120-99-7777'],
  'kr-109': ['109'],
  'sg-sos': ['1767', '9151 1767'],
  'sg-mindline': ['1771', '6669 1771'],
  'hk-18111': ['18111'],
  'hk-samaritan-befrienders': ['2389 2222'],
  'hk-samaritans': ['2896 0000'],
  'ph-ncmh': ['1553', '0917-899-8727'],
  'id-sejiwa': ['119'],
  'bd-kaan-pete-roi': ['09612-119911'],
  'lk-1926': ['1926'],
  'lk-sumithrayo': ['+94 11 2696666'],
  'za-sadag': ['0800 567 567', '0800 21 22 23', '0800 12 13 14', '31393', '087 163 2030'],
  'za-childline': ['116'],
  'ng-surpin': ['0800 078 7746'],
  'ke-befrienders': ['+254 722 178 177'],
  'br-cvv': ['188'],
  'ar-ministerio-salud': ['0800-999-0091'],
  'ar-cas': ['(011) 5275-1135'],
  'ar-cas-135': ['135'],
  'cl-4141': ['*4141'],
  'mx-linea-de-la-vida': ['800 911 2000'],
  'mx-saptel': ['55 5259 8121'],
};

test('each line that is shown has exactly these digits', () => {
  const shown = directory.rows.filter(({ grade }) => grade !== 'D');
  const dialled = shown.map(({ id, contacts }) => [
    id,
    contacts.flatMap((contact) => ('dial' in contact ? [contact.dial] : [])),
  ]);
  expect(Object.fromEntries(dialled)).toEqual(digits);
});

test('each country has exactly these emergency numbers, the first one first', () => {
  const numbers = directory.emergencies.map(
    (e) => `${e.country} ${e.numbers.map(({ dial }) => dial).join(' ')}`,
  );
  expect(numbers.sort()).toEqual([
    'AR 911 107',
    'AT 112',
    'AU 000 112',
    'BD 999',
    'BE 112',
    'BR 192 190',
    'CA 911',
    'CH 112 144',
    'CL 131 133',
    'DE 112',
    'DK 112',
    'ES 112',
    'FI 112',
    'FR 112 15',
    'GB 999 112',
    'HK 999',
    'ID 112 119',
    'IE 112',
    'IL 101 100',
    'IN 112',
    'IT 112',
    'JP 119 110',
    'KE 999 112 911',
    'KR 119 112',
    'LK 1990 119',
    'MX 911',
    'NG 112',
    'NL 112',
    'NO 113 112',
    'NZ 111',
    'PH 911',
    'PL 112',
    'SE 112',
    'SG 995',
    'US 911',
    'ZA 112 10177 10111',
  ]);
});

test('hours in doubt are unknown, not 24/7', () => {
  const hours = (id: string) =>
    directory.rows.find((row) => row.id === id)?.contacts.map((c) => c.hours?.spec);
  expect(hours('dk-livslinien')).toEqual([undefined]);
  expect(hours('jp-tell')).toEqual([undefined]);
  expect(hours('fi-mieli')).toEqual([undefined, undefined, 'Fr 09:00-13:00', undefined, undefined]);
  expect(hours('pl-116123')).toEqual([undefined]);
  expect(hours('be-zelfmoordlijn')).toEqual(['24/7', undefined]);
});
