// Keeps docs/errors.md equal to the packages' error registries.
// A registry is `export const XyzErrors = { CODE: 'One sentence.' } as const` in a package's src/errors.ts; a value
// may also be `{ meaning: '…', retry: 'later' }`. @sotto/ratchet keeps libsignal's `ErrorCode`: numbers, each under a
// doc comment that is its meaning. `npm run docs:errors` writes the file; without --write it is compared.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { findFiles, isMain, packageFolders, repoRoot } from '../lib/repo.mjs';

const document = 'docs/errors.md';
const codeShape = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/;

/** @typedef {{ code: string, number?: string, meaning: string, retry?: string }} ErrorEntry */

/** The text of a string literal, also when it is joined by `+`; undefined for anything else. */
function literalText(node) {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isParenthesizedExpression(node)) return literalText(node.expression);
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [literalText(node.left), literalText(node.right)];
    return left === undefined || right === undefined ? undefined : left + right;
  }
  return undefined;
}

/** The object literal below any `as const`, `satisfies` or `Object.freeze(…)`. */
function objectLiteral(node) {
  if (ts.isObjectLiteralExpression(node)) return node;
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return objectLiteral(node.expression);
  if (ts.isCallExpression(node) && node.arguments[0]) return objectLiteral(node.arguments[0]);
  return undefined;
}

/** The text of the doc comment right above a node. */
function docComment(node) {
  const source = node.getSourceFile().text;
  const range = ts.getLeadingCommentRanges(source, node.getFullStart())?.at(-1);
  return range === undefined
    ? ''
    : source
        .slice(range.pos, range.end)
        .replace(/^\/\*+|\*+\/$|^\s*\* ?/gm, '')
        .trim();
}

function readEntry(property) {
  const code = property.name.getText().replace(/^['"]|['"]$/g, '');
  if (ts.isNumericLiteral(property.initializer)) {
    return { code, number: property.initializer.text, meaning: docComment(property) };
  }
  const plain = literalText(property.initializer);
  if (plain !== undefined) return { code, meaning: plain };
  const fields = {};
  for (const field of objectLiteral(property.initializer)?.properties ?? []) {
    if (ts.isPropertyAssignment(field)) fields[field.name.getText()] = literalText(field.initializer);
  }
  return { code, meaning: fields.meaning ?? '', retry: fields.retry };
}

/**
 * Reads one errors.ts.
 * @param {string} source - the file's text.
 * @returns {ErrorEntry[]} in the order of the file.
 */
export function readErrorRegistry(source) {
  const file = ts.createSourceFile('errors.ts', source, ts.ScriptTarget.Latest, true);
  const entries = [];
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    if (!statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (!/(Errors|^ErrorCode)$/.test(name.getText()) || !initializer) continue;
      for (const property of objectLiteral(initializer)?.properties ?? []) {
        if (ts.isPropertyAssignment(property)) entries.push(readEntry(property));
      }
    }
  }
  return entries;
}

/**
 * All registries of a tree, by package, and what is wrong with them.
 * @param {string} root
 */
export function collectErrors(root = repoRoot) {
  const packages = [];
  const problems = [];
  const owner = new Map();
  for (const folder of packageFolders(root)) {
    const path = join(root, folder, 'src/errors.ts');
    if (!existsSync(path)) continue;
    const { name } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const entries = readErrorRegistry(readFileSync(path, 'utf8'));
    if (entries.length === 0)
      problems.push(`${folder}/src/errors.ts: no \`export const …Errors\` table found`);
    const source = findFiles(
      join(root, folder, 'src'),
      (file) => file.endsWith('.ts') && file !== 'errors.ts',
    )
      .map((file) => readFileSync(join(root, folder, 'src', file), 'utf8'))
      .join('\n');
    for (const { code, number, meaning } of entries) {
      const where = `${folder}/src/errors.ts: ${code}`;
      if (!number && !codeShape.test(code)) problems.push(`${where} is not of the form LAYER_REASON`);
      if (!/\S.*\.$/.test(meaning)) problems.push(`${where} has no meaning that is a sentence`);
      if (owner.has(code)) problems.push(`${where} is also in ${owner.get(code)}`);
      if (!number && !source.includes(code)) problems.push(`${where} is raised nowhere in ${folder}/src`);
      owner.set(code, folder);
    }
    packages.push({ name, folder, entries });
  }
  return { packages, problems };
}

/** The whole of docs/errors.md. */
export function renderErrors(packages) {
  const lines = [
    '# Errors',
    '',
    'Every error that Sotto raises has a stable code, `LAYER_REASON` (`@sotto/ratchet` keeps libsignal’s). Compare',
    '`code`, never the class or the message: a bundle or another realm has its own classes. `retry` says what can help:',
    '`never`, `later` (with back-off and jitter) or `reconnect`. No message holds user text, a key, an id or an address.',
    '',
    'Written by `npm run docs:errors` from each package’s `src/errors.ts`; `npm test` fails while the two differ.',
  ];
  for (const { name, folder, entries } of packages) {
    lines.push('', `## ${name}`, '', `From [${folder}/src/errors.ts](../${folder}/src/errors.ts).`, '');
    const columns = ['code', 'number', 'retry', 'meaning'].filter((column) =>
      entries.some((entry) => entry[column] !== undefined),
    );
    const cell = (entry, column) =>
      column === 'code' ? `\`${entry.code}\`` : (entry[column] ?? (column === 'retry' ? 'never' : ''));
    lines.push(
      ...table(
        columns,
        entries.map((entry) => columns.map((column) => cell(entry, column))),
      ),
    );
  }
  return `${lines.join('\n')}\n`;
}

function table(head, rows) {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(cells[0]), rule, ...cells.slice(1).map(line)];
}

/** What is wrong with the registries and with docs/errors.md, one line each; empty when all is well. */
export function checkErrorsDoc(root = repoRoot) {
  const { packages, problems } = collectErrors(root);
  const path = join(root, document);
  const written = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (packages.length === 0) problems.push('no package has a src/errors.ts');
  if (written !== renderErrors(packages)) problems.push(`${document} is stale: run \`npm run docs:errors\``);
  return problems;
}

if (isMain(import.meta.url)) {
  if (process.argv.includes('--write'))
    writeFileSync(join(repoRoot, document), renderErrors(collectErrors().packages));
  const problems = checkErrorsDoc();
  for (const problem of problems) console.error(problem);
  const count = collectErrors().packages.reduce((sum, { entries }) => sum + entries.length, 0);
  console.log(`errors: ${count} codes, ${problems.length} problems`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
