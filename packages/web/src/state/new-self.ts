// A name and a picture for someone who has just arrived: made up, so that nobody has to think of one, and so that it
// says nothing about them. Names are words of their language; they needn't be unique.

import { t } from '../i18n/translate.ts';

export interface NewSelf {
  readonly name: string;
  readonly pictureSeed: Uint8Array;
}

function randomBelow(limit: number): number {
  // 32 random bits for a list of dozens: the bias is far below anything that could matter for a name.
  return crypto.getRandomValues(new Uint32Array(1))[0]! % limit;
}

/** @param not - Names that are taken, or shown now, which another tap should change. */
export function newSelf(...not: readonly string[]): NewSelf {
  const names = t('names')
    .split('|')
    .filter((name) => !not.includes(name));
  return {
    name: names[randomBelow(names.length)] ?? '',
    pictureSeed: crypto.getRandomValues(new Uint8Array(32)),
  };
}
