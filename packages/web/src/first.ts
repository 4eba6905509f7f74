// The page's very first script, alone in its file: asks for the words of the language that the page will be in, so that
// they come down together with the code that shows them, then for the worker's files, into the browser's cache only. Not
// from the HTML: few servers send in the order that a browser prefers, and what draws the first screen must not wait
// behind what is needed next. Not its concern: showing words (i18n/translate.ts), starting the worker.
import { LOCALES, localeFor } from './i18n/locales.ts';
import { storedSettings } from './state/stored.ts';

function ask(rel: string, href: string, as?: string): void {
  const link = document.createElement('link');
  link.rel = rel;
  link.crossOrigin = 'anonymous';
  if (as !== undefined) {
    link.as = as;
    link.fetchPriority = 'low';
  }
  link.href = href;
  document.head.append(link);
}

const { language } = storedSettings();
const chosen = LOCALES.find((locale) => locale === language) ?? localeFor(navigator.languages);
ask('modulepreload', SOTTO_CATALOGUES[chosen] ?? '');
for (const file of SOTTO_AHEAD) ask('preload', file, file.endsWith('.wasm') ? 'fetch' : 'script');
