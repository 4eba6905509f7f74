// The guard that looks at one's own words before they go to someone unknown; fetched when it's first needed. Whose numbers
// may be passed on, helplines' and the operator's, stands with Help and is only looked up when something was found.

import type { PersonalDetail, PublicContacts, scanPersonalDetails } from '@sotto/care/guard';

let scan: typeof scanPersonalDetails | undefined;
const NOBODY: PublicContacts = { numbers: new Set(), hosts: new Set() };

export async function loadGuard(): Promise<void> {
  try {
    scan ??= (await import('@sotto/care/guard')).scanPersonalDetails;
  } catch {
    // Tried again when something is sent.
  }
}

/** @returns the kinds of details in a text, each once; nothing where the guard couldn't be fetched. */
export async function detailsIn(text: string): Promise<readonly PersonalDetail['kind'][]> {
  await loadGuard();
  if (scan === undefined || scan(text, NOBODY).length === 0) return [];
  const found = scan(text, await publicOnes());
  return [...new Set(found.map(({ kind }) => kind))];
}

async function publicOnes(): Promise<PublicContacts> {
  try {
    const { lines, publicContacts, showKeptLines } = await import('../help/all.ts');
    // Also right after the page opened, and without a network.
    await showKeptLines();
    return publicContacts(lines.value);
  } catch {
    return NOBODY;
  }
}
