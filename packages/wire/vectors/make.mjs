// Makes the published vectors of this folder (README.md beside it). Frames are encoded by protobufjs, hashes and
// signatures by Node's OpenSSL: nothing here comes from @sotto/wire, which is tested against the result.
// `node packages/wire/vectors/make.mjs`; all inputs are fixed, so the same files come out each time.
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { oracleEncode, pad } from '../test/oracle.mjs';

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const sha256 = (...parts) => new Uint8Array(createHash('sha256').update(Buffer.concat(parts)).digest());
/** Bytes that look random and are always the same: SHA-256 of "name/0", "name/1" … */
function fixed(name, length) {
  const parts = [];
  for (let i = 0; i * 32 < length; i++) parts.push(sha256(Buffer.from(`${name}/${i}`)));
  return new Uint8Array(Buffer.concat(parts).subarray(0, length));
}
const save = (name, value) =>
  writeFileSync(new URL(`${name}.json`, import.meta.url), `${JSON.stringify(value, null, 1)}\n`);
const MAX = 4_294_967_295;

// ───────────────────────────── valid frames ─────────────────────────────

const key = (name) => fixed(name, 32);
const id16 = (name) => fixed(name, 16);
const signature = fixed('signature', 64);
const block = fixed('block', 3968);
const admission = { token: fixed('token', 354), requestId: id16('request id') };
const append = {
  request: 7,
  type: 'append',
  handle: 3,
  appendId: id16('append id'),
  block,
  commitment: key('commitment'),
};
const create = {
  request: 2,
  type: 'create',
  handle: 1,
  policy: 'mailbox',
  securing: 'once',
  ttlSeconds: 0,
  ownerKey: key('owner'),
  salt: key('salt'),
  readerKey: key('reader'),
  writerKey: key('writer'),
  spillHandle: 0,
  spillBlocks: 0,
  signature,
};
const prove = {
  request: 2,
  type: 'prove',
  handle: 1,
  right: 'owner',
  id: fixed('id', 24),
  publicKey: key('public'),
  signature,
};
const allKeys = { ownerKey: key('o2'), readerKey: key('r2'), writerKey: key('w2'), joinerKey: key('j2') };
const item = (n) => ({ sequence: n, appendId: id16(`ack ${n}`) });
const most = (make) => Array.from({ length: 16 }, (_, i) => make(MAX - i));

const client = {
  hello: { request: 1, type: 'hello', version: 1, clientNonce: key('client nonce') },
  'hello of another version': { request: MAX, type: 'hello', version: MAX, clientNonce: key('client nonce') },
  'prove owner': prove,
  'prove reader': { ...prove, right: 'reader', handle: MAX },
  'prove writer': { ...prove, right: 'writer', handle: 128 },
  'prove joiner': { ...prove, right: 'joiner', handle: 16_384 },
  'prove with admission': { ...prove, admission },
  'create mailbox': create,
  'create pool': { ...create, policy: 'pool', securing: 'never', ttlSeconds: 1800 },
  'create log with joiner and token': {
    ...create,
    policy: 'log',
    securing: 'never',
    joinerKey: key('joiner'),
    ttlSeconds: MAX,
    admission,
  },
  'create spill': {
    ...create,
    policy: 'log',
    securing: 'never',
    spillHandle: MAX,
    spillBlocks: MAX,
    request: MAX,
    handle: MAX,
  },
  append,
  'append, extremes': { ...append, request: MAX, handle: MAX, block: new Uint8Array(3968) },
  'append with the shortest token': {
    ...append,
    admission: { token: Uint8Array.of(0), requestId: admission.requestId },
  },
  'append ordered, first': { ...append, ordered: { expect: 0 } },
  'append ordered with a token, the longest': {
    ...append,
    request: MAX,
    handle: MAX,
    ordered: { expect: MAX },
    admission,
  },
  'append ordered with all keys changed': {
    ...append,
    request: MAX,
    handle: MAX,
    ordered: { expect: MAX, change: allKeys },
  },
  'append ordered with one key changed': {
    ...append,
    ordered: { expect: 0, change: { joinerKey: key('j2') } },
  },
  'withdraw, mailbox': { request: 3, type: 'withdraw', handle: 3, appendId: append.appendId },
  'withdraw, pool': {
    request: 3,
    type: 'withdraw',
    handle: 3,
    appendId: append.appendId,
    secret: key('secret'),
  },
  subscribe: { request: 4, type: 'subscribe', handle: 2, credit: 64, after: 0, leaseSeconds: 0 },
  'subscribe, log': { request: 4, type: 'subscribe', handle: 2, credit: 1, after: MAX, leaseSeconds: 0 },
  'subscribe, pool, shortest lease': {
    request: 4,
    type: 'subscribe',
    handle: 2,
    credit: 1,
    after: 0,
    leaseSeconds: 10,
  },
  'subscribe, pool, longest lease': {
    request: 4,
    type: 'subscribe',
    handle: 2,
    credit: 1,
    after: 0,
    leaseSeconds: 600,
  },
  unsubscribe: { request: 5, type: 'unsubscribe', handle: 2 },
  'ack one': { request: 6, type: 'ack', handle: 2, items: [item(1)] },
  'ack sixteen': { request: MAX, type: 'ack', handle: MAX, items: most(item) },
  'read slot': { request: 8, type: 'readSlot', handle: 2, back: 0 },
  'read slot, oldest': { request: 8, type: 'readSlot', handle: 2, back: 16 },
  secure: { request: 9, type: 'secure', handle: 3, writerKey: key('w2') },
  'change keys': { request: 10, type: 'changeKeys', handle: 1, change: allKeys },
  'change one key': { request: 10, type: 'changeKeys', handle: 1, change: { writerKey: key('w2') } },
  delete: { request: 11, type: 'delete', handle: 1 },
  'lease longer': { request: 12, type: 'lease', handle: 2, sequence: 1, seconds: 600 },
  'lease put back': { request: 12, type: 'lease', handle: 2, sequence: MAX, seconds: 0 },
  drop: { request: 13, type: 'drop', handle: MAX },
  ping: { request: 14, type: 'ping' },
  'ping with admission': { request: 14, type: 'ping', admission },
};

const deliver = {
  request: 0,
  type: 'deliver',
  handle: 2,
  sequence: 1,
  appendId: append.appendId,
  block,
  ordered: false,
  keptUntil: 1_795_000_000,
  leasedUntil: 0,
};
const proved = {
  request: 2,
  type: 'proved',
  policy: 'mailbox',
  generation: 0,
  lastSequence: 0,
  orderedSequence: 0,
  incarnation: id16('incarnation'),
  superseded: false,
};
const refused = (code, more) => ({ request: 5, type: 'refused', code, current: 0, retryAfterMs: 0, ...more });
const result = (n) => ({ request: n, sequence: n, duplicate: n % 2 === 0, keptUntil: n });

const relay = {
  welcome: {
    request: 0,
    type: 'welcome',
    version: 1,
    relayKey: key('relay'),
    serverNonce: key('server nonce'),
    time: 1_790_000_000,
    promiseVersion: 1,
  },
  'proved, new': proved,
  'proved, extremes': {
    ...proved,
    request: MAX,
    policy: 'pool',
    generation: MAX,
    lastSequence: MAX,
    orderedSequence: MAX,
    superseded: true,
  },
  'proved, log': { ...proved, policy: 'log', generation: 1 },
  created: {
    request: 2,
    type: 'created',
    ttlSeconds: 1_209_600,
    incarnation: id16('incarnation'),
    existed: false,
  },
  'created, existed': {
    request: MAX,
    type: 'created',
    ttlSeconds: MAX,
    incarnation: id16('incarnation'),
    existed: true,
  },
  'appended one': { request: 0, type: 'appended', results: [result(1)] },
  'appended, duplicate whose block is gone': {
    request: 0,
    type: 'appended',
    results: [{ request: 1, sequence: 1, duplicate: true, keptUntil: 0 }],
  },
  'appended sixteen': { request: 0, type: 'appended', results: most(result) },
  done: { request: 3, type: 'done' },
  'subscribed, empty': {
    request: 4,
    type: 'subscribed',
    incarnation: id16('incarnation'),
    head: 0,
    floor: 1,
    orderedSequence: 0,
  },
  'subscribed, extremes': {
    request: MAX,
    type: 'subscribed',
    incarnation: id16('incarnation'),
    head: MAX,
    floor: MAX,
    orderedSequence: MAX,
  },
  deliver,
  'deliver with a stamp of one leaf': {
    ...deliver,
    stamp: { hour: 497_222, index: 0, path: new Uint8Array(0), signature },
  },
  'deliver, the longest': {
    ...deliver,
    handle: MAX,
    sequence: MAX,
    ordered: true,
    keptUntil: MAX,
    leasedUntil: MAX,
    stamp: { hour: MAX, index: 2047, path: fixed('path', 352), signature },
  },
  'slot, empty': { request: 8, type: 'slot', sequence: 0, keptUntil: 0 },
  'slot, full': {
    request: MAX,
    type: 'slot',
    sequence: MAX,
    appendId: append.appendId,
    block,
    keptUntil: MAX,
  },
  leased: { request: 12, type: 'leased', until: MAX },
  'leased, put back': { request: 12, type: 'leased', until: 0 },
  pong: { request: 14, type: 'pong' },
  'refused UNKNOWN': refused('UNKNOWN'),
  'refused STALE': refused('STALE', { current: MAX }),
  'refused ORDER': refused('ORDER'),
  'refused QUOTA': refused('QUOTA', { retryAfterMs: 1000 }),
  'refused RATE': refused('RATE', { retryAfterMs: MAX }),
  'refused LATER': refused('LATER', { retryAfterMs: 1 }),
  'refused LIMIT': refused('LIMIT'),
  'refused SUPERSEDED': refused('SUPERSEDED'),
  'refused BLOCKED': refused('BLOCKED', { reason: 'abuse' }),
  'refused TOKEN': refused('TOKEN'),
  'refused INVALID': refused('INVALID'),
  'ended, evicted': { request: 0, type: 'ended', handle: 2, cause: 'evicted' },
  'ended, keys changed': { request: 0, type: 'ended', handle: 2, cause: 'keys-changed' },
  'ended, deleted': { request: 0, type: 'ended', handle: 2, cause: 'deleted' },
  'ended, blocked, illegal': { request: 0, type: 'ended', handle: 2, cause: 'blocked', reason: 'illegal' },
  'ended, blocked, spam': { request: 0, type: 'ended', handle: 2, cause: 'blocked', reason: 'spam' },
  'ended, blocked, safety': { request: 0, type: 'ended', handle: 2, cause: 'blocked', reason: 'safety' },
  'ended, blocked, at the owner’s wish': {
    request: 0,
    type: 'ended',
    handle: MAX,
    cause: 'blocked',
    reason: 'owner-request',
  },
  closing: { request: 0, type: 'closing', retryAfterMs: 5000 },
  'closing, at once': { request: 0, type: 'closing', retryAfterMs: 0 },
};

const isData = (frame) =>
  frame.type === 'append' || frame.admission !== undefined || frame.type === 'deliver' || frame.block !== undefined;
const asJson = (value) =>
  value instanceof Uint8Array
    ? hex(value)
    : Array.isArray(value)
      ? value.map(asJson)
      : typeof value === 'object'
        ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, asJson(inner)]))
        : value;
const message = (from, frame) => oracleEncode(from === 'client' ? 'ClientFrame' : 'RelayFrame', frame);
const valid = (from, frames) =>
  Object.entries(frames).map(([name, frame]) => ({
    name,
    from,
    size: isData(frame) ? 4480 : 512,
    message: hex(message(from, frame)),
    value: asJson(frame),
  }));

save('frames-valid', [...valid('client', client), ...valid('relay', relay)]);

// ───────────────────────────── invalid frames ─────────────────────────────

const invalid = [];
/** `head`: the frame up to its last byte that isn't zero; zeros follow to `size`. */
function bad(name, from, error, bytes) {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  invalid.push({ name, from, error, size: bytes.length, head: hex(bytes.subarray(0, end)) });
}
const raw = (text) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const control = (text) => pad(raw(text), 512);
const encoding = (name, from, text) => bad(name, from, 'WIRE_FRAME_ENCODING', control(text));
const value = (name, from, frame) =>
  bad(name, from, 'WIRE_FRAME_VALUE', pad(message(from, frame), isData(frame) ? 4480 : 512));

const ping = pad(message('client', client.ping), 512);
bad('nothing', 'client', 'WIRE_FRAME_SIZE', new Uint8Array(0));
bad('one byte too few', 'client', 'WIRE_FRAME_SIZE', ping.subarray(0, 511));
bad('one byte too many', 'client', 'WIRE_FRAME_SIZE', pad(message('client', client.ping), 513));
bad('a control message in a data frame', 'client', 'WIRE_FRAME_SIZE', pad(message('client', client.ping), 4480));
bad(
  'a token in a control frame',
  'client',
  'WIRE_FRAME_SIZE',
  pad(message('client', { ...client.ping, admission: { token: Uint8Array.of(1), requestId: id16('r') } }), 512),
);
bad('an ack in a data frame', 'client', 'WIRE_FRAME_SIZE', pad(message('client', client['ack one']), 4480));
bad('an empty slot in a data frame', 'relay', 'WIRE_FRAME_SIZE', pad(message('relay', relay['slot, empty']), 4480));
bad('an appended in a data frame', 'relay', 'WIRE_FRAME_SIZE', pad(message('relay', relay['appended one']), 4480));
bad('all zeros', 'client', 'WIRE_FRAME_LENGTH', new Uint8Array(512));
bad('all zeros', 'relay', 'WIRE_FRAME_LENGTH', new Uint8Array(4480));
{
  const long = Uint8Array.from(ping);
  long.set([0x01, 0xff]);
  bad('length one past the frame', 'client', 'WIRE_FRAME_LENGTH', long);
  const padded = Uint8Array.from(ping);
  padded[511] = 1;
  bad('last byte of the padding not zero', 'client', 'WIRE_FRAME_PADDING', padded);
  const near = Uint8Array.from(ping);
  near[2 + message('client', client.ping).length] = 1;
  bad('first byte of the padding not zero', 'client', 'WIRE_FRAME_PADDING', near);
  const dataPadding = pad(message('client', append), 4480);
  dataPadding[4479] = 0x80;
  bad('padding of a data frame not zero', 'client', 'WIRE_FRAME_PADDING', dataPadding);
  const short = pad(message('client', client.unsubscribe), 512);
  short[1] -= 1;
  bad('message cut by its length', 'client', 'WIRE_FRAME_PADDING', short);
}
encoding('cut in a varint', 'client', '08');
encoding('cut after a tag', 'client', '080e 82');
encoding('cut in a sub-message', 'client', '0801 4202 08');
encoding('sub-message longer than the rest', 'client', '0801 4203 0801');
encoding('unknown field', 'client', '080e 8201 00 f801 01');
encoding('unknown field in a sub-message', 'client', '0801 4204 0801 1001');
encoding('field number zero', 'client', '0001');
encoding('group', 'client', '080e 0b 0c');
encoding('fixed32 in place of a varint', 'client', '0d 01000000 820100');
encoding('length-delimited in place of a varint', 'client', '0a 01 01 820100');
encoding('number in two bytes that fits one', 'client', '088e00 820100');
encoding('tag in two bytes that fits one', 'client', '888000 820100');
encoding('length in two bytes that fits one', 'client', '0801 428200 0801');
encoding('number of 2^32', 'client', '088080808010 820100');
encoding('number of ten bytes', 'client', '08ffffffffffffffffff01 820100');
encoding('number without an end', 'client', '08ffffffffffffffffffff');
encoding('default value of a number', 'client', '0800 820100');
encoding('default value in a sub-message', 'client', '0801 5204 0801 1000');
encoding('empty bytes', 'client', '0801 3204 0801 1200');
encoding('boolean of two', 'relay', '0802 2216 0801 1210 00112233445566778899aabbccddeeff 1802');
encoding('fields in the wrong order', 'client', '820100 080e');
encoding('fields of a sub-message in the wrong order', 'client', '0801 5204 1001 0801');
encoding('a field twice', 'client', '080e 080e 820100');
encoding('a sub-message twice', 'client', '080e 820100 820100');
encoding('a field of a sub-message twice', 'client', '0801 4204 0801 0801');
encoding('two bodies', 'client', '0801 4202 0801 820100');
encoding('two bodies, second one first', 'client', '0801 820100 4202 0801');
encoding('bytes after the message', 'client', '080e 820100 00');
encoding('random', 'client', hex(fixed('noise', 200)));
encoding('random', 'relay', hex(fixed('noise of a relay', 200)));
encoding('enum of the unspecified value', 'relay', '0805 6202 0800');
bad('request alone', 'client', 'WIRE_FRAME_VALUE', control('0801'));
bad('no request', 'client', 'WIRE_FRAME_VALUE', control('820100'));
bad('enum beyond the last', 'relay', 'WIRE_FRAME_VALUE', control('0805 6202 080c'));
bad('refusal without a code', 'relay', 'WIRE_FRAME_VALUE', control('0805 6200'));
bad('no body', 'relay', 'WIRE_FRAME_VALUE', control('0805'));
bad('change of keys without a key', 'client', 'WIRE_FRAME_VALUE', control('080a 6204 0801 1200'));
bad('change of keys without a change', 'client', 'WIRE_FRAME_VALUE', control('080a 6202 0801'));
// Encoding is judged before values: a client of any language can come to the same code.
encoding('a value out of bounds, then a cut', 'client', '0801 1202 0801 82');
bad('ack of nothing', 'client', 'WIRE_FRAME_VALUE', control('0806 4a02 0802'));
bad('appended nothing', 'relay', 'WIRE_FRAME_VALUE', control('2a00'));
bad('hello without a nonce', 'client', 'WIRE_FRAME_VALUE', control('0801 1202 0801'));
value('hello of version 0', 'client', { ...client.hello, version: 0 });
value('hello with 31 bytes of nonce', 'client', { ...client.hello, clientNonce: fixed('n', 31) });
value('hello with 33 bytes of nonce', 'client', { ...client.hello, clientNonce: fixed('n', 33) });
value('prove without a right', 'client', { ...prove, right: undefined });
value('prove with 23 bytes of id', 'client', { ...prove, id: fixed('id', 23) });
value('prove with 25 bytes of id', 'client', { ...prove, id: fixed('id', 25) });
value('prove on handle 0', 'client', { ...prove, handle: 0 });
value('prove with 63 bytes of signature', 'client', { ...prove, signature: fixed('s', 63) });
value('create with a spill and no blocks', 'client', { ...create, spillHandle: 1 });
value('create with spill blocks and no spill', 'client', { ...create, spillBlocks: 1 });
value('create without a policy', 'client', { ...create, policy: undefined });
value('create with 31 bytes of joiner key', 'client', { ...create, joinerKey: fixed('j', 31) });
value('append with 3,967 bytes', 'client', { ...append, block: fixed('block', 3967) });
value('append with 3,969 bytes', 'client', { ...append, block: fixed('block', 3969) });
value('append without a block', 'client', { ...append, block: undefined });
value('append without a commitment', 'client', { ...append, commitment: undefined });
value('append with 15 bytes of append id', 'client', { ...append, appendId: fixed('a', 15) });
value('append of request 0', 'client', { ...append, request: 0 });
value('append with a token and a change of keys', 'client', {
  ...append,
  ordered: { expect: 0, change: { writerKey: key('w2') } },
  admission: { token: fixed('t', 1), requestId: id16('r') },
});
value('token of 355 bytes', 'client', { ...append, admission: { ...admission, token: fixed('token', 355) } });
value('admission without a token', 'client', { ...append, admission: { requestId: id16('r') } });
value('admission with 15 bytes of request id', 'client', {
  ...append,
  admission: { token: admission.token, requestId: fixed('r', 15) },
});
value('subscribe without credit', 'client', { ...client.subscribe, credit: 0 });
value('subscribe with credit 65', 'client', { ...client.subscribe, credit: 65 });
value('subscribe with a lease of 9 s', 'client', { ...client.subscribe, leaseSeconds: 9 });
value('subscribe with a lease of 601 s', 'client', { ...client.subscribe, leaseSeconds: 601 });
value('seventeen acks', 'client', {
  ...client['ack one'],
  items: Array.from({ length: 17 }, (_, i) => item(i + 1)),
});
value('ack of sequence 0', 'client', { ...client['ack one'], items: [{ sequence: 0, appendId: id16('a') }] });
value('read slot 17 back', 'client', { ...client['read slot'], back: 17 });
value('withdraw with 31 bytes of secret', 'client', { ...client['withdraw, pool'], secret: fixed('s', 31) });
value('lease of 9 s', 'client', { ...client['lease longer'], seconds: 9 });
value('deliver with a request', 'relay', { ...deliver, request: 1 });
value('deliver of sequence 0', 'relay', { ...deliver, sequence: 0 });
value('stamp whose index is beyond its path', 'relay', {
  ...deliver,
  stamp: { hour: 1, index: 2, path: fixed('p', 32), signature },
});
value('stamp of index 2,048', 'relay', {
  ...deliver,
  stamp: { hour: 1, index: 2048, path: fixed('p', 352), signature },
});
value('stamp whose path is no number of hashes', 'relay', {
  ...deliver,
  stamp: { hour: 1, index: 0, path: fixed('p', 33), signature },
});
value('stamp without a signature', 'relay', { ...deliver, stamp: { hour: 1, index: 0, path: fixed('p', 32) } });
value('pong without a request', 'relay', { request: 0, type: 'pong' });
value('welcome with a request', 'relay', { ...relay.welcome, request: 1 });
value('proved without an incarnation', 'relay', { ...proved, incarnation: undefined });
value('seventeen results', 'relay', {
  ...relay['appended one'],
  results: Array.from({ length: 17 }, (_, i) => result(i + 1)),
});
value('slot with a sequence and no block', 'relay', { ...relay['slot, empty'], sequence: 1 });
value('slot with a time and no block', 'relay', { ...relay['slot, empty'], keptUntil: 1 });
value('slot with a block and no sequence', 'relay', { ...relay['slot, full'], sequence: 0 });
value('slot with a block and no append id', 'relay', { ...relay['slot, full'], appendId: undefined });
value('ended without a cause', 'relay', { ...relay['ended, evicted'], cause: undefined });
save('frames-invalid', invalid);

// ───────────────────────────── ids and signatures ─────────────────────────────

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
function signer(name) {
  const seed = key(`seed of ${name}`);
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const der = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { seed, publicKey: new Uint8Array(der.subarray(-32)), sign: (bytes) => sign(null, bytes, privateKey) };
}
const domain = (name) => Buffer.from(`sotto.v1.${name}\0`, 'latin1');
const u8 = (n) => Uint8Array.of(n);
const u32 = (n) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(n);
  return bytes;
};
const signing = [];
function layout(name, kind, input, parts, by) {
  const preimage = Buffer.concat([domain(kind), ...parts]);
  const entry = { name, kind, input: asJson(input), preimage: hex(preimage), sha256: hex(sha256(preimage)) };
  if (by) Object.assign(entry, { seed: hex(by.seed), publicKey: hex(by.publicKey), signature: hex(by.sign(preimage)) });
  signing.push(entry);
  return sha256(preimage);
}

const owner = signer('owner');
const relaySigner = signer('relay');
const handshake = { relayKey: relaySigner.publicKey, serverNonce: key('server nonce'), clientNonce: key('client nonce') };
const hands = [handshake.relayKey, handshake.serverNonce, handshake.clientNonce];
const salt = key('salt');
const ids = {};
for (const [word, number] of [
  ['read', 1],
  ['write', 2],
])
  ids[word] = layout(`${word}Id: the first 24 bytes of sha256`, 'id', { right: word, ownerKey: owner.publicKey, salt }, [
    u8(number),
    owner.publicKey,
    salt,
  ]).subarray(0, 24);
['owner', 'reader', 'writer', 'joiner'].forEach((right, index) => {
  const id = index < 2 ? ids.read : ids.write;
  layout(`prove ${right}`, 'prove', { ...handshake, right, id }, [...hands, u8(index + 1), id], signer(right));
});
for (const [name, more, policy, securing] of [
  ['create mailbox', { handle: 1, policy: 'mailbox', securing: 'once', ttlSeconds: 0 }, 1, 2],
  ['create log with joiner', { handle: MAX, policy: 'log', securing: 'never', ttlSeconds: MAX, joinerKey: key('joiner') }, 2, 1],
  ['create pool', { handle: 256, policy: 'pool', securing: 'never', ttlSeconds: 1800 }, 3, 1],
  ['create spill', { handle: 2, policy: 'log', securing: 'never', ttlSeconds: 600, spillHandle: 1, spillBlocks: 20 }, 2, 1],
]) {
  const made = {
    spillHandle: 0,
    spillBlocks: 0,
    ownerKey: owner.publicKey,
    salt,
    readerKey: key('reader'),
    writerKey: key('writer'),
    ...more,
  };
  layout(
    name,
    'create',
    { ...handshake, create: made },
    [
      ...hands,
      u32(made.handle),
      u8(policy),
      u8(securing),
      u32(made.ttlSeconds),
      made.ownerKey,
      made.salt,
      made.readerKey,
      made.writerKey,
      u8(made.joinerKey ? 1 : 0),
      made.joinerKey ?? Buffer.alloc(0),
      u32(made.spillHandle),
      u32(made.spillBlocks),
    ],
    owner,
  );
}
layout('withdraw: the append id is the first 16 bytes of sha256', 'withdraw', { secret: key('secret') }, [key('secret')]);

// A batch of three: the missing fourth leaf is zeros.
const commitments = ['a', 'b', 'c'].map((name) => key(`commitment ${name}`));
const leaves = commitments.map((commitment, i) => layout(`leaf ${i}`, 'stamp-leaf', { commitment }, [commitment]));
const node = (name, left, right) => layout(name, 'stamp-node', { left, right }, [left, right]);
const none = new Uint8Array(32);
const left = node('node of leaves 0 and 1', leaves[0], leaves[1]);
const right = node('node of leaf 2 and nothing', leaves[2], none);
const root = node('root of three', left, right);
const hour = 497_222;
layout('stamp root', 'stamp-root', { root, hour }, [root, u32(hour)], signer('stamp'));
const join = (...parts) => new Uint8Array(Buffer.concat(parts));
const paths = [join(leaves[1], right), join(leaves[0], right), join(none, left)];
const stamps = commitments.map((commitment, index) =>
  asJson({ commitment, index, path: paths[index], root, hour }),
);
stamps.push(asJson({ commitment: commitments[0], index: 0, path: new Uint8Array(0), root: leaves[0], hour }));
const payload = Buffer.from('{"version":1}');
layout('promise', 'promise', { payload: new Uint8Array(payload) }, [payload], relaySigner);
save('signing', { layouts: signing, stamps });

// ───────────────────────────── links ─────────────────────────────

const origin = 'https://chat.example';
const linkValue = (kind, url) => ({
  kind,
  relay: url,
  relayKey: relaySigner.publicKey,
  writeId: ids.write,
  writerSeed: key('writer seed'),
  secret: key('link secret'),
  identityHash: key('identity'),
});
const kinds = { once: 1, standing: 2, room: 3, door: 4, directory: 5 };
function linkBody(link, version = 1, kind = kinds[link.kind]) {
  return join(
    u8(version),
    u8(kind),
    link.relayKey,
    link.writeId,
    link.writerSeed,
    link.secret,
    link.identityHash,
    Buffer.from(link.relay, 'utf8'),
  );
}
const closeLink = (body) => Buffer.from(join(body, sha256(domain('link'), body).subarray(0, 4)));
const fragment = (body) => closeLink(body).toString('base64url');
const first = linkValue('once', 'https://relay.example');
const links = [
  ['once', first],
  ['standing, with a path', linkValue('standing', 'https://example.org/sotto/relay')],
  ['room, with a port', linkValue('room', 'http://127.0.0.1:8787')],
  ['an IPv6 address', linkValue('once', 'http://[::1]:8787')],
  ['door', linkValue('door', 'https://relay.example')],
  ['directory', linkValue('directory', 'https://relay.example')],
  ['the longest relay', linkValue('once', `https://relay.example/${'a'.repeat(178)}`)],
].map(([name, link]) => ({ name, text: `${origin}/#${fragment(linkBody(link))}`, value: asJson(link) }));
const good = fragment(linkBody(first));
const forms = [
  ['bare fragment', good],
  ['with its hash', `#${good}`],
  ['with space around it', `  \n${origin}/#${good}\t\n`],
].map(([name, text]) => ({ name, text, value: asJson(first) }));
const swap = (text, at) => text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
const refusedLinks = [
  ...[0, 1, 2, 50, 130, 220, good.length - 1].map((at) => [`letter ${at} changed`, 'WIRE_LINK_DAMAGED', swap(good, at)]),
  ...[1, 2, 3, 4, 100].map((n) => [`last ${n} letters cut`, 'WIRE_LINK_DAMAGED', good.slice(0, -n)]),
  ['first letter cut', 'WIRE_LINK_DAMAGED', good.slice(1)],
  ['two letters changed places', 'WIRE_LINK_DAMAGED', good.slice(0, 60) + good[61] + good[60] + good.slice(62)],
  ['one letter more', 'WIRE_LINK_DAMAGED', `${good}A`],
  ['version 2', 'WIRE_LINK_VERSION', fragment(linkBody(first, 2))],
  ['version 0', 'WIRE_LINK_VERSION', fragment(linkBody(first, 0))],
  ['version 2 and short', 'WIRE_LINK_VERSION', fragment(join(u8(2), key('other')))],
  ['kind 0', 'WIRE_LINK_INVALID', fragment(linkBody(first, 1, 0))],
  ['kind 6', 'WIRE_LINK_INVALID', fragment(linkBody(first, 1, 6))],
  ['no relay', 'WIRE_LINK_INVALID', fragment(linkBody({ ...first, relay: '' }))],
  ['shorter than its fixed part', 'WIRE_LINK_INVALID', fragment(linkBody(first).subarray(0, 100))],
  ...[
    'ftp://relay.example',
    'javascript:alert(1)',
    'https://relay.example/',
    'https://Relay.example',
    'https://user@relay.example',
    'https://relay.example/?q=1',
    'https://relay.example/#a',
    'https://relay.example:0',
    'https://relay.example:65536',
    'https://relay.example/a/../b',
    'https://relay.example/a b',
    'https://',
    `https://relay.example/${'a'.repeat(179)}`,
    'https://rel\u00e4y.example',
  ].map((url) => [`relay ${url.slice(0, 40)}`, 'WIRE_LINK_INVALID', fragment(linkBody({ ...first, relay: url }))]),
  ['relay that is no UTF-8', 'WIRE_LINK_INVALID', fragment(join(linkBody(first), u8(0xff)))],
  ['nothing', 'WIRE_LINK_INVALID', ''],
  ['space', 'WIRE_LINK_INVALID', ' \n '],
  ['a word', 'WIRE_LINK_INVALID', 'hello'],
  ['a URL without a fragment', 'WIRE_LINK_INVALID', 'https://chat.example/some/other/page/that/is/long/enough'],
  ['a URL with an empty fragment', 'WIRE_LINK_INVALID', `${origin}/#`],
  ['padding', 'WIRE_LINK_INVALID', `${good}=`],
  ['letters of plain base64', 'WIRE_LINK_INVALID', `${good.slice(0, 50)}+/${good.slice(52)}`],
  ['space within', 'WIRE_LINK_INVALID', `${good.slice(0, 50)} ${good.slice(50)}`],
  ['two links', 'WIRE_LINK_INVALID', `${origin}/#${good} ${origin}/#${good}`],
].map(([name, error, text]) => ({ name, error, text }));
save('links', { origin, valid: links, forms, invalid: refusedLinks });
