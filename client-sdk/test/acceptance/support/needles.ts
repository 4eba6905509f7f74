// Looks for many secrets in much memory at once: each in every spelling that it might have leaked in. A search that
// finds nothing proves something only beside one that finds what was planted.

/** One spelling of one secret. */
interface Needle {
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly spelling: string;
}

/** What was found: which secret, spelled how. Never the secret itself. */
export interface Find {
  readonly name: string;
  readonly spelling: string;
}

/** A global, looked up for every byte, would cost more than all the rest. */
const { imul } = Math;
const PREFIX_BYTES = 4;
const BITS = 24;

const PAGE_BYTES = 4_096;
const ZEROS = Buffer.alloc(PAGE_BYTES - PREFIX_BYTES);

/** Fewer different bytes than this is padding or a counter, which stands everywhere. */
const LEAST_VARIETY = 6;

export class Needles {
  readonly #byPrefix = new Map<number, Needle[]>();
  readonly #seen = new Set<string>();
  readonly #maybe = new Uint8Array(2 ** (BITS - 3));

  get size(): number {
    return this.#seen.size;
  }

  /** @param secret - bytes or text; too short or too plain ones are no evidence and are left out. */
  add(name: string, secret: Uint8Array | string): void {
    const bytes = typeof secret === 'string' ? Buffer.from(secret) : Buffer.from(secret);
    if (bytes.length < 8 || new Set(bytes).size < LEAST_VARIETY) return;
    const identity = bytes.toString('latin1');
    if (this.#seen.has(identity)) return;
    this.#seen.add(identity);
    const put = (spelling: string, spelled: Buffer): void => {
      this.#put({ bytes: new Uint8Array(spelled), name, spelling });
    };
    put('raw', bytes);
    put('hex', Buffer.from(bytes.toString('hex')));
    put('HEX', Buffer.from(bytes.toString('hex').toUpperCase()));
    put('hex, two-byte', Buffer.from(bytes.toString('hex'), 'utf16le'));
    if (typeof secret === 'string') put('two-byte', Buffer.from(secret, 'utf16le'));
    for (const alphabet of ['base64', 'base64url'] as const) {
      for (const shift of [0, 1, 2])
        put(`${alphabet}+${String(shift)}`, base64Inside(bytes, alphabet, shift));
    }
  }

  #put(needle: Needle): void {
    const prefix = hash(new DataView(needle.bytes.buffer, needle.bytes.byteOffset).getUint32(0, true));
    this.#maybe[prefix >> 3]! |= 1 << (prefix & 7);
    this.#byPrefix.set(prefix, [...(this.#byPrefix.get(prefix) ?? []), needle]);
  }

  /** Every secret that stands somewhere in these bytes. */
  findIn(haystack: Uint8Array): Find[] {
    const found = new Map<string, Find>();
    const maybe = this.#maybe;
    let window = 0;
    for (let end = 0; end < haystack.length; end++) {
      // Pages never written are most of a database file; a prefix that reaches into one was looked at.
      if (
        (end & (PAGE_BYTES - 1)) === PREFIX_BYTES &&
        ZEROS.equals(haystack.subarray(end, end + ZEROS.length))
      ) {
        end += ZEROS.length - 1;
        window = 0;
        continue;
      }
      window = (window >>> 8) | (haystack[end]! << 24);
      const prefix = hash(window);
      if ((maybe[prefix >> 3]! & (1 << (prefix & 7))) === 0) continue;
      const at = end - PREFIX_BYTES + 1;
      for (const needle of this.#byPrefix.get(prefix) ?? []) {
        if (at >= 0 && startsWith(haystack, at, needle.bytes)) {
          found.set(`${needle.name} ${needle.spelling}`, { name: needle.name, spelling: needle.spelling });
        }
      }
    }
    return [...found.values()];
  }
}

function hash(word: number): number {
  return imul(word, 0x9e3779b1) >>> (32 - BITS);
}

function startsWith(haystack: Uint8Array, at: number, needle: Uint8Array): boolean {
  if (at + needle.length > haystack.length) return false;
  for (let i = 0; i < needle.length; i++) if (haystack[at + i] !== needle[i]) return false;
  return true;
}

/** The letters that base64 text has for these bytes when they begin `shift` bytes into a group of three. */
function base64Inside(bytes: Buffer, alphabet: 'base64' | 'base64url', shift: number): Buffer {
  const text = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString(alphabet)
    .replace(/=+$/, '');
  const first = Math.ceil((shift * 8) / 6);
  const whole = Math.floor(((shift + bytes.length) * 8) / 6);
  return Buffer.from(text.slice(first, whole));
}
