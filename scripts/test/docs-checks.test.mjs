// The checkers of docs/ fail where they should: each test plants one lie in a small tree and sees it named.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { checkErrorsDoc, collectErrors, renderErrors } from '../checks/errors-doc.mjs';
import { checkLinks } from '../checks/links.mjs';
import { checkThreatModel } from '../checks/threat-model.mjs';

let root;
const plant = (path, text) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sotto-docs-'));
  plant('relay/package.json', '{ "name": "@sotto/relay" }');
  plant('relay/src/use.ts', "fail('RELAY_FULL'); fail('RELAY_SHUT');");
  plant(
    'relay/src/errors.ts',
    "export const RelayErrors = { RELAY_FULL: 'It is ' + 'full.', RELAY_SHUT: { meaning: 'It is shut.', retry: 'later' } } as const;",
  );
  plant('relay/test/blind.test.ts', "test('nothing rests', () => {}); test.skip('sleeps', () => {});");
  plant('docs/errors.md', renderErrors(collectErrors(root).packages));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const plantErrors = (table) => {
  plant('relay/src/errors.ts', `export const RelayErrors = ${table} as const;`);
  plant('docs/errors.md', renderErrors(collectErrors(root).packages));
};

test('an errors.md that equals the registries passes, and shows code, retry and meaning', () => {
  expect(checkErrorsDoc(root)).toEqual([]);
  const { entries } = collectErrors(root).packages[0];
  expect(entries).toEqual([
    { code: 'RELAY_FULL', meaning: 'It is full.' },
    { code: 'RELAY_SHUT', meaning: 'It is shut.', retry: 'later' },
  ]);
});

test.each([
  ['a stale document', () => plant('docs/errors.md', '# Errors\n'), 'stale'],
  ['a code that is raised nowhere', () => plant('relay/src/use.ts', "fail('RELAY_FULL');"), 'raised nowhere'],
  ['a code of another shape', () => plantErrors("{ full: 'It is full.' }"), 'LAYER_REASON'],
  ['a meaning that is no sentence', () => plantErrors("{ RELAY_FULL: 'full' }"), 'sentence'],
  [
    'a registry that can not be read',
    () => plant('relay/src/errors.ts', 'export const X = 1;'),
    'no `export',
  ],
  [
    'one code in two packages',
    () => {
      plant('client-sdk/package.json', '{ "name": "@sotto/client" }');
      plant(
        'client-sdk/src/errors.ts',
        "export const E = 1; export const ClientErrors = { RELAY_FULL: 'Full.' };",
      );
      plant('client-sdk/src/use.ts', "fail('RELAY_FULL');");
      plant('docs/errors.md', renderErrors(collectErrors(root).packages));
    },
    'also in',
  ],
])('errors.md: %s is reported', (_, lie, words) => {
  lie();
  expect(checkErrorsDoc(root).join('\n')).toContain(words);
});

test('libsignal’s numbered codes take their meaning from the doc comment', () => {
  plant(
    'relay/src/errors.ts',
    'export const ErrorCode = {\n  /** It broke. */\n  Generic: 0,\n  Silent: 1,\n} as const;',
  );
  expect(collectErrors(root).packages[0].entries).toEqual([
    { code: 'Generic', number: '0', meaning: 'It broke.' },
    { code: 'Silent', number: '1', meaning: '' },
  ]);
  expect(collectErrors(root).problems.join()).toContain('Silent has no meaning');
});

const model = (line) =>
  plant('docs/threat-model.md', `# Threats\n\n## Operator\n\n- *can* count.\n${line}\n`);

test('a threat model whose cannots name running tests passes', () => {
  model('- *cannot* read\n  a block (test: `relay/test/blind.test.ts` "nothing rests").');
  expect(checkThreatModel(root)).toEqual({ cannots: 1, problems: [] });
});

test('titles with placeholders and templates are matched', () => {
  plant(
    'relay/test/blind.test.ts',
    'for (const s of [1]) test(`${s}: keeps order`, f); test.each([1])("refuses %s", f); it("plain", f);',
  );
  const named = ['redis: keeps order', 'refuses a tail', 'plain'];
  model(`- *cannot* (tests: ${named.map((title) => `\`relay/test/blind.test.ts\` "${title}"`).join(', ')})`);
  expect(checkThreatModel(root).problems).toEqual([]);
});

test.each([
  ['a cannot without a test', '- *cannot* read a block.', 'names no test'],
  ['a missing file', '- *cannot* read (test: `relay/test/gone.test.ts` "nothing rests")', 'does not exist'],
  [
    'a missing title',
    '- *cannot* read (test: `relay/test/blind.test.ts` "nothing moves")',
    'no running test',
  ],
  ['a skipped test', '- *cannot* read (test: `relay/test/blind.test.ts` "sleeps")', 'no running test'],
  ['no cannot at all', '', 'no line begins'],
  [
    'an adversary with no can',
    '\n## Thief\n\n- *cannot* fly (test: `relay/test/blind.test.ts` "nothing rests")',
    'never *can*',
  ],
])('threat model: %s is reported', (_, line, words) => {
  model(line);
  expect(checkThreatModel(root).problems.join('\n')).toContain(words);
});

test('links to files, folders and headings that exist pass; the web is not visited', () => {
  plant(
    'README.md',
    '# One two\n\n[a](docs/errors.md) [b](docs) [c](#one-two) [d](https://example.org/x) `[e](gone.md)`\n',
  );
  expect(checkLinks(root).problems).toEqual([]);
});

test.each([
  ['a file that is not there', () => plant('README.md', '[a](docs/gone.md)'), 'leads nowhere'],
  ['a path out of the repository', () => plant('README.md', '[a](../else.md)'), 'leads nowhere'],
  ['a heading that is not there', () => plant('README.md', '[a](docs/errors.md#gone)'), 'no heading'],
  ['a cited document that is not there', () => plant('relay/src/a.ts', '// docs/gone.md'), 'does not exist'],
  [
    'a cited section that is not there',
    () => plant('relay/src/a.ts', '// docs/errors.md section 4.2'),
    'section 4.2',
  ],
])('links: %s is reported', (_, lie, words) => {
  lie();
  expect(checkLinks(root).problems.join('\n')).toContain(words);
});
