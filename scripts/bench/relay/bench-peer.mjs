// One loopback connection that speaks Sotto's frames, for load: create a mailbox, prove rights, append, ack.
// Acks of one event-loop turn go out together, as a real client's do.
import { createHash, createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto';
import { createPreimage, decodeRelayFrame, encodeClientFrame, idPreimage, provePreimage } from '@sotto/wire';
import { openRawSocket } from './raw-socket.mjs';

const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A fresh Ed25519 key: { privateKey: KeyObject, publicKey: 32 bytes }. */
export function freshKey(seed = randomBytes(32)) {
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_ED25519, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(12);
  return { privateKey, publicKey };
}

/**
 * Keys, salt and ids of a channel that is not made yet.
 * @param keys - of another plan, where making new ones would only cost the generator time.
 */
export function planChannel(keys = { owner: freshKey(), reader: freshKey(), writer: freshKey() }) {
  const { owner, reader, writer } = keys;
  const salt = randomBytes(32);
  const id = (right) =>
    createHash('sha256')
      .update(idPreimage(right, owner.publicKey, salt))
      .digest()
      .subarray(0, 24);
  return { owner, reader, writer, salt, readId: id('read'), writeId: id('write') };
}

/**
 * Connects and says hello.
 * @param options port; onDeliver(frame) for each delivered block; onClose() when the connection is gone.
 */
export async function openBenchPeer({ port, onDeliver = () => {}, onClose = () => {} }) {
  const clientNonce = randomBytes(32);
  const waiting = new Map();
  let nextRequest = 1;
  let welcome;
  let welcomed;
  const whenWelcome = new Promise((resolve) => (welcomed = resolve));

  const onFrame = (payload) => {
    const frame = decodeRelayFrame(payload);
    switch (frame.type) {
      case 'welcome':
        welcome = { relayKey: Buffer.from(frame.relayKey), serverNonce: Buffer.from(frame.serverNonce) };
        welcomed();
        return;
      case 'deliver':
        onDeliver(frame);
        return;
      case 'appended':
        for (const result of frame.results) settle(result.request, result);
        return;
      case 'ended':
      case 'closing':
        return;
      default:
        settle(frame.request, frame);
    }
  };
  const settle = (request, answer) => {
    const resolve = waiting.get(request);
    waiting.delete(request);
    resolve?.(answer);
  };

  const raw = await openRawSocket({ port, path: '/v1', protocol: 'sotto.v1', onFrame, onClose });
  await whenWelcome;
  raw.send(encodeClientFrame({ request: 1, type: 'hello', version: 1, clientNonce }));
  nextRequest = 2;

  const ask = (frame, onAnswer) => {
    const request = nextRequest++;
    waiting.set(request, onAnswer);
    raw.send(encodeClientFrame({ request, ...frame }));
  };
  const call = (frame) =>
    new Promise((resolve, reject) =>
      ask(frame, (answer) =>
        answer.type === 'refused' ? reject(new Error(`refused: ${answer.code}`)) : resolve(answer),
      ),
    );

  const acks = [];
  const flushAcks = (handle) => {
    while (acks.length > 0)
      raw.send(encodeClientFrame({ request: nextRequest++, type: 'ack', handle, items: acks.splice(0, 16) }));
  };

  return {
    call,
    ask,
    close: raw.close,
    ack(handle, frame) {
      if (acks.length === 0) setImmediate(flushAcks, handle);
      acks.push({ sequence: frame.sequence, appendId: frame.appendId });
    },
    prove(handle, right, id, key) {
      const preimage = provePreimage({ ...welcome, clientNonce, right, id });
      const signature = sign(null, preimage, key.privateKey);
      return call({ type: 'prove', handle, right, id, publicKey: key.publicKey, signature });
    },
    createChannel(handle, plan, policy = 'mailbox') {
      const create = {
        handle,
        policy,
        securing: 'never',
        ttlSeconds: 0,
        ownerKey: plan.owner.publicKey,
        salt: plan.salt,
        readerKey: plan.reader.publicKey,
        writerKey: plan.writer.publicKey,
        spillHandle: 0,
        spillBlocks: 0,
      };
      const preimage = createPreimage({ ...welcome, clientNonce, create });
      return call({ type: 'create', ...create, signature: sign(null, preimage, plan.owner.privateKey) });
    },
  };
}
