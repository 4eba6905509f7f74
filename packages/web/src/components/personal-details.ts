// The guard that looks at one's own words before they go to someone unknown; fetched when it's first needed.

import type { PersonalDetail } from '@sotto/care';

let find: ((text: string) => readonly PersonalDetail[]) | undefined;

export async function loadGuard(): Promise<void> {
  try {
    find ??= (await import('@sotto/care')).findPersonalDetails;
  } catch {
    // Tried again when something is sent.
  }
}

/** @returns the kinds of details in a text, each once; nothing where the guard couldn't be fetched. */
export async function detailsIn(text: string): Promise<readonly PersonalDetail['kind'][]> {
  await loadGuard();
  return [...new Set((find?.(text) ?? []).map(({ kind }) => kind))];
}
