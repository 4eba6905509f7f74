// The personal-detail guard, on what people write: what it must see, in several languages and scripts, and what it must
// leave alone, the helplines' own numbers first of all.

import { expect, test } from '@jest/globals';
import { directory, findPersonalDetails, publicContacts } from '../src/index.ts';

const found = (text: string) =>
  findPersonalDetails(text).map(({ kind, start, end }) => `${kind}: ${text.slice(start, end)}`);

test.each([
  // Phone numbers, as written around the world.
  ['call me on 07700 900123 ok?', 'phone: 07700 900123'],
  ['(415) 555-2671', 'phone: (415) 555-2671'],
  ['my number is +1 (415) 555-2671.', 'phone: +1 (415) 555-2671'],
  ['+(44) 7700 900123', 'phone: +(44) 7700 900123'],
  ['555-2671', 'phone: 555-2671'],
  ['0171-1234567', 'phone: 0171-1234567'],
  ['ruf an: 030 / 12 34 567', 'phone: 030 / 12 34 567'],
  ['appelle-moi au 06 12 34 56 78', 'phone: 06 12 34 56 78'],
  ['mi móvil: 612 345 678', 'phone: 612 345 678'],
  ['ring 91 23 45 67', 'phone: 91 23 45 67'],
  ['मेरा नंबर ९८७६५ ४३२१० है', 'phone: ९८७६५ ४३२१०'],
  ['رقمي ٠١٠١٢٣٤٥٦٧٨', 'phone: ٠١٠١٢٣٤٥٦٧٨'],
  ['شماره ۰۹۱۲۳۴۵۶۷۸۹', 'phone: ۰۹۱۲۳۴۵۶۷۸۹'],
  ['电话13812345678', 'phone: 13812345678'],
  ['電話は０９０－１２３４－５６７８です', 'phone: ０９０－１２３４－５６７８'],
  ['𝟎𝟕𝟕𝟎𝟎𝟗𝟎𝟎𝟏𝟐𝟑', 'phone: 𝟎𝟕𝟕𝟎𝟎𝟗𝟎𝟎𝟏𝟐𝟑'],
  ['0\u200b7700\u200b900123', 'phone: 0\u200b7700\u200b900123'],
  ['at 14:30 07700 900123', 'phone: 07700 900123'],
  ['07700 900123 14:30', 'phone: 07700 900123'],
  // E-mail.
  ['write to jo.bloggs+x@mail.example.org.', 'email: jo.bloggs+x@mail.example.org'],
  ['jürgen@müller.de', 'email: jürgen@müller.de'],
  ['ｊｏ＠ｅｘａｍｐｌｅ．ｃｏｍ', 'email: ｊｏ＠ｅｘａｍｐｌｅ．ｃｏｍ'],
  // Links.
  ['see https://example.org/a?b=c#d, ok', 'link: https://example.org/a?b=c#d'],
  ['(www.example.co.uk)', 'link: www.example.co.uk'],
  ['find me on facebook.com/jo.bloggs', 'link: facebook.com/jo.bloggs'],
  ['t.me/jobloggs', 'link: t.me/jobloggs'],
  ['https://wa.me/447700900123', 'link: https://wa.me/447700900123'],
  ['我的网站https://example.cn/我', 'link: https://example.cn/我'],
  ['signal:sgnl://signal.me/#p/x', 'link: sgnl://signal.me/#p/x'],
  // Handles.
  ['I am @jo_bloggs there', 'handle: @jo_bloggs'],
  ['discord jo#1234', 'handle: jo#1234'],
  ['my insta is jo_bloggs', 'handle: jo_bloggs'],
  ['snap: jobloggs', 'handle: jobloggs'],
  ['Telegram: @jobloggs', 'handle: @jobloggs'],
  ['微信：jobloggs88', 'handle: jobloggs88'],
  ['mein Instagram ist lilo22', 'handle: lilo22'],
  ['signal: jobloggs.12', 'handle: jobloggs.12'],
  ['mi ig es ana.perez', 'handle: ana.perez'],
  // Addresses.
  ['I live at 12 Baker Street', 'address: 12 Baker Street'],
  ['221b baker street', 'address: 221b baker street'],
  ['5 Old Mill Lane', 'address: 5 Old Mill Lane'],
  ['SW1A 1AA', 'address: SW1A 1AA'],
  ['Hauptstraße 5a', 'address: Hauptstraße 5a'],
  ['kerkstraat 12', 'address: kerkstraat 12'],
  ['Marktplatz 3', 'address: Marktplatz 3'],
  ['Kerkstraat 12', 'address: Kerkstraat 12'],
  ['12 rue de la Paix, Paris', 'address: 12 rue de la Paix'],
  ['Calle Mayor 5', 'address: Calle Mayor 5'],
  ['Rua Augusta, 120', 'address: Rua Augusta, 120'],
  ['Via Roma 3', 'address: Via Roma 3'],
  ['أسكن في شارع الملك فهد ١٢', 'address: شارع الملك فهد ١٢'],
  ['我住南京路12号', 'address: 我住南京路12号'],
  ['銀座3丁目4番5号', 'address: 銀座3丁目4番5号'],
])('%s', (text, detail) => {
  expect(found(text)).toEqual([detail]);
});

test('several in one text, in order, never overlapping', () => {
  const text = 'jo@example.org, 07700 900123, @jo_bloggs, https://example.org/0770090012, 12 Baker Street';
  expect(findPersonalDetails(text).map(({ kind }) => kind)).toEqual([
    'email',
    'phone',
    'handle',
    'link',
    'address',
  ]);
});

test.each([
  ['I am 17, she is 19.'],
  ['24/7'],
  ['open 24/7, 365 days'],
  ['on 22/11/2026 or 2026-11-22'],
  ['22.11.2026 14.30'],
  ['2026-11-22 14:30'],
  ['14:30 22.11.2026'],
  ['from 22.11.2026 - 24.11.2026'],
  ['2019-2024 were bad years'],
  ['2019 - 2024'],
  ['born 04 07 1999'],
  ['٢٢/١١/٢٠٢٦'],
  ['I slept 3 hours, 4 hours, 2 hours'],
  ['10-12, 14-16'],
  ['1 2 3 4 5 6 7 8 9'],
  ['5 4 3 2 1 grounding'],
  ['4 7 8 breathing: in 4, hold 7, out 8'],
  ['it cost 1.000.000 or $1500000'],
  ['3.14159265'],
  ['192.168.100.200'],
  ['version 10.15.7'],
  ['room 101, page 300'],
  ['12345'],
  ['see you @ 5pm'],
  ['@ home'],
  ['I use instagram a lot'],
  ['instagram is bad for me'],
  ['snap out of it'],
  ['wait...what'],
  ['I was ok.then it got worse'],
  ['e.g. this, i.e. that'],
  ['end.Then'],
  ['no.it is not'],
  ['50 metres down the road'],
  ['it is 5 minutes drive'],
  ['2 close friends'],
  ['one way or another'],
  ['via email 24'],
  ['my place at 5'],
  ['Ich bin 5 Jahre alt'],
  ['der Weg 3 ist zu'],
  ['J’ai 12 ans'],
  ['a1 2nd'],
  ['On reddit: anxiety helps'],
  ['the line: busy again'],
  ['Postie 7, brigade 5'],
  ['https:// is missing'],
  ['#hope'],
  ['🙂👍🏽'],
  [''],
])('leaves alone: %s', (text) => {
  expect(found(text)).toEqual([]);
});

test('helplines may be passed on: every number and site of the directory, as shown', () => {
  for (const { contacts, grade } of directory.rows) {
    if (grade === 'D') continue;
    for (const contact of contacts) {
      if (contact.method === 'chat') expect(found(`try ${contact.url} now`)).toEqual([]);
      if ('dial' in contact) expect(found(`try ${contact.dial} now`)).toEqual([]);
    }
  }
  for (const { numbers } of directory.emergencies) {
    for (const { dial } of numbers) expect(found(`call ${dial}!`)).toEqual([]);
  }
});

test('helplines may be passed on in other spellings', () => {
  expect(found('0800-1110111')).toEqual([]);
  expect(found('+49 800 1110111')).toEqual([]);
  expect(found('0722 178 177')).toEqual([]);
  expect(found('https://findahelpline.com/countries/gb')).toEqual([]);
  expect(found('www.lifeline.org.au')).toEqual([]);
  expect(found('https://lifeline.org.au.example.org')).toEqual(['link: https://lifeline.org.au.example.org']);
});

test('a doubtful helpline is no helpline', () => {
  expect(found('0311 7786264')).toEqual(['phone: 0311 7786264']);
});

test('an operator’s helplines may be passed on too', () => {
  const [pakistan] = directory.rows.filter(({ id }) => id === 'pk-umang');
  const own = publicContacts({ rows: [{ ...pakistan!, grade: 'B' }], emergencies: [] });
  expect(findPersonalDetails('0311 7786264', own)).toEqual([]);
  expect(findPersonalDetails('0800 567 567', own)).toHaveLength(1);
});
