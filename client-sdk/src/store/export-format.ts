// The bytes of an export: a header, then sealed chunks numbered from 0, the last one marked as last
// (docs/store-format.md section 8). Cutting, reordering, mixing or changing chunks is noticed. What the records
// inside mean is `export.ts`'s and `import.ts`'s concern.
import {
  type Argon2idCost,
  argon2idKey,
  concatBytes,
  deriveKey,
  equalBytes,
  type HashKey,
  keyedHash,
  NONCE_BYTES,
  randomBytes,
  sealWithNonce,
  type SealKey,
  sha256,
  TAG_BYTES,
  tryOpenWithNonce,
  utf8,
  wipe,
} from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { isSaneCost, secretBytes } from './header.ts';

const MAGIC = utf8('sotto-export');
const FORMAT_VERSION = 1;
const SALT_BYTES = 16;
const CHECK_BYTES = 16;
const CHECKSUM_BYTES = 8;
/** magic ‖ version u32 ‖ passes u32 ‖ memory KiB u32 ‖ salt. */
const PARAMETERS_BYTES = MAGIC.length + 12 + SALT_BYTES;
export const EXPORT_HEADER_BYTES = PARAMETERS_BYTES + CHECKSUM_BYTES + CHECK_BYTES;
/** Plaintext of one chunk. */
export const CHUNK_BYTES = 65_536;
const LENGTH_BYTES = 4;

interface ExportKeys {
  readonly seal: SealKey;
  readonly header: Uint8Array;
}

/** Starts an export. @returns the header and the keys for its chunks. */
export async function beginExport(passphrase: string, cost: Argon2idCost): Promise<ExportKeys> {
  const parameters = new Uint8Array(PARAMETERS_BYTES);
  const view = new DataView(parameters.buffer);
  parameters.set(MAGIC);
  view.setUint32(MAGIC.length, FORMAT_VERSION);
  view.setUint32(MAGIC.length + 4, cost.passes);
  view.setUint32(MAGIC.length + 8, cost.memoryKib);
  parameters.set(randomBytes(SALT_BYTES), MAGIC.length + 12);
  const { seal, check } = await keysOf(parameters, passphrase, cost);
  return { seal, header: concatBytes(parameters, sha256(parameters).subarray(0, CHECKSUM_BYTES), check) };
}

/** @throws SottoError EXPORT_DAMAGED, EXPORT_VERSION, STORE_PASSPHRASE */
export async function readExportHeader(header: Uint8Array, passphrase: string): Promise<ExportKeys> {
  const parameters = header.slice(0, PARAMETERS_BYTES);
  const checksum = header.subarray(PARAMETERS_BYTES, PARAMETERS_BYTES + CHECKSUM_BYTES);
  const isOurs =
    header.length === EXPORT_HEADER_BYTES && equalBytes(parameters.subarray(0, MAGIC.length), MAGIC);
  if (!isOurs) throw new SottoError('EXPORT_DAMAGED');
  const view = new DataView(parameters.buffer);
  if (view.getUint32(MAGIC.length) > FORMAT_VERSION) throw new SottoError('EXPORT_VERSION');
  const cost = { passes: view.getUint32(MAGIC.length + 4), memoryKib: view.getUint32(MAGIC.length + 8) };
  const intact = equalBytes(checksum, sha256(parameters).subarray(0, CHECKSUM_BYTES));
  if (!intact || !isSaneCost(cost)) throw new SottoError('EXPORT_DAMAGED');
  const { seal, check } = await keysOf(parameters, passphrase, cost);
  if (!equalBytes(check, header.subarray(PARAMETERS_BYTES + CHECKSUM_BYTES))) {
    throw new SottoError('STORE_PASSPHRASE');
  }
  return { seal, header };
}

/** Length ‖ sealed chunk. The number and the mark of the last one stand in the nonce. */
export function sealChunk(
  keys: ExportKeys,
  chunk: { index: number; last: boolean; plaintext: Uint8Array },
): Uint8Array {
  const nonce = chunkNonce(chunk.index, chunk.last);
  const sealed = sealWithNonce({
    key: keys.seal,
    nonce,
    plaintext: chunk.plaintext,
    associated: keys.header,
  });
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, sealed.length);
  return concatBytes(length, sealed);
}

/** Plaintext chunks of a stream. @throws SottoError EXPORT_DAMAGED, EXPORT_VERSION, STORE_PASSPHRASE */
export async function* openChunks(
  stream: AsyncIterable<Uint8Array>,
  passphrase: string,
): AsyncIterableIterator<Uint8Array> {
  const reader = new StreamReader(stream);
  try {
    const keys = await readExportHeader(await reader.exactly(EXPORT_HEADER_BYTES), passphrase);
    for (let index = 0; ; index++) {
      const length = new DataView((await reader.exactly(LENGTH_BYTES)).buffer).getUint32(0);
      if (length < TAG_BYTES || length > CHUNK_BYTES + TAG_BYTES) throw new SottoError('EXPORT_DAMAGED');
      const ciphertext = await reader.exactly(length);
      const opened = openChunk(keys, index, ciphertext);
      if (opened === undefined) throw new SottoError('EXPORT_DAMAGED');
      yield opened.plaintext;
      if (!opened.last) continue;
      if (!(await reader.atEnd())) throw new SottoError('EXPORT_DAMAGED');
      return;
    }
  } finally {
    await reader.return();
  }
}

function openChunk(
  keys: ExportKeys,
  index: number,
  ciphertext: Uint8Array,
): { plaintext: Uint8Array; last: boolean } | undefined {
  for (const last of [false, true]) {
    const nonce = chunkNonce(index, last);
    const plaintext = tryOpenWithNonce({ key: keys.seal, nonce, ciphertext, associated: keys.header });
    if (plaintext !== undefined) return { plaintext, last };
  }
  return undefined;
}

function chunkNonce(index: number, last: boolean): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  const view = new DataView(nonce.buffer);
  view.setBigUint64(0, BigInt(index));
  view.setUint8(8, last ? 1 : 0);
  return nonce;
}

/** The salt is fresh for each export, and so is the key: numbered nonces never repeat under one key. */
async function keysOf(parameters: Uint8Array, passphrase: string, cost: Argon2idCost) {
  const bytes = secretBytes({ passphrase });
  const stretched: HashKey = await argon2idKey(bytes, parameters.slice(-SALT_BYTES), cost);
  const seal = deriveKey(stretched, 'seal', 'export');
  const checkKey = deriveKey(stretched, 'hash', 'export-check');
  const check = keyedHash(checkKey, parameters, CHECK_BYTES);
  wipe(bytes, stretched, checkKey);
  return { seal, check };
}

/** Exact lengths out of a stream cut at will. */
class StreamReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array(0);

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#source = stream[Symbol.asyncIterator]();
  }

  /** A copy of its own. @throws SottoError EXPORT_DAMAGED where the stream ends before. */
  async exactly(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let missing = length;
    while (missing > 0) {
      if (this.#held.length === 0 && !(await this.#more())) throw new SottoError('EXPORT_DAMAGED');
      const part = this.#held.subarray(0, missing);
      this.#held = this.#held.subarray(part.length);
      parts.push(part);
      missing -= part.length;
    }
    return concatBytes(...parts);
  }

  async atEnd(): Promise<boolean> {
    while (this.#held.length === 0) if (!(await this.#more())) return true;
    return false;
  }

  async return(): Promise<void> {
    await this.#source.return?.();
  }

  async #more(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    this.#held = next.value;
    return true;
  }
}
