// In which country's manner dates, times and numbers are written: that of the device where it asks for the language that
// is shown (en-GB: 23 November), else the language's own. Not its concern: the dates (dates.ts).

import { locale } from './translate.ts';

/**
 * @param shown - The language of the words.
 * @param wanted - BCP 47 tags of the device, the preferred first.
 */
export function dateLocale(shown: string, wanted: readonly string[]): string {
  const own = wanted.find((tag) => tag.split('-')[0]?.toLowerCase() === shown.split('-')[0]);
  if (own === undefined) return shown;
  try {
    // The digits of the other words: two kinds of digits side by side are hard to read.
    return new Intl.Locale(own, { numberingSystem: 'latn' }).toString();
  } catch {
    return shown;
  }
}

export function localeOfDates(): string {
  return dateLocale(locale(), navigator.languages);
}
