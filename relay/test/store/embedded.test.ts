// The conformance suite over the embedded store.

import { cpSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEmbeddedStore } from '../../src/store/embedded/index.ts';
import { channelStoreSuite } from './channel-store.suite.ts';
import { quickDirectory } from './harness.ts';

const common = {
  newPlace: quickDirectory,
  dispose: (dir: string) => rmSync(dir, { recursive: true, force: true }),
};

channelStoreSuite({
  ...common,
  name: 'embedded',
  open: (dir, clock, limits) =>
    openEmbeddedStore({ dir, now: () => clock.seconds, journalBytes: 1, ...(limits ? { limits } : {}) }),
});

// The same with each reopening as after kill -9: the files are put back to what they were before the orderly close,
// so that everything comes from the journal.
channelStoreSuite({
  ...common,
  name: 'embedded, its process killed at each reopening',
  open: async (dir, clock, limits) => {
    const store = await openEmbeddedStore({
      dir,
      now: () => clock.seconds,
      journalBytes: 1,
      checkpointMs: 3_600_000,
      ...(limits ? { limits } : {}),
    });
    const close = store.close.bind(store);
    store.close = async () => {
      // What nobody waits for is written within 50 ms, 100 more where acks are expected.
      await new Promise((resolve) => setTimeout(resolve, 250));
      const kept = quickDirectory();
      cpSync(dir, kept, { recursive: true });
      await close();
      rmSync(dir, { recursive: true });
      renameSync(kept, dir);
      // The lock of a process that is no more.
      writeFileSync(join(dir, 'lock'), '999999999 1\n');
    };
    return store;
  },
});

// The same with a checkpoint cut off in the middle: the tables are as after it, the journal as before it.
channelStoreSuite({
  ...common,
  name: 'embedded, killed between tables and journal',
  open: async (dir, clock, limits) => {
    const store = await openEmbeddedStore({
      dir,
      now: () => clock.seconds,
      journalBytes: 1,
      checkpointMs: 3_600_000,
      ...(limits ? { limits } : {}),
    });
    const close = store.close.bind(store);
    store.close = async () => {
      await new Promise((resolve) => setTimeout(resolve, 250));
      const kept = quickDirectory();
      const files = ['keys', 'journal-0', 'journal-1'];
      for (const file of files) cpSync(join(dir, file), join(kept, file));
      await close();
      for (const file of files) cpSync(join(kept, file), join(dir, file));
      rmSync(kept, { recursive: true });
    };
    return store;
  },
});
