// Oceania: helplines and emergency numbers. Data only; how rows are judged stands in ../rules.ts, what each field means
// in ../row.ts. A field that no good source backs is left out rather than guessed.

import type { Emergency, Row } from '../row.ts';
import { always, call, chat, emergency, text } from './contacts.ts';
import { GATHERED } from './sources.ts';

const sydney = 'Australia/Sydney';
const auckland = 'Pacific/Auckland';

export const oceaniaRows: readonly Row[] = [
  {
    id: 'au-lifeline',
    country: 'AU',
    name: 'Lifeline',
    localName: 'Lifeline',
    audience: 'everyone',
    topics: ['crisis', 'suicide'],
    contacts: [
      call('13 11 14', 'en', always(sydney)),
      text('0477 13 11 14', 'en', always(sydney)),
      chat('https://www.lifeline.org.au', 'en', always(sydney)),
    ],
    ifNobodyAnswers: ['other-contact', 'again', 'emergency'],
    source: 'lifeinmind.org.au, 2022; thepushupchallenge.com.au, 2024',
    checkedOn: GATHERED,
    grade: 'B',
  },
  {
    id: 'au-kids-helpline',
    country: 'AU',
    name: 'Kids Helpline',
    localName: 'Kids Helpline',
    audience: 'young',
    topics: ['any', 'abuse', 'mental-health'],
    contacts: [call('1800 55 1800', 'en', { ...always(sydney), cost: 'free' })],
    ifNobodyAnswers: ['again', 'row:au-lifeline', 'emergency'],
    source: 'yourtown.com.au (number, 24/7); healthdirect.gov.au',
    checkedOn: GATHERED,
    grade: 'A',
  },
  {
    id: 'nz-1737',
    country: 'NZ',
    name: '1737 Need to talk?',
    localName: '1737 Need to talk?',
    audience: 'everyone',
    topics: ['mental-health', 'crisis', 'any'],
    contacts: [call('1737', 'en', always(auckland)), text('1737', 'en', always(auckland))],
    ifNobodyAnswers: ['other-contact', 'row:nz-suicide-crisis-helpline', 'emergency'],
    source: 'pegasus.health.nz; nzfamilies.org.nz, 2025-12',
    checkedOn: GATHERED,
    grade: 'B',
  },
  {
    id: 'nz-suicide-crisis-helpline',
    country: 'NZ',
    name: 'Suicide Crisis Helpline',
    localName: 'Suicide Crisis Helpline',
    audience: 'everyone',
    topics: ['suicide', 'crisis'],
    contacts: [call('0508 828 865', 'en')],
    ifNobodyAnswers: ['row:nz-1737', 'row:nz-lifeline', 'emergency'],
    source: 'nzfamilies.org.nz, 2025-12',
    checkedOn: GATHERED,
    grade: 'B',
  },
  {
    id: 'nz-lifeline',
    country: 'NZ',
    name: 'Lifeline',
    localName: 'Lifeline',
    audience: 'everyone',
    topics: ['crisis', 'any'],
    contacts: [call('0800 543 354', 'en'), text('4357', 'en', { keyword: 'HELP' })],
    ifNobodyAnswers: ['row:nz-1737', 'other-contact', 'emergency'],
    source: 'nzfamilies.org.nz, 2025-12',
    checkedOn: GATHERED,
    grade: 'B',
  },
  {
    id: 'nz-youthline',
    country: 'NZ',
    name: 'Youthline',
    localName: 'Youthline',
    audience: 'young',
    topics: ['any', 'mental-health'],
    contacts: [
      call('0800 37 66 33', 'en', { ...always(auckland), cost: 'free' }),
      text('234', 'en', { ...always(auckland), cost: 'free' }),
    ],
    ifNobodyAnswers: ['other-contact', 'row:nz-1737', 'emergency'],
    source: 'youthaffairs.govt.nz, 2012 (numbers); radionz.co.nz, 2023-11-08 (24/7)',
    checkedOn: GATHERED,
    grade: 'B',
  },
];

export const oceaniaEmergencies: readonly Emergency[] = [
  {
    country: 'AU',
    numbers: [emergency('any', '000'), emergency('any', '112', 'mobile')],
    source: 'triplezero.gov.au; qld.gov.au; acma.gov.au',
    checkedOn: GATHERED,
    grade: 'A',
  },
  {
    country: 'NZ',
    numbers: [emergency('any', '111')],
    source: 'police.govt.nz; govt.nz (names life-threatening mental health situations)',
    checkedOn: GATHERED,
    grade: 'A',
  },
];
