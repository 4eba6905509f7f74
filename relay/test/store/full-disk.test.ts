// A disk that is full: appends are refused with LATER, nothing that was promised is lost, and when there is room again
// the store goes on by itself. Needs a file system of its own, so it runs where one may be mounted (as root).

import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedStore } from '../../src/store/embedded/index.ts';
import { grants, make, outcome, request, START } from './harness.ts';

// lmdb prints the cause of a commit that fails; here they are meant to.
console.error = () => undefined;

const place = mkdtempSync(join(tmpdir(), 'sotto-full-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', place]).status === 0;

(mounted ? test : test.skip)(
  'refuses while the disk is full, keeps what it promised, recovers' +
    (mounted ? '' : ' [a file system of its own can be mounted by root only]'),
  async () => {
    try {
      const options = {
        dir: join(place, 'store'),
        journalBytes: 1,
        now: () => START,
        checkpointMs: 50,
        limits: { mailboxBlocks: 100_000 },
      };
      const store = await openEmbeddedStore(options);
      const made = await make(store, 'mailbox');
      const balloon = join(place, 'balloon');
      writeFileSync(balloon, Buffer.alloc(10 * 1024 * 1024));
      let promised = 0;
      const burst = async (): Promise<string> => {
        const accepted = await Promise.allSettled(
          Array.from({ length: 20 }, () => store.append(made.writer, request())),
        );
        for (const result of accepted) {
          if (result.status === 'rejected') return (result.reason as { code: string }).code;
          await result.value.durable;
          promised++;
        }
        return 'accepted';
      };
      let answer = 'accepted';
      while (answer === 'accepted' && promised < 5_000) answer = await burst();
      expect(answer).toBe('LATER');
      expect(promised).toBeGreaterThan(100);
      // Reading goes on meanwhile.
      expect((await store.read(made.reader, 0, 10)).length).toBe(10);
      expect(await outcome(() => store.append(made.writer, request()))).toBe('LATER');
      rmSync(balloon);
      const started = Date.now();
      while (answer !== 'accepted' && Date.now() - started < 10_000) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        answer = await burst();
      }
      expect(answer).toBe('accepted');
      await store.close();
      const again = await openEmbeddedStore(options);
      const { reader } = await grants(again, made.spec);
      expect((await again.read(reader, 0, 100_000)).length).toBe(promised);
      await again.close();
    } finally {
      spawnSync('umount', ['-l', place]);
      rmSync(place, { recursive: true, force: true });
    }
  },
  60_000,
);
