// SPQR without a session around it: the erasure code, the braid through all its states, the chain's limits, and the
// stored form of every state that is reached.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BinaryReader, BinaryWriter } from '../src/binary.ts';
import { MAX_JUMP } from '../src/session/double-ratchet.ts';
import { Refused } from '../src/errors.ts';
import type { RandomSource } from '../src/primitives/random.ts';
import { systemRandom } from '../src/primitives/random.ts';
import { addEpoch, nextSendKey, receiveKey, startChain, type ChainState } from '../src/spqr/chain.ts';
import { readSpqr, writeSpqr } from '../src/spqr/codec.ts';
import { addChunk, newDecoder, newEncoder, nextChunk, type Chunk } from '../src/spqr/erasure.ts';
import { decodeSpqrMessage, encodeSpqrMessage } from '../src/spqr/message.ts';
import { spqrReceive, spqrSend, startSpqr, type SpqrState } from '../src/spqr/spqr.ts';

function chunksOf(message: Uint8Array<ArrayBuffer>, count: number, from = 0): Chunk[] {
  const chunks: Chunk[] = [];
  let encoder = { ...newEncoder(message), next: from };
  for (let i = 0; i < count; i++) {
    const { next, chunk } = nextChunk(encoder);
    chunks.push(chunk);
    encoder = next;
  }
  return chunks;
}

describe('erasure code', () => {
  test('any N different chunks of an N-chunk message give it back', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 40 })
          .chain((count) =>
            fc.tuple(
              fc.uint8Array({ minLength: 32 * count, maxLength: 32 * count }),
              fc.uniqueArray(fc.nat({ max: 300 }), { minLength: count, maxLength: count }),
            ),
          ),
        ([content, picks]) => {
          const message = new Uint8Array(content);
          const all = chunksOf(message, 301);
          let decoder = newDecoder(message.length);
          for (const [i, at] of picks.entries()) {
            const added = addChunk(decoder, all[at]!);
            if (i === picks.length - 1) expect(Buffer.compare(added.message!, message)).toBe(0);
            else expect(added.message).toBeUndefined();
            decoder = added.next;
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('the first chunk with an index wins, and a repeat adds nothing', () => {
    const [first, second] = chunksOf(systemRandom(64), 2);
    const once = addChunk(newDecoder(64), first!).next;
    expect(addChunk(once, { index: 0, data: systemRandom(32) }).next).toBe(once);
    expect(addChunk(once, second!).message).toBeDefined();
  });

  test('numbering starts over after 65,536 chunks', () => {
    const message = systemRandom(96);
    const [last, wrapped] = chunksOf(message, 2, 65535);
    expect([last!.index, wrapped!.index]).toEqual([65535, 0]);
    expect(wrapped!.data).toEqual(message.slice(0, 32));
    let decoder = addChunk(newDecoder(96), last!).next;
    decoder = addChunk(decoder, chunksOf(message, 1, 700)[0]!).next;
    expect(addChunk(decoder, wrapped!).message).toEqual(message);
  });
});

function stored(state: SpqrState): SpqrState {
  const writer = new BinaryWriter();
  writeSpqr(writer, state);
  const bytes = writer.finish();
  const reader = new BinaryReader(bytes);
  const read = readSpqr(reader);
  reader.end();
  const again = new BinaryWriter();
  writeSpqr(again, read);
  expect(Buffer.compare(again.finish(), bytes)).toBe(0);
  return read;
}

/** Two sides over a network that loses `loss` of all messages; returns the states visited. */
function converse(messages: number, loss: number, pick: () => number): Set<string> {
  const authKey = systemRandom(32);
  const sides: [SpqrState, SpqrState] = [startSpqr(authKey, 'A2B'), startSpqr(authKey, 'B2A')];
  const visited = new Set<string>();
  for (let i = 0; i < messages; i++) {
    const from = pick() < 0.5 ? 0 : 1;
    const to = from === 0 ? 1 : 0;
    const sent = spqrSend(sides[from], systemRandom);
    sides[from] = stored(sent.next);
    visited.add(sides[from].braid.kind);
    if (pick() < loss) continue;
    const before = JSON.stringify(sides[to]);
    const received = spqrReceive(sides[to], sent.message, MAX_JUMP);
    expect(JSON.stringify(sides[to])).toBe(before);
    expect(received.key).toEqual(sent.key);
    sides[to] = stored(received.next);
    visited.add(sides[to].braid.kind);
    expect(() => spqrReceive(sides[to], sent.message, MAX_JUMP)).toThrow(Refused);
  }
  return visited;
}

test('both sides get the same keys, through all eleven states, each of which can be stored', () => {
  const visited = new Set<string>();
  for (const loss of [0, 0.2, 0.5]) for (const kind of converse(600, loss, Math.random)) visited.add(kind);
  expect([...visited].sort()).toEqual([
    'ct1Acknowledged',
    'ct1Received',
    'ct1Sampled',
    'ct2Sampled',
    'ekReceivedCt1Sampled',
    'ekSentCt1Received',
    'headerReceived',
    'headerSent',
    'keysSampled',
    'keysUnsampled',
    'noHeaderReceived',
  ]);
});

test('a corrupt chunk is refused when its message would be complete, and the right one still completes it', () => {
  const authKey = systemRandom(32);
  let a = startSpqr(authKey, 'A2B');
  let b = startSpqr(authKey, 'B2A');
  const messages: Uint8Array[] = [];
  for (let i = 0; i < 4; i++) {
    const sent = spqrSend(a, systemRandom);
    a = sent.next;
    messages.push(sent.message);
  }
  b = spqrReceive(b, messages[0]!, MAX_JUMP).next;
  b = spqrReceive(b, messages[1]!, MAX_JUMP).next;
  const corrupt = messages[2]!.slice();
  corrupt[corrupt.length - 1]! ^= 1;
  expect(() => spqrReceive(b, corrupt, MAX_JUMP)).toThrow('header MAC');
  expect(spqrReceive(b, messages[2]!, MAX_JUMP).next.braid.kind).toBe('headerReceived');
  expect(spqrReceive(b, messages[3]!, MAX_JUMP).next.braid.kind).toBe('headerReceived');
});

test('an epoch from the future is refused', () => {
  const state = startSpqr(systemRandom(32), 'A2B');
  for (const epoch of [2, 3, 2 ** 40]) {
    const bytes = encodeSpqrMessage({ epoch, index: 1, payload: { kind: 'nothing' } });
    expect(() => spqrReceive(state, bytes, MAX_JUMP)).toThrow('epoch out of range');
  }
});

describe('message bytes', () => {
  test('what is encoded is decoded', () => {
    const chunk = { index: 65535, data: systemRandom(32) };
    for (const payload of [
      { kind: 'nothing' },
      { kind: 'ct1Ack' },
      { kind: 'header', chunk },
      { kind: 'ek', chunk },
      { kind: 'ekAndCt1Ack', chunk },
      { kind: 'ct1', chunk },
      { kind: 'ct2', chunk },
    ] as const) {
      for (const epoch of [1, 127, 128, 2 ** 33]) {
        const message = { epoch, index: 2 ** 32 - 1, payload };
        expect(decodeSpqrMessage(encodeSpqrMessage(message))).toEqual(message);
      }
    }
  });

  test.each([
    ['no bytes', []],
    ['version 0', [0, 1, 1, 0]],
    ['version 2', [2, 1, 1, 0]],
    ['epoch 0', [1, 0, 1, 0]],
    ['an epoch of 11 bytes', [1, ...Array<number>(10).fill(0x80), 1, 1, 0]],
    ['an index above u32', [1, 1, 0x80, 0x80, 0x80, 0x80, 0x10, 0]],
    ['no type', [1, 1, 1]],
    ['type 7', [1, 1, 1, 7]],
    ['no chunk', [1, 1, 1, 1]],
    ['a chunk index of 65536', [1, 1, 1, 1, 0x80, 0x80, 0x04, ...Array<number>(32).fill(0)]],
    ['31 bytes of chunk', [1, 1, 1, 1, 0, ...Array<number>(31).fill(0)]],
  ])('%s: refused', (_name, bytes) => {
    expect(() => decodeSpqrMessage(new Uint8Array(bytes))).toThrow(Refused);
  });

  test('bytes after the end are ignored', () => {
    expect(decodeSpqrMessage(new Uint8Array([1, 1, 1, 0, 9, 9]))).toEqual({
      epoch: 1,
      index: 1,
      payload: { kind: 'nothing' },
    });
  });
});

describe('chain', () => {
  const pair = (): [ChainState, ChainState] => {
    const key = systemRandom(32);
    return [startChain(key, 'A2B'), startChain(key, 'B2A')];
  };

  test('a jump of 25,000 is followed, one of 25,001 is not', () => {
    const [, receiver] = pair();
    expect(() => receiveKey(receiver, 0, 25_001, MAX_JUMP)).toThrow('jump too far');
    const { next } = receiveKey(receiver, 0, 25_000, MAX_JUMP);
    expect(next.links[0]!.receive.skipped).toHaveLength(2000);
  });

  test('keys up to 2,000 behind are kept, and given once', () => {
    const [, receiver] = pair();
    const { next } = receiveKey(receiver, 0, 2105, MAX_JUMP);
    const late = receiveKey(next, 0, 105, MAX_JUMP).next;
    expect(() => receiveKey(late, 0, 105, MAX_JUMP)).toThrow('already requested');
    expect(() => receiveKey(late, 0, 104, MAX_JUMP)).toThrow('trimmed');
    expect(() => receiveKey(late, 0, 2105, MAX_JUMP)).toThrow('already requested');
  });

  test('epochs come in order; sending drops what is two behind, receiving drops nothing', () => {
    let [sender, receiver] = pair();
    expect(() => addEpoch(sender, 2, systemRandom(32))).toThrow('out of order');
    for (const epoch of [1, 2, 3]) {
      const secret = systemRandom(32);
      sender = addEpoch(sender, epoch, secret);
      receiver = addEpoch(receiver, epoch, secret);
      const sent = nextSendKey(sender, epoch);
      sender = sent.next;
      const received = receiveKey(receiver, epoch, sent.index, MAX_JUMP);
      receiver = received.next;
      expect(received.key).toEqual(sent.key);
    }
    expect(sender.links.map(({ epoch }) => epoch)).toEqual([2, 3]);
    expect(sender.links[0]!.send).toBeUndefined();
    expect(receiver.links.map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3]);
    expect(() => nextSendKey(sender, 2)).toThrow('decreased');
    expect(() => receiveKey(sender, 0, 1, MAX_JUMP)).toThrow('no such');
    expect(() => receiveKey(receiver, 9, 1, MAX_JUMP)).toThrow('no such');
  });
});

test('the cores replay: the same randomness makes the same messages', () => {
  const counting = (): RandomSource => {
    let n = 0;
    return (length) => new Uint8Array(length).fill(n++);
  };
  const authKey = new Uint8Array(32).fill(1);
  const play = () => {
    let state = startSpqr(authKey, 'A2B');
    const random = counting();
    return Array.from({ length: 5 }, () => {
      const sent = spqrSend(state, random);
      state = sent.next;
      return Buffer.concat([sent.message, sent.key]).toString('hex');
    });
  };
  expect(play()).toEqual(play());
});
