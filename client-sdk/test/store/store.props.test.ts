// Random schedules against plain maps: transactions that succeed or fail, erased paths, scans both ways, locks and
// reopenings in between.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HEADER_BYTES, markBlock, readHeaderState } from '../../src/store/header.ts';
import { decodeRecord, encodeRecord, RecordKeys } from '../../src/store/record-key.ts';
import { logRecords } from '../../src/store/leveldb-check-node.ts';
import { freshLocation, messages, notes, open } from './fixture.ts';

const PATHS = [undefined, ['a'], ['a', 'x'], ['a', 'x', 'y'], ['b'], ['b', 'x']] as const;

const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.constant('put' as const), fc.nat(2), fc.nat(12), fc.nat(PATHS.length - 1)),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constant('del' as const), fc.nat(2), fc.nat(12), fc.constant(0)) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constant('clear' as const), fc.nat(2), fc.constant(0), fc.constant(0)),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constant('erase' as const),
      fc.constant(0),
      fc.constant(0),
      fc.integer({ min: 1, max: 5 }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constant('renew' as const), fc.nat(2), fc.constant(0), fc.constantFrom(3, 5)),
  },
);
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ operations: fc.array(operation, { maxLength: 8 }), fails: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constantFrom('reopen' as const, 'lock' as const, 'tidy' as const) },
);

type Model = Map<string, { key: number; partition: number; value: string; path: number }>;

function isBelow(path: number, erased: number): boolean {
  const [inner, outer] = [PATHS[path], PATHS[erased]];
  return inner !== undefined && outer !== undefined && outer.every((name, i) => inner[i] === name);
}

test('whatever happens, the vault holds what the model holds', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
      const location = await freshLocation();
      let vault = await open(location);
      let model: Model = new Map();
      let serial = 0;
      for (const each of steps) {
        if (each === 'reopen') {
          await vault.close();
          vault = await open(location);
          expect(vault.rewound).toBe(false);
        } else if (each === 'lock') {
          await vault.lock();
          await vault.unlock({ passphrase: 'correct horse' });
        } else if (each === 'tidy') {
          await vault.tidy();
        } else {
          const next: Model = new Map(model);
          const attempt = vault.transact(async (tx) => {
            for (const [type, partitionNumber, key, path] of each.operations) {
              const partition = String(partitionNumber);
              const slot = `${partition}/${String(key)}`;
              const under = PATHS[path];
              switch (type) {
                case 'put': {
                  const value = `value ${String(serial++)}`;
                  next.set(slot, { key, partition: partitionNumber, value, path });
                  await messages.put(tx, { partition, key, value }, under === undefined ? {} : { under });
                  break;
                }
                case 'del':
                  next.delete(slot);
                  messages.del(tx, partition, key);
                  break;
                case 'clear':
                  for (const [name, row] of next) if (row.partition === partitionNumber) next.delete(name);
                  await tx.clear(messages, partition);
                  break;
                case 'erase':
                  for (const [name, row] of next) if (isBelow(row.path, path)) next.delete(name);
                  tx.eraseKey(under ?? []);
                  break;
                case 'renew':
                  // Only one partition is named: what the key sealed in the others is lost, as documented.
                  for (const [name, row] of next) {
                    if (row.path === path && row.partition !== partitionNumber) next.delete(name);
                  }
                  await tx.renewKey(under ?? [], [{ table: messages, partition }]);
                  break;
              }
            }
            await compare(tx, next);
            if (each.fails) throw new Error('planned');
          });
          if (each.fails) await expect(attempt).rejects.toThrow('planned');
          else await attempt;
          if (!each.fails) model = next;
        }
        await vault.read((view) => compare(view, model));
      }
      await vault.close();
    }),
    { numRuns: 25 },
  );
}, 180_000);

async function compare(view: Parameters<typeof messages.get>[0], model: Model): Promise<void> {
  for (const partition of [0, 1, 2]) {
    const wanted = [...model.values()].filter((row) => row.partition === partition);
    wanted.sort((a, b) => a.key - b.key);
    const found: [number, string][] = [];
    for await (const { key, value } of messages.scan(view, String(partition))) found.push([key, value]);
    expect(found).toEqual(wanted.map(({ key, value }) => [key, value]));
    const backwards: number[] = [];
    for await (const { key } of messages.scan(view, String(partition), { reverse: true, before: 9 })) {
      backwards.push(key);
    }
    expect(backwards).toEqual(
      found
        .map(([key]) => key)
        .filter((key) => key < 9)
        .reverse(),
    );
  }
}

test('named tables keep any key and value apart', async () => {
  const vault = await open(await freshLocation());
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      async (partition, key, value) => {
        await vault.transact((tx) => notes.put(tx, { partition, key, value }));
        expect(await vault.read((view) => notes.get(view, partition, key))).toBe(value);
        expect(await vault.read((view) => notes.get(view, partition, `${key}!`))).not.toBe(value + '!');
      },
    ),
    { numRuns: 60 },
  );
  await vault.close();
});

test('records round-trip; headers, logs and records made of arbitrary bytes are refused or read, never hang', () => {
  const names = new RecordKeys(new Uint8Array(32));
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.nat()), fc.uint8Array(), (key, value) => {
      const recordKey = names.of('t', 'p', key);
      expect(decodeRecord(recordKey, encodeRecord(key, value))).toEqual({ key, value });
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: HEADER_BYTES }), fc.boolean(), (bytes, ours) => {
      const file = ours ? Uint8Array.from([...markBlock('ready').subarray(0, 12), ...bytes]) : bytes;
      try {
        expect(['making', 'ready', 'wiped']).toContain(readHeaderState(file));
      } catch (error) {
        expect((error as { code: string }).code).toMatch(/^STORE_(FOREIGN|VERSION|CORRUPT)$/);
      }
      try {
        logRecords(bytes);
      } catch (error) {
        expect((error as { code: string }).code).toBe('STORE_CORRUPT');
      }
    }),
  );
});
