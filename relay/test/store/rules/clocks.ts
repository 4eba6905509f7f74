// Clocks that step, and what the store hands out. One of the rules of every store (../channel-store.suite.ts).
import { describe, expect, test } from '@jest/globals';
import { grants, hex, make, request, START } from '../harness.ts';
import type { Ground } from './ground.ts';

const DAY = 86_400;

export function clockRules(at: Ground): void {
  describe('clocks and copies', () => {
    test('a clock that steps back moves neither stamps nor expiry', async () => {
      const { writer, reader } = await make(at.store, 'mailbox');
      const first = await at.put(writer);
      at.clock.seconds -= 5 * 3600;
      const second = await at.put(writer);
      expect(second.keptUntil).toBe(first.keptUntil);
      const blocks = await at.store.read(reader, 0, 2);
      expect(blocks[1]!.hour).toBe(blocks[0]!.hour);
      expect(at.store.now()).toBe(START);
    });

    test('a clock that was days ahead and was set right again, with a restart between, loses nothing', async () => {
      at.clock.seconds = START + 10 * DAY;
      await at.reopen();
      await at.store.sweep();
      at.clock.seconds = START;
      await at.reopen();
      const made = await make(at.store, 'pool');
      const sent = await at.put(made.writer);
      await at.reopen();
      const claimed = await at.store.claim((await grants(at.store, made.spec)).reader, 60);
      expect(hex(claimed!.block)).toBe(hex(sent.block));
    });

    test('what the store hands out and is handed is not changed by it', async () => {
      const made = await make(at.store, 'log');
      const one = request();
      const before = hex(one.block);
      await (
        await at.store.append(made.writer, one)
      ).durable;
      await at.reopen();
      const { reader } = await grants(at.store, made.spec);
      const [read] = await at.store.read(reader, 0, 1);
      read!.block.fill(0);
      expect(hex((await at.store.read(reader, 0, 1))[0]!.block)).toBe(before);
      expect(hex(one.block)).toBe(before);
    });
  });
}
