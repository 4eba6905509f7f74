// Holds docs/threat-model.md to its tests: every *cannot* names at least one test that exists and runs.
// The form, anywhere in the bullet:  - *cannot* read a block (test: `relay/test/blind.test.ts` "nothing readable rests")
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, repoRoot } from '../lib/repo.mjs';
import { readTestTitles } from '../lib/test-titles.mjs';

const document = 'docs/threat-model.md';

/** Bullets with their continuation lines and the nearest heading above; fenced code is left out. */
function readBullets(markdown) {
  const bullets = [];
  let heading = '';
  let open;
  let fenced = false;
  markdown.split('\n').forEach((line, index) => {
    if (/^\s*```/.test(line)) fenced = !fenced;
    if (fenced) return;
    const title = /^#+\s+(.*)$/.exec(line);
    if (title) heading = title[1];
    if (/^\s*[-*]\s+/.test(line)) {
      open = { line: index + 1, heading, text: line.replace(/^\s*[-*]\s+/, '') };
      bullets.push(open);
    } else if (open && /^\s+\S/.test(line)) open.text += ` ${line.trim()}`;
    else open = undefined;
  });
  return bullets;
}

const says = (word) => new RegExp(`^(?:\\*{1,2}|_)${word}(?:\\*{1,2}|_)`, 'i');

/**
 * @param {string} root - a tree that holds docs/threat-model.md and the tests that it names.
 * @returns {{ cannots: number, problems: string[] }}
 */
export function checkThreatModel(root = repoRoot) {
  const path = join(root, document);
  if (!existsSync(path)) return { cannots: 0, problems: [`${document} does not exist`] };
  const bullets = readBullets(readFileSync(path, 'utf8'));
  const cannots = bullets.filter(({ text }) => says('cannot').test(text));
  const problems = [];
  if (cannots.length === 0) problems.push(`${document}: no line begins with *cannot*`);

  // Whoever lists only what an adversary can't do hasn't thought about what it can.
  const able = new Set(bullets.filter(({ text }) => says('can').test(text)).map(({ heading }) => heading));
  for (const heading of new Set(cannots.map((bullet) => bullet.heading))) {
    if (!able.has(heading)) problems.push(`${document}: "${heading}" says *cannot* and never *can*`);
  }

  for (const { line, text } of cannots) {
    const where = `${document}:${line}`;
    const named = [...text.matchAll(/\(tests?: ([^)]*(?:\([^)]*\)[^)]*)*)\)/g)].flatMap(([, list]) => [
      ...list.matchAll(/`([^`]+)`\s+"([^"]+)"/g),
    ]);
    if (named.length === 0) problems.push(`${where}: names no test`);
    for (const [, file, title] of named) {
      if (!existsSync(join(root, file))) problems.push(`${where}: ${file} does not exist`);
      else if (
        !readTestTitles(readFileSync(join(root, file), 'utf8')).some((pattern) => pattern.test(title))
      ) {
        problems.push(`${where}: ${file} has no running test "${title}"`);
      }
    }
  }
  return { cannots: cannots.length, problems };
}

if (isMain(import.meta.url)) {
  const { cannots, problems } = checkThreatModel();
  for (const problem of problems) console.error(problem);
  console.log(`threat model: ${cannots} cannots, ${problems.length} problems`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
