// What the store's tests share: folders that vanish, cheap passphrases, a text codec.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { type Codec, namedTable, openVault, orderedTable, type VaultOptions } from '../../src/store/index.ts';

export const CHEAP = { passes: 1, memoryKib: 8 } as const;
export const text: Codec<string> = {
  encode: (value) => new TextEncoder().encode(value),
  decode: (bytes) => new TextDecoder().decode(bytes),
};
export const notes = namedTable('notes', text);
export const messages = orderedTable('messages', text);

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** A fresh folder's path; the folder itself does not exist yet. */
export async function freshLocation(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-store-'));
  folders.push(folder);
  return join(folder, 'vault');
}

export function open(location: string, options: Partial<VaultOptions> = {}) {
  return openVault({ location, secret: { passphrase: 'correct horse' }, kdfCost: CHEAP, ...options });
}

/** All bytes of all files below a folder, by path. */
export async function filesOf(folder: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(folder.length + 1), await readFile(path));
  }
  return files;
}

/** Expects a refusal with this code: pass to `rejects.toEqual` or `toThrow`. */
export function refusal(code: string): unknown {
  return expectation(code);
}

function expectation(code: string): { asymmetricMatch(other: unknown): boolean; toString(): string } {
  return {
    asymmetricMatch: (other) => (other as { code?: unknown } | undefined)?.code === code,
    toString: () => `an error with code ${code}`,
  };
}
