// The MLS working group's test vectors for ts-mls with our own ciphersuite (group/suite.ts). They lie outside the project;
// where they are absent the run says so. Their credentials are not rooms' (identity ≠ key), so the authentication
// service here accepts them; all else is as rooms configure it.
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument -- vectors are JSON */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect } from '@jest/globals';
import { decodeMlsMessage } from 'ts-mls';
import type { GroupContext } from 'ts-mls/groupContext.js';
import { clientConfig as roomConfig } from '../../../src/room/group/config.ts';
import { fromHex } from '../../../src/crypto/index.ts';
import type { Suite } from '../../../src/room/group/suite.ts';

const FOLDER =
  process.env['SOTTO_MLS_VECTORS'] ?? resolve(import.meta.dirname, '../../../../../shared/vectors/mls');
const isThere = existsSync(FOLDER);
// Said on the run itself, so that nobody takes silence for success.
if (!isThere)
  process.stderr.write(
    `mls vectors: skipped, there is no folder ${FOLDER} (SOTTO_MLS_VECTORS names another)\n`,
  );

export const clientConfig = {
  ...roomConfig,
  authService: { validateCredential: () => Promise.resolve(true) },
};

export function vectors(name: string, count: number): any[] {
  const all = JSON.parse(readFileSync(`${FOLDER}/${name}.json`, 'utf8')) as any[];
  expect(all).toHaveLength(count);
  for (const vector of all) expect(vector.cipher_suite ?? 1).toBe(1);
  return all;
}

export function decoded<T>(
  decode: (bytes: Uint8Array, at: number) => [T, number] | undefined,
  hex: string,
): T {
  const bytes = fromHex(hex);
  const result = decode(bytes, 0);
  expect(result?.[1]).toBe(bytes.length);
  return result![0];
}

export const message = (hex: string): any => decoded(decodeMlsMessage, hex);
export const epochContext = (suite: Suite, vector: any): GroupContext => ({
  version: 'mls10',
  cipherSuite: suite.impl.name,
  groupId: fromHex(vector.group_id),
  epoch: BigInt(vector.epoch),
  treeHash: fromHex(vector.tree_hash ?? ''),
  confirmedTranscriptHash: fromHex(vector.confirmed_transcript_hash),
  extensions: [],
});

/** Describes what the vectors say, or says that they are not there. */
export function describeVectors(what: string, tests: () => void): void {
  if (isThere) describe(what, tests);
  else describe.skip(`${what} [not there: SOTTO_MLS_VECTORS names their folder]`, tests);
}
