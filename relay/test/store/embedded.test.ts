// The conformance suite over the embedded store.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedStore } from '../../src/store/embedded/index.ts';
import { channelStoreSuite } from './channel-store.suite.ts';

channelStoreSuite({
  name: 'embedded',
  newPlace: () => mkdtempSync(join(tmpdir(), 'sotto-store-')),
  open: (dir, clock, limits) => openEmbeddedStore({ dir, now: () => clock.seconds, ...(limits ? { limits } : {}) }),
  dispose: (dir) => rmSync(dir, { recursive: true, force: true }),
});
