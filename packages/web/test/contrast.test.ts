// Colours: every text colour on every ground that it is used on, in every theme, by the WCAG formula.
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const css = readFileSync(new URL('../src/styles/tokens.css', import.meta.url), 'utf8');

function tokensOf(selector: string): Record<string, string> {
  const start = css.indexOf(`${selector} {`);
  expect(start).toBeGreaterThanOrEqual(0);
  const body = css.slice(start, css.indexOf('}', start));
  const found = [...body.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)];
  return Object.fromEntries(found.map(([, name, hex]) => [name ?? '', hex ?? '']));
}

const light = tokensOf(':root');
const dark = { ...light, ...tokensOf(":root[data-theme='dark']") };
const themes = {
  light,
  dark,
  'light, more contrast': { ...light, ...tokensOf(":root[data-contrast='more']") },
  'dark, more contrast': { ...dark, ...tokensOf(":root[data-contrast='more'][data-theme='dark']") },
};

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.03928 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

test.each(Object.entries(themes))('%s', (name, tokens) => {
  const least = name.includes('more') ? 7 : 4.5;
  const grounds = ['paper', 'surface', 'own'];
  const weak = ['ink', 'muted', 'accent', 'help', 'danger'].flatMap((text) =>
    grounds
      .filter((ground) => contrast(tokens[text] ?? '', tokens[ground] ?? '') < least)
      .map((ground) => `${text} on ${ground}`),
  );
  expect(weak).toEqual([]);
  expect(contrast(tokens['on-accent'] ?? '', tokens['accent'] ?? '')).toBeGreaterThanOrEqual(least);
  for (const ground of grounds) {
    expect(contrast(tokens['focus'] ?? '', tokens[ground] ?? '')).toBeGreaterThanOrEqual(3);
  }
});
