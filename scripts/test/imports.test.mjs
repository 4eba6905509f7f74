// The import rules report what they forbid: one planted violation a rule, in a temporary copy of the repository.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import config from '../../.dependency-cruiser.mjs';
import { findForbiddenImports } from '../checks/imports.mjs';
import { makeTemporaryCopy } from './temporary-copy.mjs';

/** [rule, the file that breaks it, its text] */
const plants = [
  ['wire-imports-no-package', 'packages/wire/src/p1.ts', "import '@sotto/ratchet';"],
  ['ratchet-imports-no-package', 'packages/ratchet/src/p2.ts', "import '@sotto/wire';"],
  ['care-imports-no-package', 'packages/care/src/p3.ts', "import '@sotto/client';"],
  ['relay-imports-only-wire', 'relay/src/p4.ts', "import '@sotto/ratchet';"],
  [
    'relay-imports-only-wire',
    'relay/src/p5.ts',
    "import type { entrance } from '@sotto/client'; export type E = typeof entrance;",
  ],
  ['client-imports-wire-ratchet-care', 'client-sdk/src/p6.ts', "import '@sotto/relay';"],
  ['client-imports-wire-ratchet-care', 'client-sdk/test/p7.test.ts', "import '@sotto/relay';"],
  ['web-imports-client-and-care', 'packages/web/src/p8.ts', "import '@sotto/wire';"],
  ['entrance-only', 'relay/src/p9.ts', "import '../../packages/wire/src/inner.ts';"],
  ['entrance-by-name', 'relay/src/p10.ts', "import '../../packages/wire/src/index.ts';"],
  [
    'web-tests-share-test-support',
    'packages/web/test/p24.test.ts',
    "import '../../../client-sdk/test/net/stray.ts';",
  ],
  ['not-to-unresolvable', 'relay/src/p11.ts', "import '@sotto/wire/src/inner.ts';"],
  ['scripts-are-the-top', 'relay/src/p12.ts', "import '../../scripts/tool.mjs';"],
  ['no-circular', 'relay/src/circle-a.ts', "import './circle-b.ts'; export const a = 1;"],
  ['declared-dependencies-only', 'packages/wire/src/p13.ts', "import 'pino';"],
  ['no-dev-dependency-at-run-time', 'packages/ratchet/src/p14.ts', "import '@matrix-org/olm';"],
  ['tests-are-not-imported', 'relay/src/p15.ts', "import '../test/fixture.ts';"],
  ['node-only-in-node-files', 'packages/wire/src/p16.ts', "import 'node:fs';"],
  [
    'node-only-in-node-files',
    'client-sdk/src/store/p17.ts',
    "import { readFile } from 'fs/promises'; readFile;",
  ],
  ['browser-files-stay-in-the-browser', 'client-sdk/src/p18-browser.ts', "import './p19-node.ts';"],
  ['primitives-in-one-place', 'relay/src/store/p20.ts', "import 'node:crypto';"],
  ['primitives-in-one-place', 'packages/ratchet/src/session/p21.ts', "import '@noble/hashes/sha2.js';"],
  ['primitives-in-one-place', 'client-sdk/src/rooms/p22.ts', "import 'libsodium-wrappers';"],
  ['primitives-in-one-place', 'client-sdk/src/rooms/p23.ts', "import '@signalapp/libsignal-client';"],
];

/** What must pass, so that the rules are not satisfied by refusing everything. */
const allowed = [
  ['relay/src/ok1.ts', "import '@sotto/wire'; import 'node:fs';"],
  ['relay/src/crypto/ok2.ts', "import 'node:crypto';"],
  ['client-sdk/src/ok3.ts', "import '@sotto/wire'; import '@sotto/ratchet'; import '@sotto/care';"],
  ['client-sdk/src/ok4-node.ts', "import 'node:fs';"],
  ['client-sdk/src/terminal/ok5.ts', "import 'node:readline';"],
  ['client-sdk/src/crypto/ok6.ts', "import 'libsodium-wrappers';"],
  ['client-sdk/src/signal/ok7-node.ts', "import '@signalapp/libsignal-client';"],
  ['packages/ratchet/src/primitives/ok8.ts', "import '@noble/hashes/sha2.js';"],
  [
    'packages/ratchet/test/ok9.test.ts',
    "import '@signalapp/libsignal-client'; import 'node:crypto'; import 'fast-check';",
  ],
  ['packages/web/src/ok10.ts', "import '@sotto/client'; import '@sotto/care';"],
  ['packages/web/test/ok12.test.ts', "import '../../../client-sdk/test/net/support/shared.ts';"],
  ['scripts/ok11.mjs', "import '@sotto/relay'; import '@sotto/client';"],
];

let copy;
let violations;

beforeAll(() => {
  copy = makeTemporaryCopy();
  copy.plant('packages/wire/src/inner.ts', 'export const inner = 1;\n');
  copy.plant('scripts/tool.mjs', 'export const tool = 1;\n');
  copy.plant('relay/test/fixture.ts', 'export const fixture = 1;\n');
  copy.plant('relay/src/circle-b.ts', "import { a } from './circle-a.ts'; export const b = a;\n");
  copy.plant('client-sdk/test/net/stray.ts', 'export const stray = 1;\n');
  copy.plant('client-sdk/test/net/support/shared.ts', 'export const shared = 1;\n');
  copy.plant('client-sdk/src/p19-node.ts', 'export const nodeOnly = 1;\n');
  for (const [, path, text] of plants) copy.plant(path, `${text}\n`);
  for (const [path, text] of allowed) copy.plant(path, `${text}\n`);
  violations = findForbiddenImports(copy.root).violations;
}, 180_000);

afterAll(() => copy.remove());

test.each(plants)('%s is reported in %s', (rule, path) => {
  expect(violations.filter(({ from }) => from === path).map((found) => found.rule)).toContain(rule);
});

test.each(allowed)('%s passes', (path) => {
  expect(violations.filter(({ from }) => from === path)).toEqual([]);
});

test('every rule has a planted violation', () => {
  const planted = new Set(plants.map(([rule]) => rule));
  expect(config.forbidden.map(({ name }) => name).filter((name) => !planted.has(name))).toEqual([]);
});
