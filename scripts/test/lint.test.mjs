// The lint rule that keeps portable code portable bites, and lets pass what stands in files of a platform.
import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { Linter } from 'eslint';
import { repoRoot } from '../lib/repo.mjs';

const portable = ['packages/wire/src/x.ts', 'packages/ratchet/src/x.ts', 'client-sdk/src/conversation/x.ts'];
const platform = ['packages/ratchet/src/x-node.ts', 'client-sdk/src/terminal/x.ts', 'relay/src/x.ts'];

/** The real configuration of each path, asked for in one process of ESLint's own: jest's modules can't load it. */
const rules = JSON.parse(
  spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { ESLint } from 'eslint';
       const eslint = new ESLint();
       const all = {};
       for (const path of process.argv.slice(1)) all[path] = (await eslint.calculateConfigForFile(path)).rules;
       console.log(JSON.stringify(all));`,
      ...portable,
      ...platform,
    ],
    { cwd: repoRoot, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } },
  ).stdout,
);

const rulesFor = (path) => {
  const names = ['no-restricted-globals', 'no-restricted-imports'];
  return Object.fromEntries(
    names.filter((name) => rules[path][name]).map((name) => [name, rules[path][name]]),
  );
};

const findings = (path, code) => {
  const languageOptions = { globals: { Buffer: 'readonly', process: 'readonly', window: 'readonly' } };
  return new Linter().verify(code, [{ languageOptions, rules: rulesFor(path) }]).map(({ ruleId }) => ruleId);
};

const platformCode = "import 'node:fs';\nBuffer.from(process.argv);\nwindow.close();\n";

test.each(portable)('Node and DOM are reported in %s', (path) => {
  expect(findings(path, platformCode)).toEqual([
    'no-restricted-imports',
    'no-restricted-globals',
    'no-restricted-globals',
    'no-restricted-globals',
  ]);
});

test.each(platform)('they pass in %s', (path) => expect(findings(path, platformCode)).toEqual([]));
