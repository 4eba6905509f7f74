// Protocol Buffers' wire format, strictly: fields in number order, each once, defaults absent, varints shortest,
// nothing unknown, nothing trailing, so that encode(decode(x)) = x. `message` makes a codec from a table of fields;
// the tables stand beside the .proto files, and a test holds both equal. Not its concern: what a field means.
import { concatBytes, fromUtf8, utf8 } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';

/** Turns one kind of message into its only byte form and back. */
export interface Codec<T> {
  encode(value: T): Uint8Array;
  /** @throws SottoError CONTENT_MALFORMED */
  decode(bytes: Uint8Array): T;
}

/** One field of a message. `Value` is what stands in the object. */
export interface Field<Value> {
  readonly number: number;
  readonly wire: 0 | 2;
  readonly repeated: boolean;
  /** The encoded occurrences; none where the value is the default. */
  write(value: Value): readonly (number | Uint8Array)[];
  /** From the occurrences that were found: none, one, or (repeated only) several. */
  read(found: readonly (number | Uint8Array)[]): Value;
}

type Fields = Readonly<Record<string, Field<unknown>>>;
type ValueOf<F> = F extends Field<infer Value> ? Value : never;
type OptionalNames<F> = { [K in keyof F]: undefined extends ValueOf<F[K]> ? K : never }[keyof F];

/** The object type that a table of fields describes. */
export type MessageOf<F> = { -readonly [K in Exclude<keyof F, OptionalNames<F>>]: ValueOf<F[K]> } & {
  -readonly [K in OptionalNames<F>]?: Exclude<ValueOf<F[K]>, undefined>;
};

/** The object type of a codec. */
export type TypeOf<C> = C extends Codec<infer T> ? T : never;

function malformed(): SottoError {
  return new SottoError('CONTENT_MALFORMED');
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let left = value;
  while (left >= 128) {
    bytes.push((left % 128) | 128);
    left = Math.floor(left / 128);
  }
  bytes.push(left);
  return Uint8Array.from(bytes);
}

/** Reads one shortest-form varint up to 2^53 − 1. */
function readVarint(bytes: Uint8Array, start: number): { value: number; next: number } {
  let value = 0;
  let scale = 1;
  for (let at = start; at < start + 8; at++) {
    const byte = bytes[at];
    if (byte === undefined) throw malformed();
    value += (byte & 127) * scale;
    scale *= 128;
    if (byte < 128) {
      if ((byte === 0 && at > start) || value > Number.MAX_SAFE_INTEGER) throw malformed();
      return { value, next: at + 1 };
    }
  }
  throw malformed();
}

/** A codec from a table of fields. */
export function message<F extends Record<string, Field<unknown>>>(fields: F): Codec<MessageOf<F>> {
  const ordered = Object.entries(fields as Fields).sort(([, a], [, b]) => a.number - b.number);
  const byNumber = new Map(ordered.map(([, field]) => [field.number, field]));
  return {
    encode(value) {
      const parts: Uint8Array[] = [];
      for (const [name, field] of ordered) {
        const key = varint(field.number * 8 + field.wire);
        for (const item of field.write((value as Record<string, unknown>)[name])) {
          parts.push(key);
          if (typeof item === 'number') parts.push(varint(item));
          else parts.push(varint(item.length), item);
        }
      }
      return concatBytes(...parts);
    },
    decode(bytes) {
      const found = readFields(bytes, byNumber);
      const result: Record<string, unknown> = {};
      for (const [name, field] of ordered) {
        const value = field.read(found.get(field.number) ?? []);
        if (value !== undefined) result[name] = value;
      }
      return result as MessageOf<F>;
    },
  };
}

function readFields(bytes: Uint8Array, byNumber: ReadonlyMap<number, Field<unknown>>) {
  const found = new Map<number, (number | Uint8Array)[]>();
  let at = 0;
  let last = 0;
  while (at < bytes.length) {
    const key = readVarint(bytes, at);
    const number = Math.floor(key.value / 8);
    const field = byNumber.get(number);
    if (field?.wire !== key.value % 8) throw malformed();
    if (number < last || (number === last && !field.repeated)) throw malformed();
    last = number;
    const head = readVarint(bytes, key.next);
    const items = found.get(number) ?? [];
    found.set(number, items);
    if (field.wire === 0) {
      items.push(head.value);
      at = head.next;
    } else {
      at = head.next + head.value;
      if (at > bytes.length) throw malformed();
      items.push(bytes.slice(head.next, at));
    }
  }
  return found;
}

function single<T>(found: readonly (number | Uint8Array)[], absent: T, read: (item: never) => T): T {
  return found.length === 0 ? absent : read(found[0] as never);
}

/** An unsigned integer; 0 is absent. */
export function uint(number: number, max: number = Number.MAX_SAFE_INTEGER): Field<number> {
  const check = (value: number): number => {
    if (!Number.isSafeInteger(value) || value < 0 || value > max) throw malformed();
    return value;
  };
  return {
    number,
    wire: 0,
    repeated: false,
    write: (value) => (check(value) === 0 ? [] : [value]),
    read: (found) =>
      single(found, 0, (item: number) => {
        if (item === 0) throw malformed();
        return check(item);
      }),
  };
}

/** True or absent. */
export function flag(number: number): Field<boolean> {
  return {
    number,
    wire: 0,
    repeated: false,
    write: (value) => (value ? [1] : []),
    read: (found) =>
      single(found, false, (item: number) => {
        if (item !== 1) throw malformed();
        return true;
      }),
  };
}

/** UTF-8 text of at most so many bytes; '' is absent. */
export function text(number: number, maxBytes: number): Field<string> {
  return {
    number,
    wire: 2,
    repeated: false,
    write: (value) => {
      const encoded = utf8(value);
      if (encoded.length > maxBytes) throw new SottoError('CONTENT_TOO_LONG');
      return encoded.length === 0 ? [] : [encoded];
    },
    read: (found) =>
      single(found, '', (item: Uint8Array) => {
        if (item.length === 0 || item.length > maxBytes) throw malformed();
        return fromUtf8(item);
      }),
  };
}

function checkLength(value: Uint8Array, min: number, max: number): Uint8Array {
  if (value.length < min || value.length > max) throw malformed();
  return value;
}

/** Bytes that must be there; `max` equal to `min` unless given. */
export function bytes(number: number, min: number, max: number = min): Field<Uint8Array> {
  return {
    number,
    wire: 2,
    repeated: false,
    write: (value) => (checkLength(value, min, max).length === 0 ? [] : [value]),
    read: (found) => {
      const value = single(found, new Uint8Array(0), (item: Uint8Array) => checkLength(item, 1, max));
      return checkLength(value, min, max);
    },
  };
}

/** Bytes that may be missing. */
export function optionalBytes(number: number, min: number, max: number = min): Field<Uint8Array | undefined> {
  return {
    number,
    wire: 2,
    repeated: false,
    write: (value) => (value === undefined ? [] : [checkLength(value, min, max)]),
    read: (found) =>
      single<Uint8Array | undefined>(found, undefined, (item: Uint8Array) => checkLength(item, min, max)),
  };
}

/** A message inside a message; may be missing. */
export function optional<T>(number: number, codec: Codec<T>): Field<T | undefined> {
  return {
    number,
    wire: 2,
    repeated: false,
    write: (value) => (value === undefined ? [] : [codec.encode(value)]),
    read: (found) => single<T | undefined>(found, undefined, (item: Uint8Array) => codec.decode(item)),
  };
}

/** A message inside a message that must be there. */
export function required<T>(number: number, codec: Codec<T>): Field<T> {
  return {
    number,
    wire: 2,
    repeated: false,
    write: (value) => [codec.encode(value)],
    read: (found) => {
      if (found.length === 0) throw malformed();
      return codec.decode(found[0] as Uint8Array);
    },
  };
}

/** Up to `max` messages of one kind. */
export function repeated<T>(number: number, codec: Codec<T>, max: number): Field<readonly T[]> {
  return {
    number,
    wire: 2,
    repeated: true,
    write: (values) => {
      if (values.length > max) throw malformed();
      return values.map((value) => codec.encode(value));
    },
    read: (found) => {
      if (found.length > max) throw malformed();
      return found.map((item) => codec.decode(item as Uint8Array));
    },
  };
}
