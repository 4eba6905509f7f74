// Making channels and proving rights. One of the rules of every store (../channel-store.suite.ts).
import { describe, expect, test } from '@jest/globals';
import { grants, hex, key, make, request, spec, START } from '../harness.ts';
import type { Ground } from './ground.ts';

const DAY = 86_400;

export function creationRules(at: Ground): void {
  describe('creation and grants', () => {
    test('creates once, answers again, and lets each right prove itself', async () => {
      const made = spec('mailbox');
      const first = await at.store.create(made);
      const again = await at.store.create({ ...made, readerKey: key() });
      expect([first.existed, again.existed]).toEqual([false, true]);
      expect(first.ttlSeconds).toBe(14 * DAY);
      expect(hex(again.grant.incarnation)).toBe(hex(first.grant.incarnation));
      expect(first.grant).toMatchObject({
        right: 'owner',
        policy: 'mailbox',
        superseded: false,
        lastSequence: 0,
        orderedSequence: 0,
      });
      const { reader, writer } = await grants(at.store, made);
      expect([reader.right, writer.right, reader.generation]).toEqual(['reader', 'writer', 1]);
    });

    test.each([
      ['mailbox', 14 * DAY, 30 * DAY],
      ['log', DAY, 30 * DAY],
      ['pool', 1800, DAY],
    ] as const)('a %s gets its default TTL, its own, or the cap', async (policy, standard, cap) => {
      expect((await at.store.create(spec(policy))).ttlSeconds).toBe(standard);
      expect((await at.store.create(spec(policy, { ttlSeconds: 600 }))).ttlSeconds).toBe(600);
      expect((await at.store.create(spec(policy, { ttlSeconds: 400 * DAY }))).ttlSeconds).toBe(cap);
    });

    test('unknown id, wrong key, wrong kind of id, another right and deleted are one refusal', async () => {
      const made = await make(at.store, 'mailbox');
      const gone = await make(at.store, 'mailbox');
      await at.store.delete(gone.owner);
      const { readId, writeId, ownerKey, readerKey, writerKey } = made.spec;
      const tries = [
        () => at.store.grant('reader', spec('mailbox').readId, readerKey),
        () => at.store.grant('reader', readId, key()),
        () => at.store.grant('reader', writeId, readerKey),
        () => at.store.grant('writer', readId, writerKey),
        () => at.store.grant('writer', writeId, readerKey),
        () => at.store.grant('owner', readId, readerKey),
        () => at.store.grant('joiner', writeId, writerKey),
        () => at.store.grant('reader', gone.spec.readId, gone.spec.readerKey),
        () => at.store.append(gone.writer, request()),
        () => at.store.read(gone.reader, 0, 1),
        () => at.store.create({ ...made.spec, ownerKey: key() }),
        () => at.store.create({ ...made.spec, writeId: spec('mailbox').writeId, ownerKey }),
        () => at.store.create({ ...spec('mailbox'), writeId }),
      ];
      const refusals = [];
      for (const attempt of tries) {
        const error = await attempt().then(
          () => 'accepted',
          (reason: unknown) => {
            const refusal = reason as Error & { code: string };
            return JSON.stringify([refusal.code, refusal.message, Object.keys(refusal).sort()]);
          },
        );
        refusals.push(error);
      }
      expect(new Set(refusals).size).toBe(1);
      expect(refusals[0]).toContain('UNKNOWN');
    });

    test('a deleted channel can be made again with the same ids, as another incarnation', async () => {
      const made = await make(at.store, 'mailbox');
      await at.put(made.writer);
      await at.store.delete(made.owner);
      const again = await at.store.create(made.spec);
      expect(again.existed).toBe(false);
      expect(hex(again.grant.incarnation)).not.toBe(hex(made.owner.incarnation));
      const fresh = await grants(at.store, made.spec);
      expect(await at.store.bounds(fresh.reader)).toEqual({ head: 0, floor: 1, orderedSequence: 0 });
      await at.reopen();
      expect(await at.store.bounds((await grants(at.store, made.spec)).reader)).toMatchObject({ head: 0 });
    });

    test('everything is there after reopening', async () => {
      const made = await make(at.store, 'mailbox');
      const sent = await at.put(made.writer);
      await at.reopen();
      const { reader } = await grants(at.store, made.spec);
      expect(hex(reader.incarnation)).toBe(hex(made.reader.incarnation));
      const [block] = await at.store.read(reader, 0, 10);
      expect(block).toMatchObject({
        sequence: 1,
        ordered: false,
        hour: Math.floor(START / 3600),
        keptUntil: sent.keptUntil,
      });
      expect([hex(block!.block), hex(block!.appendId), hex(block!.commitment)]).toEqual([
        hex(sent.block),
        hex(sent.appendId),
        hex(sent.commitment),
      ]);
    });
  });
}
