// Links in the Markdown files lead somewhere: to a file of the repository, to a heading in it. Sources that cite
// "docs/<name>.md section 4.2" cite a section that exists. Addresses on the web are not visited.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { findFiles, isMain, repoRoot } from '../lib/repo.mjs';

const withoutCode = (markdown) =>
  markdown
    .replace(/^([ \t]*)```[\s\S]*?^\1```/gm, '')
    .replace(/`[^`\n]*`/g, (code) => ' '.repeat(code.length));

/** A heading's anchor as GitHub makes it. */
function anchorOf(heading) {
  const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '');
  return text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

function headingsOf(markdown) {
  const plain = markdown.replace(/^([ \t]*)```[\s\S]*?^\1```/gm, '');
  return [...plain.matchAll(/^#{1,6}\s+(.*?)\s*#*$/gm)].map(([, heading]) => heading);
}

function checkLink(root, from, target) {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return undefined;
  const [path, anchor] = target.split('#');
  const file = path === '' ? from : normalize(join(dirname(from), decodeURIComponent(path)));
  if (file.startsWith('..') || !existsSync(join(root, file))) return `${from}: ${target} leads nowhere`;
  if (!anchor || statSync(join(root, file)).isDirectory() || !file.endsWith('.md')) return undefined;
  const anchors = headingsOf(readFileSync(join(root, file), 'utf8')).map(anchorOf);
  return anchors.includes(anchor.toLowerCase()) ? undefined : `${from}: ${file} has no heading #${anchor}`;
}

/** Citations of numbered sections in sources, as style asks for them. */
function checkCitations(root, from, source) {
  const problems = [];
  for (const [, file, section] of source.matchAll(
    /\b(docs\/[\w/-]+\.md)(?:,? sections? (\d+(?:\.\d+)*))?/g,
  )) {
    if (!existsSync(join(root, file))) problems.push(`${from}: cites ${file}, which does not exist`);
    else if (section !== undefined) {
      const numbers = headingsOf(readFileSync(join(root, file), 'utf8')).map(
        (heading) => /^(\d+(?:\.\d+)*)/.exec(heading)?.[1],
      );
      if (!numbers.includes(section))
        problems.push(`${from}: cites ${file} section ${section}, which does not exist`);
    }
  }
  return problems;
}

/**
 * @param {string} root
 * @returns {{ links: number, problems: string[] }}
 */
export function checkLinks(root = repoRoot) {
  const problems = [];
  let links = 0;
  for (const from of findFiles(root, (name) => name.endsWith('.md') && !name.startsWith('.changeset/'))) {
    const markdown = withoutCode(readFileSync(join(root, from), 'utf8'));
    const inline = [...markdown.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)];
    const reference = [...markdown.matchAll(/^\s{0,3}\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)/gm)];
    for (const [, target] of [...inline, ...reference]) {
      links += 1;
      const problem = checkLink(root, from, target);
      if (problem) problems.push(problem);
    }
  }
  // The tests of this check cite documents that don't exist, on purpose.
  const isSource = (name) => /\.(ts|mjs|js|proto)$/.test(name) && !name.startsWith('scripts/test/');
  for (const from of findFiles(root, isSource)) {
    problems.push(...checkCitations(root, from, readFileSync(join(root, from), 'utf8')));
  }
  return { links, problems: [...new Set(problems)] };
}

if (isMain(import.meta.url)) {
  const { links, problems } = checkLinks();
  for (const problem of problems) console.error(problem);
  console.log(`links: ${links} in Markdown, ${problems.length} problems`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
