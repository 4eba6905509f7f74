// An examiner with the passphrase and two moments of a device's files: tries on every ciphertext that the earlier one
// holds, deleted rows too, every key that the later one still allows. Knows the tree of keys from its directory, old
// entries included; without the secret in the key file a path leads nowhere.
import {
  asKey,
  concatBytes,
  deriveKey,
  type HashKey,
  keyedHash,
  NONCE_BYTES,
  type SealKey,
  tryOpen,
} from '../../../src/crypto/index.ts';
import { decodeRecord } from '../../../src/store/record-key.ts';
import { carvedRows, remainingSecrets } from '../../store/forensics.ts';

const SERIAL_BYTES = 8;

/** @returns those of the texts that stand in something openable, sorted. */
export async function openableTexts(input: {
  readonly rowsOf: string;
  readonly keysOf: string;
  readonly passphrase: string;
  readonly texts: readonly string[];
}): Promise<string[]> {
  const pairs = await carvedRows(input.rowsOf);
  const { master, secrets } = await remainingSecrets(input.keysOf, input.passphrase);
  const own = deriveKey(master, 'seal', 'rows');
  const directory = directoryOf([...pairs, ...(await carvedRows(input.keysOf))], own);
  const keys = [own, ...keysOf(directory, master, secrets)];
  const found = new Set<string>();
  for (const { key, row } of pairs) {
    for (const candidate of keys) {
      const plaintext = openRow(candidate, key, row);
      if (plaintext === undefined) continue;
      const content = Buffer.from(plaintext).toString('latin1');
      for (const text of input.texts) if (content.includes(text)) found.add(text);
      break;
    }
  }
  return [...found].sort();
}

function openRow(key: SealKey, recordKey: Uint8Array, row: Uint8Array): Uint8Array | undefined {
  // The masked serial stands between nonce and ciphertext.
  if (row.length < NONCE_BYTES + SERIAL_BYTES) return undefined;
  const sealed = concatBytes(row.subarray(0, NONCE_BYTES), row.subarray(NONCE_BYTES + SERIAL_BYTES));
  return tryOpen(key, sealed, recordKey);
}

/** Path → every serial that ever stood there. */
function directoryOf(
  pairs: readonly { key: Uint8Array; row: Uint8Array }[],
  own: SealKey,
): Map<string, Set<string>> {
  const directory = new Map<string, Set<string>>();
  for (const { key, row } of pairs) {
    const plaintext = openRow(own, key, row);
    if (plaintext === undefined) continue;
    try {
      const record = decodeRecord(key, plaintext);
      if (typeof record.key !== 'string' || record.value.length !== SERIAL_BYTES) continue;
      const serial = Buffer.from(record.value).toString('hex');
      directory.set(record.key, (directory.get(record.key) ?? new Set()).add(serial));
    } catch {
      // The vault's own meta rows have no name.
    }
  }
  return directory;
}

function keysOf(
  directory: ReadonlyMap<string, ReadonlySet<string>>,
  master: HashKey,
  secrets: readonly Uint8Array[],
): SealKey[] {
  const bySerial = new Map(
    secrets.map((slot) => [Buffer.from(slot.subarray(0, SERIAL_BYTES)).toString('hex'), slot]),
  );
  const values = new Map<string, HashKey[]>([['', [deriveKey(master, 'hash', 'key-tree')]]]);
  for (const path of [...directory.keys()].sort((a, b) => a.split('\0').length - b.split('\0').length)) {
    const above = values.get(path.split('\0').slice(0, -1).join('\0')) ?? [];
    const here: HashKey[] = [];
    for (const serial of directory.get(path) ?? []) {
      const slot = bySerial.get(serial);
      if (slot !== undefined) here.push(...above.map((key) => asKey('hash', keyedHash(key, slot))));
    }
    values.set(path, here);
  }
  values.delete('');
  return [...values.values()].flat().map((value) => deriveKey(value, 'seal', 'rows'));
}
