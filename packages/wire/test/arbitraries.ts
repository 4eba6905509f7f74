// Every valid frame, as fast-check sees it. Shared by the property tests of this package; holds no assertions.

import fc from 'fast-check';
import type { AckItem, AppendResult, ClientFrame, KeyChange, Link, RelayFrame, Stamp } from '../src/index.ts';

// Numbers near the places where a varint grows, as often as any others.
const edges = [0, 1, 127, 128, 16_383, 16_384, 2 ** 21 - 1, 2 ** 21, 2 ** 28 - 1, 2 ** 28, 2 ** 32 - 1];
export const u32 = fc.oneof(fc.constantFrom(...edges), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
export const positive = u32.map((n) => (n === 0 ? 1 : n));
export const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
// Blocks are opaque: a few are as good as many, and far faster.
const block = fc.integer({ min: 0, max: 255 }).map((fill) => new Uint8Array(3968).fill(fill));
const lease = fc.oneof(fc.constant(0), fc.integer({ min: 10, max: 600 }));
const key = bytes(32);

/** Optional properties are left out, not undefined, as the decoder does. */
const record = <T extends object>(
  required: { [K in keyof T as undefined extends T[K] ? never : K]: fc.Arbitrary<T[K]> },
  optional: {
    [K in keyof T as undefined extends T[K] ? K : never]-?: fc.Arbitrary<Exclude<T[K], undefined>>;
  },
): fc.Arbitrary<T> =>
  fc.record(
    { ...required, ...optional },
    {
      requiredKeys: Object.keys(required) as never,
    },
  ) as unknown as fc.Arbitrary<T>;

const keyChange = record<KeyChange>(
  {},
  { ownerKey: key, readerKey: key, writerKey: key, joinerKey: key },
).filter((change) => Object.keys(change).length > 0);
const admission = fc.record({ token: fc.uint8Array({ minLength: 1, maxLength: 354 }), requestId: bytes(16) });
const right = fc.constantFrom('owner', 'reader', 'writer', 'joiner' as const);
const policy = fc.constantFrom('mailbox', 'log', 'pool' as const);
const securing = fc.constantFrom('never', 'once' as const);
const reason = fc.constantFrom('abuse', 'illegal', 'spam', 'safety', 'owner-request' as const);
const ackItem: fc.Arbitrary<AckItem> = fc.record({ sequence: positive, appendId: bytes(16) });
const result: fc.Arbitrary<AppendResult> = fc.record({
  request: positive,
  sequence: positive,
  duplicate: fc.boolean(),
  keptUntil: u32,
});
const stamp: fc.Arbitrary<Stamp> = fc.integer({ min: 0, max: 11 }).chain((depth) =>
  fc.record({
    hour: u32,
    index: fc.integer({ min: 0, max: 2 ** depth - 1 }),
    path: bytes(depth * 32),
    signature: bytes(64),
  }),
);

type Of<F, T> = Extract<F, { type: T }>;
const head = { request: positive };
const handled = { ...head, handle: positive };
const type = <T extends string>(name: T): { type: fc.Arbitrary<T> } => ({ type: fc.constant(name) });

export const appendFrame = record<Of<ClientFrame, 'append'>>(
  { ...handled, ...type('append'), appendId: bytes(16), block, commitment: bytes(32) },
  {
    admission,
    ordered: record<{ expect: number; change?: KeyChange | undefined }>(
      { expect: u32 },
      { change: keyChange },
    ),
  },
).map((frame) => {
  // Together they fit no frame.
  if (frame.ordered?.change !== undefined) delete frame.admission;
  return frame;
});
export const ackFrame = record<Of<ClientFrame, 'ack'>>(
  { ...handled, ...type('ack'), items: fc.array(ackItem, { minLength: 1, maxLength: 16 }) },
  { admission },
);
/** The same two as a busy relay sees them: nothing optional. */
export const plainClientFrame = fc.oneof(appendFrame, ackFrame).map((frame): ClientFrame => {
  delete frame.admission;
  if (frame.type === 'append') delete frame.ordered;
  return frame;
});
const create = fc.tuple(
  record<Of<ClientFrame, 'create'>>(
    {
      ...handled,
      ...type('create'),
      policy,
      securing,
      ttlSeconds: u32,
      ownerKey: key,
      salt: key,
      readerKey: key,
      writerKey: key,
      spillHandle: fc.constant(0),
      spillBlocks: fc.constant(0),
      signature: bytes(64),
    },
    { joinerKey: key, admission },
  ),
  fc.option(fc.record({ spillHandle: positive, spillBlocks: positive }), { nil: {} }),
);

export const clientFrame: fc.Arbitrary<ClientFrame> = fc.oneof(
  { arbitrary: appendFrame, weight: 3 },
  { arbitrary: ackFrame, weight: 3 },
  record<Of<ClientFrame, 'hello'>>(
    { ...head, ...type('hello'), version: positive, clientNonce: key },
    { admission },
  ),
  record<Of<ClientFrame, 'prove'>>(
    { ...handled, ...type('prove'), right, id: bytes(24), publicKey: key, signature: bytes(64) },
    { admission },
  ),
  create.map(([frame, spill]) => ({ ...frame, ...spill })),
  record<Of<ClientFrame, 'withdraw'>>(
    { ...handled, ...type('withdraw'), appendId: bytes(16) },
    { secret: key, admission },
  ),
  record<Of<ClientFrame, 'subscribe'>>(
    {
      ...handled,
      ...type('subscribe'),
      credit: fc.integer({ min: 1, max: 64 }),
      after: u32,
      leaseSeconds: lease,
    },
    { admission },
  ),
  record<Of<ClientFrame, 'unsubscribe'>>({ ...handled, ...type('unsubscribe') }, { admission }),
  record<Of<ClientFrame, 'readSlot'>>(
    { ...handled, ...type('readSlot'), back: fc.integer({ min: 0, max: 16 }) },
    { admission },
  ),
  record<Of<ClientFrame, 'secure'>>({ ...handled, ...type('secure'), writerKey: key }, { admission }),
  record<Of<ClientFrame, 'changeKeys'>>(
    { ...handled, ...type('changeKeys'), change: keyChange },
    { admission },
  ),
  record<Of<ClientFrame, 'delete'>>({ ...handled, ...type('delete') }, { admission }),
  record<Of<ClientFrame, 'lease'>>(
    { ...handled, ...type('lease'), sequence: positive, seconds: lease },
    { admission },
  ),
  record<Of<ClientFrame, 'drop'>>({ ...handled, ...type('drop') }, { admission }),
  record<Of<ClientFrame, 'ping'>>({ ...head, ...type('ping') }, { admission }),
);

const unasked = { request: fc.constant(0) };

export const deliverFrame = record<Of<RelayFrame, 'deliver'>>(
  {
    ...unasked,
    ...type('deliver'),
    handle: positive,
    sequence: positive,
    appendId: bytes(16),
    block,
    ordered: fc.boolean(),
    keptUntil: u32,
    leasedUntil: u32,
  },
  { stamp },
);
export const appendedFrame = record<Of<RelayFrame, 'appended'>>(
  { ...unasked, ...type('appended'), results: fc.array(result, { minLength: 1, maxLength: 16 }) },
  {},
);

export const relayFrame: fc.Arbitrary<RelayFrame> = fc.oneof(
  { arbitrary: deliverFrame, weight: 3 },
  { arbitrary: appendedFrame, weight: 3 },
  record<Of<RelayFrame, 'welcome'>>(
    {
      ...unasked,
      ...type('welcome'),
      version: positive,
      relayKey: key,
      serverNonce: key,
      time: u32,
      promiseVersion: u32,
    },
    {},
  ),
  record<Of<RelayFrame, 'proved'>>(
    {
      ...head,
      ...type('proved'),
      policy,
      generation: u32,
      lastSequence: u32,
      orderedSequence: u32,
      incarnation: bytes(16),
      superseded: fc.boolean(),
    },
    {},
  ),
  record<Of<RelayFrame, 'created'>>(
    { ...head, ...type('created'), ttlSeconds: u32, incarnation: bytes(16), existed: fc.boolean() },
    {},
  ),
  record<Of<RelayFrame, 'done'>>({ ...head, ...type('done') }, {}),
  record<Of<RelayFrame, 'subscribed'>>(
    {
      ...head,
      ...type('subscribed'),
      incarnation: bytes(16),
      head: u32,
      floor: u32,
      orderedSequence: u32,
    },
    {},
  ),
  fc.record({
    ...head,
    ...type('slot'),
    sequence: positive,
    appendId: bytes(16),
    block,
    keptUntil: u32,
  }),
  fc.record({ ...head, ...type('slot'), sequence: fc.constant(0), keptUntil: fc.constant(0) }),
  record<Of<RelayFrame, 'leased'>>({ ...head, ...type('leased'), until: u32 }, {}),
  record<Of<RelayFrame, 'pong'>>({ ...head, ...type('pong') }, {}),
  record<Of<RelayFrame, 'refused'>>(
    {
      ...head,
      ...type('refused'),
      code: fc.constantFrom(
        'UNKNOWN',
        'STALE',
        'ORDER',
        'QUOTA',
        'RATE',
        'LATER',
        'LIMIT',
        'SUPERSEDED',
        'BLOCKED',
        'TOKEN',
        'INVALID' as const,
      ),
      current: u32,
      retryAfterMs: u32,
    },
    { reason },
  ),
  record<Of<RelayFrame, 'ended'>>(
    {
      ...unasked,
      ...type('ended'),
      handle: positive,
      cause: fc.constantFrom('evicted', 'keys-changed', 'deleted', 'blocked' as const),
    },
    { reason },
  ),
  record<Of<RelayFrame, 'closing'>>({ ...unasked, ...type('closing'), retryAfterMs: u32 }, {}),
);

export const link: fc.Arbitrary<Link> = fc.record({
  kind: fc.constantFrom('once', 'standing', 'room', 'door', 'directory' as const),
  relay: fc
    .tuple(fc.constantFrom('http', 'https'), fc.domain(), fc.option(fc.integer({ min: 1, max: 65_535 })))
    .map(([scheme, host, port]) => `${scheme}://${host}${port === null ? '' : `:${String(port)}`}`)
    .filter((url) => url.length <= 200),
  relayKey: key,
  writeId: bytes(24),
  writerSeed: key,
  secret: key,
  identityHash: key,
});

/** What a bad network, or a bad peer, makes of bytes: each step a place and a new value, or a cut, or a doubling. */
export const damage = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('set' as const), at: fc.nat(4479), value: fc.nat(255) }),
    // Most of what a decoder decides on stands at the front.
    fc.record({ kind: fc.constant('set' as const), at: fc.nat(60), value: fc.nat(255) }),
    fc.record({ kind: fc.constant('insert' as const), at: fc.nat(80), value: fc.nat(255) }),
    fc.record({ kind: fc.constant('remove' as const), at: fc.nat(80), value: fc.constant(0) }),
  ),
  { minLength: 1, maxLength: 4 },
);

export function harm(
  frame: Uint8Array,
  steps: readonly { kind: 'set' | 'insert' | 'remove'; at: number; value: number }[],
): Uint8Array {
  const list = [...frame];
  for (const { kind, at, value } of steps) {
    if (kind === 'set') list[at % list.length] = value;
    // The size stays, so that the damage reaches the message and not only the first check.
    if (kind === 'insert') {
      list.splice(at, 0, value);
      list.pop();
    }
    if (kind === 'remove') {
      list.splice(at, 1);
      list.push(0);
    }
  }
  return Uint8Array.from(list);
}
