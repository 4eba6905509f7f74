// Africa: helplines and emergency numbers. Data only; how rows are judged stands in ../rules.ts, what each field means
// in ../row.ts. A field that no good source backs is left out rather than guessed.

import type { Emergency, Row } from '../row.ts';
import { always, at, call, emergency, text, whatsapp } from './contacts.ts';
import { GATHERED } from './sources.ts';

const johannesburg = 'Africa/Johannesburg';

export const africaRows: readonly Row[] = [
  {
    id: 'za-sadag',
    country: 'ZA',
    name: 'SADAG',
    localName: 'South African Depression and Anxiety Group',
    audience: 'everyone',
    topics: ['suicide', 'crisis', 'mental-health'],
    contacts: [
      call('0800 567 567', 'en', always(johannesburg)),
      call('0800 21 22 23', 'en', at(johannesburg, 'Mo-Su 08:00-20:00')),
      call('0800 12 13 14', 'en', at(johannesburg, 'Mo-Su 20:00-08:00')),
      text('31393', 'en'),
      whatsapp('087 163 2030', 'ZA', 'en', at(johannesburg, 'Mo-Su 08:00-17:00')),
    ],
    ifNobodyAnswers: ['other-contact', 'again', 'emergency'],
    source: 'algoafm.co.za; thesouthafrican.com, 2022; backabuddy.co.za, 2025-11',
    checkedOn: GATHERED,
    grade: 'B',
  },
  {
    id: 'za-childline',
    country: 'ZA',
    name: 'Childline South Africa',
    localName: 'Childline South Africa',
    audience: 'young',
    topics: ['abuse', 'any'],
    contacts: [call('116', 'en', { ...always(johannesburg), cost: 'free' })],
    ifNobodyAnswers: ['again', 'row:za-sadag', 'emergency'],
    source: 'vukuzenzele.gov.za (number, free); citizen.co.za, 2024-03-24 (24 hours)',
    checkedOn: GATHERED,
    grade: 'A',
  },
  {
    id: 'ng-surpin',
    country: 'NG',
    name: 'SURPIN',
    localName: 'Suicide Research and Prevention Initiative',
    audience: 'everyone',
    topics: ['suicide', 'crisis'],
    contacts: [call('0800 078 7746', 'en')],
    ifNobodyAnswers: ['again', 'international', 'emergency'],
    source: 'punchng.com',
    checkedOn: GATHERED,
    grade: 'B',
  },
  {
    id: 'ke-befrienders',
    country: 'KE',
    name: 'Befrienders Kenya',
    localName: 'Befrienders Kenya',
    audience: 'everyone',
    topics: ['suicide', 'crisis'],
    contacts: [call('+254 722 178 177', 'en')],
    ifNobodyAnswers: ['again', 'international', 'emergency'],
    source: 'doctorsexplain.net',
    checkedOn: GATHERED,
    grade: 'B',
  },
];

export const africaEmergencies: readonly Emergency[] = [
  {
    country: 'ZA',
    numbers: [
      emergency('any', '112', 'mobile'),
      emergency('ambulance', '10177'),
      emergency('police', '10111'),
    ],
    source: 'statuscheck.co.za, 2026; mybroadband.co.za, 2024-11 (government gazette)',
    checkedOn: GATHERED,
    grade: 'B',
  },
  {
    country: 'NG',
    numbers: [emergency('any', '112')],
    source: 'technologytimes.ng (statement by the regulator NCC); bbc.com/pidgin, 2021-09-22',
    checkedOn: GATHERED,
    grade: 'B',
  },
  {
    country: 'KE',
    numbers: [emergency('any', '999'), emergency('any', '112'), emergency('any', '911')],
    source: 'the-star.co.ke, 2022-08-07 (National Police Service)',
    checkedOn: GATHERED,
    grade: 'B',
  },
];
