// The promise that a relay publishes at /.well-known/sotto and signs with its root key (docs/protocol.md section 6).
// Reads it strictly and writes it. Not its concern: fetching it, checking the signature, judging what it says.

import { WireError } from './errors.ts';
import { KEY_BYTES, SIGNATURE_BYTES } from './limits.ts';
import { promisePreimage } from './signing.ts';
import { fromBase64url, fromUtf8, toBase64url, utf8 } from './text.ts';

export interface PerPolicy {
  readonly mailbox: number;
  readonly log: number;
  readonly pool: number;
}

/** What the relay says of itself. Keys are base64url of 32 bytes. Fields of a later version may stand beside these. */
export interface RelayPromise {
  /** Rises with each change of the promise. */
  readonly version: number;
  readonly protocol: readonly number[];
  readonly software: string;
  readonly relayKey: string;
  readonly stampKey: string;
  readonly sizes: { readonly block: number; readonly control: number; readonly data: number };
  readonly ttlSeconds: PerPolicy & {
    readonly ordered: number;
    readonly slot: number;
    readonly caps: PerPolicy;
  };
  readonly quotas: PerPolicy;
  /** Name of a limit → its value; names in docs/protocol.md section 6. */
  readonly rates: Readonly<Record<string, number>>;
  readonly logs: 'none';
  readonly durability: 'fsync' | 'everysec' | 'memory';
  readonly admission: 'open' | 'tokens';
  /** Channels that the operator closed so far. */
  readonly blocked: number;
  readonly operator: { readonly name?: string | undefined; readonly contact?: string | undefined };
  /** Unix seconds of the signature. */
  readonly time: number;
}

export interface SignedPromise {
  readonly promise: RelayPromise;
  /** The bytes that were signed, and that alone are believed. */
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** The key that the document claims; believe it only where it is the pinned one. */
  readonly key: Uint8Array;
}

const MAX_DOCUMENT_CHARS = 65_536;
const MAX_TEXT_CHARS = 200;

/**
 * Reads the served document. Its readable fields are for people and are passed over; only the payload counts.
 * Spec: docs/protocol.md section 6.
 * @throws WireError WIRE_PROMISE_INVALID.
 */
export function parsePromise(jsonText: string): SignedPromise {
  if (jsonText.length > MAX_DOCUMENT_CHARS) throw invalid('document');
  const signed = object(object(parseJson(jsonText), 'document')['signed'], 'signed');
  const payload = base64url(signed['payload'], 'payload');
  const text = fromUtf8(payload);
  if (text === undefined) throw invalid('payload');
  const promise = readPromise(object(parseJson(text), 'payload'));
  const key = base64url(signed['key'], 'key', KEY_BYTES);
  if (toBase64url(key) !== promise.relayKey) throw invalid('key');
  return { promise, payload, signature: base64url(signed['signature'], 'signature', SIGNATURE_BYTES), key };
}

/**
 * Makes the document that a relay serves.
 * @param sign - Ed25519 by the relay's root key over the bytes it is given.
 * @throws WireError WIRE_PROMISE_INVALID where the promise isn't one that parsePromise reads.
 */
export function encodePromise(promise: RelayPromise, sign: (preimage: Uint8Array) => Uint8Array): string {
  const checked = readPromise(promise as unknown as Record<string, unknown>);
  const payload = utf8(JSON.stringify(checked));
  const signature = sign(promisePreimage(payload));
  if (signature.length !== SIGNATURE_BYTES) throw invalid('signature');
  const signed = {
    payload: toBase64url(payload),
    signature: toBase64url(signature),
    key: checked.relayKey,
  };
  return `${JSON.stringify({ ...checked, signed }, undefined, 2)}\n`;
}

function readPromise(from: Record<string, unknown>): RelayPromise {
  const sizes = object(from['sizes'], 'sizes');
  const ttl = object(from['ttlSeconds'], 'ttlSeconds');
  const operator = object(from['operator'], 'operator');
  return {
    version: count(from['version'], 'version', 1),
    protocol: protocols(from['protocol']),
    software: words(from['software'], 'software'),
    relayKey: keyText(from['relayKey'], 'relayKey'),
    stampKey: keyText(from['stampKey'], 'stampKey'),
    sizes: {
      block: count(sizes['block'], 'sizes'),
      control: count(sizes['control'], 'sizes'),
      data: count(sizes['data'], 'sizes'),
    },
    ttlSeconds: {
      ...perPolicy(ttl, 'ttlSeconds'),
      ordered: count(ttl['ordered'], 'ttlSeconds'),
      slot: count(ttl['slot'], 'ttlSeconds'),
      caps: perPolicy(object(ttl['caps'], 'caps'), 'caps'),
    },
    quotas: perPolicy(object(from['quotas'], 'quotas'), 'quotas'),
    rates: rates(object(from['rates'], 'rates')),
    logs: oneOf(from['logs'], ['none'], 'logs'),
    durability: oneOf(from['durability'], ['fsync', 'everysec', 'memory'], 'durability'),
    admission: oneOf(from['admission'], ['open', 'tokens'], 'admission'),
    blocked: count(from['blocked'], 'blocked'),
    operator: {
      ...(operator['name'] === undefined ? {} : { name: words(operator['name'], 'operator') }),
      ...(operator['contact'] === undefined ? {} : { contact: words(operator['contact'], 'operator') }),
    },
    time: count(from['time'], 'time'),
  };
}

function invalid(field: string): WireError {
  return new WireError('WIRE_PROMISE_INVALID', field);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('JSON');
  }
}

function object(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(field);
  return value as Record<string, unknown>;
}

function count(value: unknown, field: string, min = 0): number {
  if (!Number.isSafeInteger(value) || (value as number) < min) throw invalid(field);
  return value as number;
}

function words(value: unknown, field: string): string {
  if (typeof value !== 'string' || value.length > MAX_TEXT_CHARS) throw invalid(field);
  return value;
}

function oneOf<T extends string>(value: unknown, choices: readonly T[], field: string): T {
  const choice = choices.find((known) => known === value);
  if (choice === undefined) throw invalid(field);
  return choice;
}

function base64url(value: unknown, field: string, length?: number): Uint8Array {
  const bytes = typeof value === 'string' ? fromBase64url(value) : undefined;
  if (bytes === undefined || (length !== undefined && bytes.length !== length)) throw invalid(field);
  return bytes;
}

function keyText(value: unknown, field: string): string {
  return toBase64url(base64url(value, field, KEY_BYTES));
}

function protocols(value: unknown): number[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > 16) throw invalid('protocol');
  return value.map((version) => count(version, 'protocol', 1));
}

function perPolicy(from: Record<string, unknown>, field: string): PerPolicy {
  return {
    mailbox: count(from['mailbox'], field),
    log: count(from['log'], field),
    pool: count(from['pool'], field),
  };
}

function rates(from: Record<string, unknown>): Record<string, number> {
  const entries = Object.entries(from);
  if (entries.length > 32) throw invalid('rates');
  return Object.fromEntries(entries.map(([name, value]) => [name, count(value, 'rates')]));
}
