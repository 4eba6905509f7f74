// What someone chose for this device: language, looks, country, when to lock. Kept in localStorage; nothing in here says
// whom they talk with. Not its concern: keys and history, which the worker holds encrypted.

import { signal } from '@preact/signals';
import { LOCALES, type Locale } from '../i18n/locales.ts';
import { SETTINGS_KEY, storedSettings } from './stored.ts';

export interface Preferences {
  readonly theme: 'auto' | 'light' | 'dark';
  readonly contrast: 'auto' | 'more';
  readonly motion: 'auto' | 'less';
  readonly language?: Locale;
  /** ISO 3166-1 alpha-2, for Help. */
  readonly country?: string;
  /** 0: never. */
  readonly lockAfterMinutes: number;
  readonly notify: boolean;
  /** A store was made here: if it is gone later, the browser threw it away. */
  readonly begun: boolean;
  /** The advice to keep a sealed copy was read. */
  readonly copyAdvised: boolean;
  /** Which persona is shown. */
  readonly persona?: string;
}

function oneOf<T>(value: unknown, allowed: readonly T[], fallback: T): T {
  return allowed.includes(value as T) ? (value as T) : fallback;
}

function read(): Preferences {
  const stored: Partial<Record<keyof Preferences, unknown>> = storedSettings();
  const language = LOCALES.find((locale) => locale === stored.language);
  const country = typeof stored.country === 'string' ? stored.country : undefined;
  const persona = typeof stored.persona === 'string' ? stored.persona : undefined;
  return {
    theme: oneOf(stored.theme, ['auto', 'light', 'dark'], 'auto'),
    contrast: oneOf(stored.contrast, ['auto', 'more'], 'auto'),
    motion: oneOf(stored.motion, ['auto', 'less'], 'auto'),
    lockAfterMinutes: oneOf(stored.lockAfterMinutes, [0, 1, 5, 15, 60], 5),
    notify: stored.notify === true,
    begun: stored.begun === true,
    copyAdvised: stored.copyAdvised === true,
    ...(language === undefined ? {} : { language }),
    ...(country === undefined ? {} : { country }),
    ...(persona === undefined ? {} : { persona }),
  };
}

export const preferences = signal<Preferences>(read());

export function setPreferences(change: Partial<Preferences>): void {
  preferences.value = { ...preferences.value, ...change };
  try {
    localStorage.setItem(SETTINGS_KEY, JSON.stringify(preferences.value));
  } catch {
    // A browser that keeps nothing still shows what was chosen until it's closed.
  }
}
