// The languages there are, and which one a device asks for. Not its concern: loading them (translate.ts).

export const LOCALES = ['en', 'es', 'fr', 'de', 'pt', 'ar', 'hi', 'zh-Hans'] as const;

export type Locale = (typeof LOCALES)[number];

/** Each in its own words: whoever looks for their language must be able to read it. */
export const LOCALE_NAMES: Readonly<Record<Locale, string>> = {
  en: 'English',
  es: 'Español',
  fr: 'Français',
  de: 'Deutsch',
  pt: 'Português',
  ar: 'العربية',
  hi: 'हिन्दी',
  'zh-Hans': '简体中文',
};

/**
 * The first language of the device that we have.
 * @param wanted - BCP 47 tags, the preferred first.
 */
export function localeFor(wanted: readonly string[]): Locale {
  for (const tag of wanted) {
    const language = tag.toLowerCase().split(/[-_]/)[0];
    const found = LOCALES.find((locale) => locale.split('-')[0] === language);
    if (found !== undefined) return found;
  }
  return 'en';
}

export function directionOf(locale: Locale): 'ltr' | 'rtl' {
  return locale === 'ar' ? 'rtl' : 'ltr';
}
