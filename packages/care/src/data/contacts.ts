// Short ways to write a contact in the data files, so that a row there reads like a card. The link is made from the
// digits shown, so that the two can't part. Not its concern: rows of an operator's file, which carry both.

import { CALLING_CODES } from '../calling-codes.ts';
import type {
  CallContact,
  ChatContact,
  EmergencyNumber,
  EmergencyService,
  Hours,
  TextContact,
  WhatsappContact,
} from '../row.ts';

interface Extras {
  readonly hours?: Hours;
  readonly cost?: 'free' | 'charged';
}

const digits = (dial: string): string => dial.replace(/[^\d+*#]/g, '');

export function call(
  dial: string,
  languages: string,
  extras: Extras & { readonly extension?: string } = {},
): CallContact {
  return { method: 'call', dial, tel: `tel:${digits(dial)}`, languages: languages.split(' '), ...extras };
}

export function text(
  dial: string,
  languages: string,
  extras: Extras & { readonly keyword?: string } = {},
): TextContact {
  const body = extras.keyword === undefined ? '' : `?body=${extras.keyword}`;
  return {
    method: 'text',
    dial,
    tel: `sms:${digits(dial)}${body}`,
    languages: languages.split(' '),
    ...extras,
  };
}

export function whatsapp(
  dial: string,
  country: string,
  languages: string,
  extras: Extras = {},
): WhatsappContact {
  const tel = `https://wa.me/${CALLING_CODES[country] ?? ''}${digits(dial).replace(/^0/, '')}`;
  return { method: 'whatsapp', dial, tel, languages: languages.split(' '), ...extras };
}

export function chat(url: string, languages: string, extras: Extras = {}): ChatContact {
  return { method: 'chat', url, languages: languages.split(' '), ...extras };
}

export function always(tz: string): { readonly hours: Hours } {
  return { hours: { tz, spec: '24/7', is247: true } };
}

export function at(tz: string, spec: string): { readonly hours: Hours } {
  return { hours: { tz, spec, is247: false } };
}

export function emergency(service: EmergencyService, dial: string, from?: 'mobile'): EmergencyNumber {
  const number = { service, dial, tel: `tel:${digits(dial)}` };
  return from === undefined ? number : { ...number, from };
}
