// From a device's locale to a country and to languages: on the device, from what the tag itself says. A language alone
// never becomes a country: whoever reads English isn't therefore in the United States.

/**
 * The country that a locale names.
 * @param locales - One BCP 47 tag or several in order of preference, such as `navigator.languages`.
 * @returns the first country named (`GB` for `en-GB`), undefined where no tag names one.
 */
export function countryFromLocale(locales: string | readonly string[]): string | undefined {
  for (const tag of typeof locales === 'string' ? [locales] : locales) {
    const region = readLocale(tag)?.region;
    if (region !== undefined && /^[A-Z]{2}$/.test(region)) return region;
  }
  return undefined;
}

/** Languages that readers of one also read, under the codes that rows use. */
const SAME: Readonly<Partial<Record<string, string>>> = { nb: 'no', nn: 'no', tl: 'fil', iw: 'he', in: 'id' };

/** The primary language of a tag, as rows name it; undefined where it is no tag. */
export function primaryLanguage(tag: string): string | undefined {
  const language = readLocale(tag)?.language;
  return language === undefined ? undefined : (SAME[language] ?? language);
}

function readLocale(tag: string): Intl.Locale | undefined {
  try {
    return new Intl.Locale(tag.replaceAll('_', '-').replace(/\..*$/, ''));
  } catch {
    return undefined;
  }
}
