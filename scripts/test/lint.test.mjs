// The lint rule that keeps portable code portable bites, and lets pass what stands in files of a platform.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Linter } from 'eslint';
import { repoRoot } from '../lib/repo.mjs';

const rulesFor = (path) => {
  const eslint = join(repoRoot, 'node_modules/eslint/bin/eslint.js');
  const run = spawnSync(process.execPath, [eslint, '--print-config', path], {
    cwd: repoRoot,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const { rules } = JSON.parse(run.stdout);
  const names = ['no-restricted-globals', 'no-restricted-imports'];
  return Object.fromEntries(names.filter((name) => rules[name]).map((name) => [name, rules[name]]));
};

const findings = (path, code) => {
  const languageOptions = { globals: { Buffer: 'readonly', process: 'readonly', window: 'readonly' } };
  return new Linter().verify(code, [{ languageOptions, rules: rulesFor(path) }]).map(({ ruleId }) => ruleId);
};

const platformCode = "import 'node:fs';\nBuffer.from(process.argv);\nwindow.close();\n";

test.each(['packages/wire/src/x.ts', 'packages/ratchet/src/x.ts', 'client-sdk/src/conversation/x.ts'])(
  'Node and DOM are reported in %s',
  (path) => {
    expect(findings(path, platformCode)).toEqual([
      'no-restricted-imports',
      'no-restricted-globals',
      'no-restricted-globals',
      'no-restricted-globals',
    ]);
  },
);

test.each(['packages/ratchet/src/x-node.ts', 'client-sdk/src/terminal/x.ts', 'relay/src/x.ts'])(
  'they pass in %s',
  (path) => expect(findings(path, platformCode)).toEqual([]),
);
