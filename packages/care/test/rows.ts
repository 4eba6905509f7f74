// Sound rows to break one thing at a time in. Not data: nothing here is a real line.

import type { CallContact, ChatContact, Emergency, Row, TextContact, WhatsappContact } from '../src/index.ts';

export const today = '2026-11-22';

export const callContact: CallContact = {
  method: 'call',
  dial: '0800 555 0199',
  tel: 'tel:08005550199',
  hours: { tz: 'Europe/Berlin', spec: '24/7', is247: true },
  languages: ['de'],
};

export const textContact: TextContact = {
  method: 'text',
  dial: '55501',
  tel: 'sms:55501?body=HELLO',
  keyword: 'HELLO',
  languages: ['de'],
};

export const whatsappContact: WhatsappContact = {
  method: 'whatsapp',
  dial: '0151 5550199',
  tel: 'https://wa.me/491515550199',
  languages: ['de'],
};

export const chatContact: ChatContact = {
  method: 'chat',
  url: 'https://example.org/chat',
  languages: ['de'],
};

export const row: Row = {
  id: 'de-example',
  country: 'DE',
  name: 'Example line',
  localName: 'Beispiel',
  audience: 'everyone',
  topics: ['any'],
  contacts: [callContact],
  ifNobodyAnswers: ['again', 'emergency'],
  source: 'example.org, seen by a person',
  checkedOn: '2026-11-01',
  grade: 'A',
};

export const emergency: Emergency = {
  country: 'DE',
  numbers: [{ service: 'any', dial: '112', tel: 'tel:112' }],
  source: 'example.org',
  checkedOn: '2026-11-01',
  grade: 'A',
};
