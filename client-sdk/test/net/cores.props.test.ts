// The decisions of the network layer as properties: back-off, liveness, the append queue against a model relay, the
// delivery queue under redelivery. No socket, no clock.
import { expect, test } from '@jest/globals';
import { type Deliver, MAX_HANDLES, MAX_UNANSWERED, type Proved, type Refused } from '@sotto/wire';
import fc from 'fast-check';
import { AppendQueue, type QueuedAppend } from '../../src/net/append-queue.ts';
import { FULL, pauseMs, RECONNECT, SLOWED } from '../../src/net/backoff.ts';
import { closeError } from '../../src/net/close-codes.ts';
import type { Connection } from '../../src/net/connection.ts';
import { DeliveryQueue } from '../../src/net/delivery-queue.ts';
import { type HandleOwner, Live } from '../../src/net/live.ts';
import { aliveAt, answered, awaited, judge, received } from '../../src/net/liveness.ts';
import { relayUrls } from '../../src/net/relay-url.ts';
import type { AppendOutcome } from '../../src/net/index.ts';
import { numbered, numberIn, range } from './support/pair.ts';

const chanceOf = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('a pause is never under what was asked for, never over the cap on top of it, and grows with failures', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(RECONNECT, SLOWED, FULL),
      fc.nat(10_000),
      chanceOf,
      fc.nat(1_000_000),
      (range_, failures, chance, atLeastMs) => {
        const pause = (n: number) => pauseMs({ range: range_, failures: n, chance: () => chance, atLeastMs });
        expect(pause(failures)).toBeGreaterThanOrEqual(atLeastMs);
        // Under it but for rounding: the sum is a float.
        expect(pause(failures)).toBeLessThanOrEqual(atLeastMs + range_.capMs);
        expect(pause(failures + 1)).toBeGreaterThanOrEqual(pause(failures));
      },
    ),
  );
});

test('the jitter is full: many clients spread over the whole range', () => {
  const n = 1000;
  const pauses = range(0, n - 1).map((i) => pauseMs({ range: RECONNECT, failures: 4, chance: () => i / n }));
  expect(Math.min(...pauses)).toBe(0);
  expect(Math.max(...pauses)).toBeCloseTo(8000 * (1 - 1 / n));
});

const timing = { idleMs: 15_000, silentMs: 12_000, answerMs: 60_000 };

test('liveness: silence kills at its time and not before; what arrives postpones it', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.nat(11_999), fc.nat(20_000), (start, quiet, more) => {
      const waiting = awaited(aliveAt(start), start);
      expect(judge(waiting, start + quiet, timing).verdict).toBe('alive');
      expect(judge(waiting, start + 12_000 + more, timing).verdict).toBe('dead');
      const later = received(waiting, start + quiet);
      expect(judge(later, start + quiet + 11_999, timing).verdict).toBe('alive');
      expect(judge(later, start + quiet + 12_000, timing).verdict).toBe('dead');
    }),
  );
});

test('liveness: deliveries alone do not keep a connection that answers nothing; idle ones ping', () => {
  let state = awaited(aliveAt(0), 0);
  for (let now = 1000; now < 60_000; now += 1000) {
    state = received(state, now);
    expect(judge(state, now, timing).verdict).toBe('alive');
  }
  expect(judge(received(state, 60_000), 60_000, timing).verdict).toBe('dead');
  const idle = answered(state, 50_000, 0);
  expect(judge(idle, 64_999, timing)).toEqual({ verdict: 'alive', againInMs: 1 });
  expect(judge(idle, 65_000, timing).verdict).toBe('ping');
});

test('close codes: only a common language is final', () => {
  const classes = Object.fromEntries(
    [4400, 4426, 4401, 4408, 4413, 4429, 1001, 1006, 1000, 1011].map((code) => [
      code,
      closeError(code).retry,
    ]),
  );
  expect(classes).toEqual({
    4400: 'never',
    4426: 'never',
    4401: 'reconnect',
    4408: 'reconnect',
    4413: 'reconnect',
    4429: 'later',
    1001: 'reconnect',
    1006: 'reconnect',
    1000: 'reconnect',
    1011: 'reconnect',
  });
});

test('addresses: both schemes, paths, and no plain text over a network', () => {
  expect(relayUrls('https://r.example/sotto/')).toEqual({
    socket: 'wss://r.example/sotto/v1',
    promise: 'https://r.example/sotto/.well-known/sotto',
  });
  expect(relayUrls('ws://127.0.0.1:8787').socket).toBe('ws://127.0.0.1:8787/v1');
  expect(relayUrls('http://abc.onion').socket).toBe('ws://abc.onion/v1');
  expect(relayUrls('http://r.example', true).socket).toBe('ws://r.example/v1');
  for (const bad of [
    '',
    'r.example',
    'http://r.example',
    'ftp://r.example',
    'https://u:p@r.example',
    'https://r.example/?a=1',
    'http://127.0.0.1.example',
    'http://xonion',
  ]) {
    expect(() => relayUrls(bad)).toThrow(expect.objectContaining({ code: 'NET_URL' }));
  }
});

/** A relay's mailbox, as far as appends go: capacity, ORDER after a refusal, duplicates, one answer an append. */
class ModelMailbox {
  readonly stored: number[] = [];
  readonly #sequences = new Map<Uint8Array, number>();
  #held: Uint8Array | undefined;
  free = 3;

  newConnection(): void {
    this.#held = undefined;
  }

  answer(append: QueuedAppend): AppendOutcome | Refused {
    const { appendId, block } = append.input;
    const refuse = (code: 'ORDER' | 'QUOTA'): Refused => ({
      type: 'refused',
      code,
      current: 0,
      retryAfterMs: 0,
    });
    if (this.#held !== undefined && this.#held !== appendId) return refuse('ORDER');
    const known = this.#sequences.get(appendId);
    if (known !== undefined) return { sequence: known, duplicate: true, keptUntil: 0 };
    if (this.free === 0) {
      this.#held = appendId;
      return refuse('QUOTA');
    }
    this.#held = undefined;
    this.free--;
    this.stored.push(numberIn(block));
    this.#sequences.set(appendId, this.stored.length);
    return { sequence: this.stored.length, duplicate: false, keptUntil: 1 };
  }

  proved(): Proved {
    const incarnation = new Uint8Array(16);
    const lastSequence = this.stored.length;
    return {
      type: 'proved',
      policy: 'mailbox',
      generation: 1,
      lastSequence,
      orderedSequence: 0,
      incarnation,
      superseded: false,
    };
  }
}

type Step = 'send' | 'answer' | 'drain' | 'cut' | 'wait';

test('a mailbox that was full for long is tried again soon after its reader was heard from, and not before', () => {
  const queue = new AppendQueue(undefined);
  const full: Refused = { type: 'refused', code: 'QUOTA', current: 0, retryAfterMs: 0 };
  const longest = (): number => 0.999;
  let nowMs = 0;
  queue.submit({ input: numbered(1), resolve: () => undefined, reject: () => undefined });
  for (let tries = 0; tries < 12; tries++) {
    nowMs += queue.holdMs(nowMs);
    const append = queue.take(nowMs);
    if (append === undefined) throw new Error('it should have been tried');
    queue.refused(append, full, nowMs, longest);
  }
  expect(queue.holdMs(nowMs)).toBeGreaterThan(FULL.capMs * 0.9);
  expect(queue.take(nowMs + 1_000)).toBeUndefined();
  queue.readerSeen(nowMs, longest);
  const holdMs = queue.holdMs(nowMs);
  expect(holdMs).toBeLessThanOrEqual(FULL.baseMs);
  // Hearing from it again and again doesn't put the try off.
  queue.readerSeen(nowMs + 100, longest);
  expect(queue.holdMs(nowMs)).toBe(holdMs);
  expect(queue.take(nowMs + holdMs)).toBeDefined();
});

test('whatever the schedule of sends, answers, refusals and cuts: each append once, in order, window kept', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom<Step>('send', 'send', 'answer', 'answer', 'drain', 'cut', 'wait'), {
        maxLength: 300,
      }),
      fc.integer({ min: 1, max: 90 }),
      fc.boolean(),
      (steps, count, exclusive) => {
        const relay = new ModelMailbox();
        const lastKnown = exclusive ? { incarnation: new Uint8Array(16), sequence: 0 } : undefined;
        const queue = new AppendQueue(lastKnown);
        const verdicts: string[] = [];
        const resolved: number[] = [];
        const rejected: string[] = [];
        for (const n of range(1, count)) {
          const input = numbered(n);
          queue.submit({
            input,
            resolve: () => resolved.push(n),
            reject: (error) => rejected.push(error.code),
          });
        }
        let now = 0;
        let wire: { append: QueuedAppend; reply: AppendOutcome | Refused }[] = [];
        queue.proved(relay.proved());
        const settle = () => {
          const history = queue.history();
          if (history !== undefined) verdicts.push(history.verdict);
        };
        const act = (step: Step) => {
          if (step === 'send') {
            settle();
            const append = queue.take(now);
            // Decided by the relay when it arrives, answered later or never.
            if (append !== undefined) wire.push({ append, reply: relay.answer(append) });
            expect(queue.inFlight).toBeLessThanOrEqual(MAX_UNANSWERED);
          } else if (step === 'answer') {
            const next = wire.shift();
            if (next === undefined) return;
            if ('type' in next.reply) queue.refused(next.append, next.reply, now, () => 0.5);
            else queue.answered(next.append, next.reply);
            settle();
          } else if (step === 'drain') relay.free += 5;
          else if (step === 'wait') now += 1000;
          else {
            wire = [];
            queue.lost();
            relay.newConnection();
            queue.proved(relay.proved());
          }
        };
        steps.forEach(act);
        relay.free = 1000;
        for (let i = 0; queue.size > 0 && i < 2000; i++) (['wait', 'send', 'answer'] as const).forEach(act);
        expect(queue.size).toBe(0);
        expect(relay.stored).toEqual(range(1, count));
        expect(resolved).toEqual(range(1, count));
        expect(rejected).toEqual([]);
        expect(new Set(verdicts)).toEqual(new Set(exclusive ? ['same'] : []));
      },
    ),
    { numRuns: 300 },
  );
});

function frame(sequence: number): Deliver {
  const appendId = new Uint8Array(16);
  new DataView(appendId.buffer).setUint32(0, sequence);
  const block = new Uint8Array(0);
  return {
    type: 'deliver',
    handle: 1,
    sequence,
    appendId,
    block,
    ordered: false,
    keptUntil: 0,
    leasedUntil: 0,
  };
}

test('deliveries: in order, one at a time, each acked at last, and never offered again once stored', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<'mailbox' | 'log'>('mailbox', 'log'),
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.constantFrom('deliver', 'take', 'done', 'fail', 'ack', 'cut'), { maxLength: 200 }),
      (policy, credit, steps) => {
        const queue = new DeliveryQueue({ policy, credit, cursor: 0 });
        const total = 20;
        const stored: number[] = [];
        let relayHas = range(1, total);
        let sent = 0;
        let unacked = 0;
        let current: number | undefined;
        queue.subscribed();
        const act = (step: string) => {
          if (step === 'deliver') {
            const next = relayHas.find((n) => n > sent);
            if (next === undefined || unacked >= credit) return;
            sent = next;
            unacked++;
            queue.offer(frame(next));
          } else if (step === 'take') {
            const taken = queue.take();
            if (taken === undefined) return;
            expect(current).toBeUndefined();
            current = taken.frame.sequence;
          } else if (step === 'done' && current !== undefined) {
            expect(stored).not.toContain(current);
            stored.push(current);
            current = undefined;
            queue.done();
          } else if (step === 'fail' && current !== undefined) {
            current = undefined;
            queue.failed();
          } else if (step === 'ack') {
            const items = queue.takeAcks();
            expect(items.length).toBeLessThanOrEqual(16);
            for (const { sequence } of items) {
              expect(stored).toContain(sequence);
              if (policy === 'mailbox') relayHas = relayHas.filter((n) => n !== sequence);
            }
            const last = items.at(-1)?.sequence;
            if (policy === 'log' && last !== undefined) unacked = range(last + 1, sent).length;
            else unacked -= items.length;
          } else if (step === 'cut') {
            queue.subscribed();
            unacked = 0;
            sent = policy === 'log' ? queue.cursor : 0;
          }
        };
        steps.forEach(act);
        for (let i = 0; i < 200; i++) ['deliver', 'take', 'done', 'take', 'ack', 'cut'].forEach(act);
        expect(stored).toEqual(range(1, total));
        expect(policy === 'log' ? queue.cursor : relayHas.length).toBe(policy === 'log' ? total : 0);
      },
    ),
    { numRuns: 80 },
  );
});

test('deliveries out of order or beyond the credit are the relay breaking the protocol', () => {
  const queue = new DeliveryQueue({ policy: 'mailbox', credit: 2, cursor: 0 });
  queue.subscribed();
  queue.offer(frame(2));
  expect(() => {
    queue.offer(frame(2));
  }).toThrow(expect.objectContaining({ code: 'NET_PROTOCOL' }));
  queue.offer(frame(3));
  expect(() => {
    queue.offer(frame(4));
  }).toThrow(expect.objectContaining({ code: 'NET_PROTOCOL' }));
});

test('a handle that the first of those who wait has no use for any more goes to the next', () => {
  const live = new Live({ tell: () => undefined } as unknown as Connection);
  const given: string[] = [];
  const owner = (name: string, isWanted = true): HandleOwner => {
    const one: HandleOwner = {
      idle: false,
      park: () => undefined,
      onHandleFree: () => {
        if (isWanted && live.claim(one) !== undefined) given.push(name);
      },
      onDeliver: () => undefined,
      onEnded: () => undefined,
    };
    return one;
  };
  for (let i = 0; i < MAX_HANDLES; i++) expect(live.claim(owner('early'))).toBe(i + 1);
  for (const late of [owner('first', false), owner('second'), owner('third')])
    expect(live.claim(late)).toBeUndefined();
  live.release(1);
  expect(given).toEqual(['second']);
  expect(live.contended).toBe(true);
  live.release(2);
  expect(given).toEqual(['second', 'third']);
});
