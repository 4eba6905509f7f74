// Words: loads one language's compiled catalogue and gives its messages by key. Components that call `t` draw anew when
// the language changes. Not its concern: dates (dates.ts), which language (locales.ts, state/preferences.ts).

import { signal } from '@preact/signals';
import type { messages as english } from './catalogues/en.ts';
import type { Locale } from './locales.ts';

export type MessageKey = keyof typeof english;
export type MessageValues = Readonly<Record<string, string | number>>;
/** A catalogue as translators write it: TypeScript sees to it that none lacks a key. */
export type Messages = Readonly<Record<MessageKey, string>>;

type Compiled = Readonly<Record<MessageKey, (values: MessageValues) => string>>;

const loaders: Readonly<Record<Locale, () => Promise<{ readonly messages: unknown }>>> = {
  en: () => import('./catalogues/en.ts'),
  es: () => import('./catalogues/es.ts'),
  fr: () => import('./catalogues/fr.ts'),
  de: () => import('./catalogues/de.ts'),
  pt: () => import('./catalogues/pt.ts'),
  ar: () => import('./catalogues/ar.ts'),
  hi: () => import('./catalogues/hi.ts'),
  'zh-Hans': () => import('./catalogues/zh-Hans.ts'),
};

const current = signal<{ readonly locale: Locale; readonly compiled: Compiled } | undefined>(undefined);

/** Loads a language and shows everything in it. Without network the earlier one stays. */
export async function loadLocale(locale: Locale): Promise<void> {
  const { messages } = await loaders[locale]();
  current.value = { locale, compiled: messages as Compiled };
}

export function locale(): Locale {
  return current.value?.locale ?? 'en';
}

/** @returns the message of this key in the current language, with its values filled in. */
export function t(key: MessageKey, values: MessageValues = {}): string {
  return current.value?.compiled[key](values) ?? '';
}
