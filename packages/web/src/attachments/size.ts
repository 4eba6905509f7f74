// How large a file is, in the words of the page's language.
import { locale } from '../i18n/translate.ts';

export function sizeWords(bytes: number): string {
  const large = bytes >= 1_000_000;
  const format = new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit: large ? 'megabyte' : 'kilobyte',
    maximumFractionDigits: large ? 1 : 0,
  });
  return format.format(Math.max(1, bytes / (large ? 1_000_000 : 1_000)));
}
