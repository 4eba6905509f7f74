import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FRESH_ORDER, giveUpBefore, type Order, orderCodec, place } from '../../src/conversation/order.ts';

const stream = new Uint8Array(8).fill(1);

/** A receiver as receive.ts is one: holds what is early, gives the first hole up when told to. */
class Receiver {
  order: Order = FRESH_ORDER;
  held = new Set<number>();
  shown: number[] = [];
  missing = 0;

  take(sequence: number): void {
    const { verdict, next } = place(this.order, { stream, sequence });
    this.order = orderCodec.decode(orderCodec.encode(next));
    if (verdict === 'hold') this.held.add(sequence);
    if (verdict === 'show') {
      this.shown.push(sequence);
      this.release();
    }
  }

  giveUp(): void {
    if (this.held.size === 0) return;
    const { missing, next } = giveUpBefore(this.order, Math.min(...this.held));
    this.order = next;
    this.missing += missing;
    this.release();
  }

  private release(): void {
    while (this.held.delete(this.order.expected)) {
      this.shown.push(this.order.expected);
      this.order = { ...this.order, expected: this.order.expected + 1 };
    }
  }
}

test('any schedule of loss, repetition and reordering: each at most once, in order until a hole was given up', () => {
  const schedule = fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.integer({ min: 1, max: 30 }) },
      { weight: 1, arbitrary: fc.constant('give up' as const) },
    ),
    { maxLength: 120 },
  );
  fc.assert(
    fc.property(schedule, (events) => {
      const receiver = new Receiver();
      let gaveUp = false;
      for (const event of events) {
        if (event === 'give up') {
          gaveUp = true;
          receiver.giveUp();
        } else receiver.take(event);
      }
      expect(new Set(receiver.shown).size).toBe(receiver.shown.length);
      if (!gaveUp) expect(receiver.shown).toEqual(receiver.shown.map((_, i) => i + 1));
      while (receiver.held.size > 0) receiver.giveUp();
      const sent = new Set(events.filter((event) => typeof event === 'number'));
      expect(new Set(receiver.shown)).toEqual(sent);
    }),
    { numRuns: 1_000 },
  );
});

test('a hole is counted once, and what comes late is still shown, once', () => {
  const receiver = new Receiver();
  for (const sequence of [1, 4, 5]) receiver.take(sequence);
  expect(receiver.shown).toEqual([1]);
  receiver.giveUp();
  expect(receiver.shown).toEqual([1, 4, 5]);
  expect(receiver.missing).toBe(2);
  for (const sequence of [3, 3, 2, 2, 6]) receiver.take(sequence);
  expect(receiver.shown).toEqual([1, 4, 5, 3, 2, 6]);
});

test('a new stream counts from 1 again and says so', () => {
  const other = new Uint8Array(8).fill(2);
  const first = place(FRESH_ORDER, { stream, sequence: 1 });
  expect(first).toMatchObject({ verdict: 'show', restarted: false });
  const next = place(first.next, { stream: other, sequence: 1 });
  expect(next).toMatchObject({ verdict: 'show', restarted: true });
  expect(place(next.next, { stream: other, sequence: 1 }).verdict).toBe('repeat');
});
