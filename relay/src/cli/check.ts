// `sotto-relay check URL`: does as a client would (reads the promise, makes a mailbox, sends itself 20 blocks, acks,
// deletes) and says what it saw against what the relay promises. For operators and their monitoring.

import {
  BLOCK_BYTES,
  CONTROL_FRAME_BYTES,
  DATA_FRAME_BYTES,
  ID_BYTES,
  PROMISE_PATH,
  PROTOCOL_VERSION,
  createPreimage,
  fromBase64url,
  idPreimage,
  parsePromise,
  promisePreimage,
  provePreimage,
  stampRootOf,
  stampRootPreimage,
  type RelayPromise,
  type Right,
  type SignedPromise,
} from '@sotto/wire';
import { signingKey, verifySignature, type SigningKey } from '../crypto/ed25519.ts';
import { random, sha256 } from '../crypto/hash.ts';
import { RelayError } from '../errors.ts';
import { ProbeConnection, failed, sameKey, type Frame } from './probe.ts';

const blocks = 20;
const answerMs = 10_000;

/** What a probe of a healthy relay found. */
interface Report {
  readonly deliveryMs: { readonly p50: number; readonly p95: number };
  readonly appendedMs: { readonly p50: number; readonly p95: number };
  readonly promise: RelayPromise;
}

/** @returns 0 when the relay is healthy. */
export async function check(args: readonly string[]): Promise<number> {
  const asJson = args.includes('--json');
  const words = args.filter((arg) => arg !== '--json');
  const [text, extra] = words;
  if (text === undefined || extra !== undefined || text.startsWith('-')) {
    throw new RelayError('RELAY_CONFIG_INVALID', { detail: 'Usage: sotto-relay check URL [--json].' });
  }
  const base = relayUrl(text);
  try {
    const report = await probe(base);
    process.stdout.write(
      asJson ? `${JSON.stringify({ healthy: true, ...report })}\n` : describe(base, report),
    );
    return 0;
  } catch (error) {
    // Whatever goes wrong here is the relay's ill health.
    const message = error instanceof Error ? error.message : 'unknown';
    const line = asJson ? JSON.stringify({ healthy: false, problem: message }) : `Not healthy: ${message}`;
    process.stdout.write(`${line}\n`);
    return 1;
  }
}

function relayUrl(text: string): URL {
  try {
    const url = new URL(text.replace(/^ws/, 'http'));
    if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  } catch {
    // Told below.
  }
  throw new RelayError('RELAY_CONFIG_INVALID', { detail: 'URL must be like https://relay.example.' });
}

async function probe(base: URL): Promise<Report> {
  const signed = await fetchPromise(base);
  const connection = await ProbeConnection.open(base);
  try {
    const welcome = (await connection.next((frame) => frame.type === 'welcome')) as Frame<'welcome'>;
    if (!sameKey(welcome.relayKey, signed.key))
      throw failed('The connection has another key than the promise.');
    if (welcome.promiseVersion < signed.promise.version)
      throw failed('The connection knows an older promise.');
    const clientNonce = random(32);
    connection.send({ type: 'hello', version: PROTOCOL_VERSION, clientNonce });
    const times = await exchange(connection, signed.promise, {
      relayKey: welcome.relayKey,
      serverNonce: welcome.serverNonce,
      clientNonce,
    });
    return { ...times, promise: signed.promise };
  } finally {
    connection.close();
  }
}

async function fetchPromise(base: URL): Promise<SignedPromise> {
  let text: string;
  try {
    const response = await fetch(new URL(PROMISE_PATH, base), { signal: AbortSignal.timeout(answerMs) });
    if (!response.ok) throw failed(`The promise was answered with status ${String(response.status)}.`);
    if (response.headers.has('set-cookie')) throw failed('The relay sets cookies.');
    text = await response.text();
  } catch (cause) {
    if (cause instanceof RelayError) throw cause;
    throw new RelayError('RELAY_CHECK_FAILED', { detail: 'It cannot be reached.', cause });
  }
  const signed = parsePromise(text);
  if (!verifySignature(signed.key, promisePreimage(signed.payload), signed.signature)) {
    throw failed('The promise is not signed by its key.');
  }
  const { sizes, protocol } = signed.promise;
  if (
    sizes.block !== BLOCK_BYTES ||
    sizes.control !== CONTROL_FRAME_BYTES ||
    sizes.data !== DATA_FRAME_BYTES
  ) {
    throw failed('The promise names other sizes than the protocol.');
  }
  if (!protocol.includes(PROTOCOL_VERSION)) throw failed('The relay speaks another version of the protocol.');
  return signed;
}

interface Handshake {
  readonly relayKey: Uint8Array;
  readonly serverNonce: Uint8Array;
  readonly clientNonce: Uint8Array;
}

/** One mailbox's life, timed. */
async function exchange(
  connection: ProbeConnection,
  promise: RelayPromise,
  handshake: Handshake,
): Promise<Omit<Report, 'promise'>> {
  const owner = signingKey(random(32));
  const reader = signingKey(random(32));
  const writer = signingKey(random(32));
  const salt = random(32);
  const create = {
    handle: 1,
    policy: 'mailbox',
    securing: 'never',
    ttlSeconds: 0,
    ownerKey: owner.publicKey,
    salt,
    readerKey: reader.publicKey,
    writerKey: writer.publicKey,
    spillHandle: 0,
    spillBlocks: 0,
  } as const;
  const signature = owner.sign(createPreimage({ ...handshake, create }));
  const created = await connection.ask({ type: 'create', ...create, signature }, 'created');
  if (created.ttlSeconds !== promise.ttlSeconds.mailbox) {
    throw failed('A mailbox keeps blocks for another time than the promise says.');
  }
  const prove = (handle: number, right: Right, key: SigningKey) => {
    const idRight = right === 'reader' ? 'read' : 'write';
    const id = sha256(idPreimage(idRight, owner.publicKey, salt)).subarray(0, ID_BYTES);
    const proof = key.sign(provePreimage({ ...handshake, right, id }));
    return connection.ask(
      { type: 'prove', handle, right, id, publicKey: key.publicKey, signature: proof },
      'proved',
    );
  };
  await prove(2, 'reader', reader);
  await prove(3, 'writer', writer);
  await connection.ask({ type: 'subscribe', handle: 2, credit: 16, after: 0, leaseSeconds: 0 }, 'subscribed');
  const delivery: number[] = [];
  const appended: number[] = [];
  for (let n = 1; n <= blocks; n++) {
    const started = performance.now();
    const block = random(BLOCK_BYTES);
    const commitment = random(32);
    const appendId = random(16);
    const request = connection.send({ type: 'append', handle: 3, appendId, block, commitment });
    const answered = answerTo(connection, request).then((sequence) => {
      appended.push(performance.now() - started);
      return sequence;
    });
    const delivered = connection
      .next((frame) => frame.type === 'deliver')
      .then((frame) => {
        delivery.push(performance.now() - started);
        return frame as Frame<'deliver'>;
      });
    const [sequence, frame] = await Promise.all([answered, delivered]);
    if (sequence !== n || frame.sequence !== n || Buffer.compare(frame.block, block) !== 0) {
      throw failed('A block was delivered changed or out of order.');
    }
    checkStamp(frame, commitment, promise);
    connection.send({ type: 'ack', handle: 2, items: [{ sequence: n, appendId }] });
  }
  await connection.ask({ type: 'delete', handle: 1 }, 'done');
  return { deliveryMs: percentiles(delivery), appendedMs: percentiles(appended) };
}

async function answerTo(connection: ProbeConnection, request: number): Promise<number> {
  const frame = await connection.next(
    (f) =>
      (f.type === 'appended' && f.results.some((result) => result.request === request)) ||
      (f.type === 'refused' && f.request === request),
  );
  const result = frame.type === 'appended' ? frame.results.find((r) => r.request === request) : undefined;
  if (result === undefined) throw failed('An append was refused.');
  return result.sequence;
}

function checkStamp(frame: Frame<'deliver'>, commitment: Uint8Array, promise: RelayPromise): void {
  const { stamp } = frame;
  const stampKey = fromBase64url(promise.stampKey);
  if (stamp === undefined || stampKey === undefined) throw failed('A block was delivered without a stamp.');
  const root = stampRootOf({ commitment, index: stamp.index, path: stamp.path }, sha256);
  const isSigned = verifySignature(stampKey, stampRootPreimage({ root, hour: stamp.hour }), stamp.signature);
  const hoursOff = Math.abs(stamp.hour - Date.now() / 3_600_000);
  if (!isSigned || hoursOff > 2) throw failed('A stamp is not valid.');
}

function percentiles(values: readonly number[]): { p50: number; p95: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0) * 100) / 100;
  return { p50: at(0.5), p95: at(0.95) };
}

function describe(base: URL, { deliveryMs, appendedMs, promise }: Report): string {
  const { operator, quotas, ttlSeconds, rates } = promise;
  const days = (seconds: number) =>
    seconds >= 172_800
      ? `${String(Math.round(seconds / 8640) / 10)} d`
      : `${String(Math.round(seconds / 360) / 10)} h`;
  const lines = [
    `Healthy: ${base.origin} (${promise.software})`,
    `  delivery      p50 ${String(deliveryMs.p50)} ms, p95 ${String(deliveryMs.p95)} ms`,
    `  accepted      p50 ${String(appendedMs.p50)} ms, p95 ${String(appendedMs.p95)} ms (durable: ${promise.durability})`,
    `  promise       version ${String(promise.version)}, signature, sizes and stamps verified`,
    `  keeps         mailbox ${days(ttlSeconds.mailbox)}, log ${days(ttlSeconds.log)}, pool ${days(ttlSeconds.pool)}`,
    `  holds         mailbox ${String(quotas.mailbox)}, log ${String(quotas.log)}, pool ${String(quotas.pool)} blocks`,
    `  rates         ${Object.entries(rates)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(', ')}`,
    `  logs          ${promise.logs}; admission ${promise.admission}; ${String(promise.blocked)} channels closed by the operator`,
    `  operator      ${operator.name ?? 'not named'}, ${operator.contact ?? 'no contact given'}`,
  ];
  return `${lines.join('\n')}\n`;
}
