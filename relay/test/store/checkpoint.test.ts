// Blocks on their way from the journal into the tables: none is lost however checkpoints and commits interleave.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rmSync } from 'node:fs';
import { openEmbeddedStore, type EmbeddedStore } from '../../src/store/embedded/index.ts';
import { grants, hex, make, quickDirectory, request, START } from './harness.ts';

/** The store's own insides: when a checkpoint begins is not part of its interface. */
interface Inside {
  readonly engine: { readonly journal: { requestSwitch(): void }; checkpointNow(): Promise<void> };
}
const inside = (store: EmbeddedStore): Inside['engine'] => (store as unknown as Inside).engine;

async function inStore(body: (open: () => Promise<EmbeddedStore>) => Promise<void>): Promise<void> {
  const dir = quickDirectory();
  try {
    await body(() =>
      openEmbeddedStore({
        dir,
        now: () => START,
        journalBytes: 1,
        calmMs: 0,
        checkpointMs: 3_600_000,
        limits: { mailboxBlocks: 1e6 },
      }),
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

test('a block whose commit had not begun when the checkpoint did is moved by the next one', async () => {
  await inStore(async (open) => {
    let store = await open();
    const made = await make(store, 'mailbox');
    await inside(store).checkpointNow();
    const accepted = await store.append(made.writer, request());
    inside(store).journal.requestSwitch();
    await accepted.durable;
    await inside(store).checkpointNow();
    await inside(store).checkpointNow();
    expect((await store.read(made.reader, 0, 9)).length).toBe(1);
    await store.close();
    store = await open();
    expect((await store.read((await grants(store, made.spec)).reader, 0, 9)).length).toBe(1);
    await store.close();
  });
});

test('a deleted channel leaves the tables although nothing else happens', async () => {
  const dir = quickDirectory();
  const store = await openEmbeddedStore({ dir, now: () => START, calmMs: 0, checkpointMs: 20 });
  const made = await make(store, 'mailbox');
  await (
    await store.append(made.writer, request())
  ).durable;
  await inside(store).checkpointNow();
  expect(await store.size()).toEqual({ channels: 1, blocks: 1 });
  await store.delete(made.owner);
  for (const deadline = Date.now() + 10_000; Date.now() < deadline && (await store.size())?.channels !== 0;)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await store.size()).toEqual({ channels: 0, blocks: 0 });
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

test('any interleaving of appends, acks, checkpoints and reopenings keeps exactly what is there', async () => {
  const step = fc.constantFrom(
    'append',
    'append',
    'append',
    'durable',
    'ack',
    'switch',
    'checkpoint',
    'slot',
    'turn',
    'reopen',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      await inStore(async (open) => {
        let store = await open();
        let made = await make(store, 'mailbox');
        const there = new Map<number, string>();
        let slot: string | undefined;
        let durable = Promise.resolve();
        for (const what of steps) {
          if (what === 'append') {
            const one = request();
            const accepted = await store.append(made.writer, one);
            there.set(accepted.sequence, hex(one.block));
            durable = accepted.durable;
          } else if (what === 'slot') {
            const one = request({ ordered: { expect: (await store.bounds(made.owner)).orderedSequence } });
            durable = (await store.append(made.owner, one)).durable;
            slot = hex(one.block);
          } else if (what === 'ack') {
            const [first] = await store.read(made.reader, 0, 1);
            if (first === undefined) continue;
            await store.ack(made.reader, [first]);
            there.delete(first.sequence);
          } else if (what === 'durable') await durable;
          else if (what === 'switch') inside(store).journal.requestSwitch();
          else if (what === 'checkpoint') await inside(store).checkpointNow();
          else if (what === 'turn') await new Promise((resolve) => setImmediate(resolve));
          else {
            await store.close();
            store = await open();
            made = await grants(store, made.spec);
          }
        }
        await store.close();
        store = await open();
        const { reader } = await grants(store, made.spec);
        const blocks = await store.read(reader, 0, 1e6);
        expect(blocks.map((block) => [block.sequence, hex(block.block)])).toEqual([...there]);
        const kept = await store.slot(reader, 0);
        expect(kept && hex(kept.block)).toBe(slot);
        await store.close();
      });
    }),
    { numRuns: 60 },
  );
}, 180_000);
