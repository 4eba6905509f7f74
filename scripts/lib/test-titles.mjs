// Reads the titles of a test file from its syntax, so that a document may name a test and be held to it.
// Skipped and to-do tests have no title here: they prove nothing.
import ts from 'typescript';

const testers = new Set(['test', 'it']);
const dead = new Set(['skip', 'todo', 'failing']);

/** `test.concurrent.each(rows)` → ['test', 'concurrent', 'each']; [] for anything that isn't such a chain. */
function calleeNames(node) {
  if (ts.isIdentifier(node)) return [node.text];
  if (ts.isPropertyAccessExpression(node)) return [...calleeNames(node.expression), node.name.text];
  if (ts.isCallExpression(node) || ts.isTaggedTemplateExpression(node)) {
    return calleeNames(ts.isCallExpression(node) ? node.expression : node.tag);
  }
  return [];
}

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** What a title may read as: `%s` of `each` and `${…}` of a template stand for any text. */
function titlePattern(node) {
  if (ts.isStringLiteralLike(node)) {
    return `^${node.text
      .split(/%[a-zA-Z#$]|\$\w+/)
      .map(escape)
      .join('.+')}$`;
  }
  if (ts.isTemplateExpression(node)) {
    return `^${[node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].map(escape).join('.+')}$`;
  }
  return undefined;
}

/**
 * @param {string} source - a test file's text, TypeScript or JavaScript.
 * @returns {RegExp[]} one pattern a test that runs.
 */
export function readTestTitles(source) {
  const file = ts.createSourceFile('file.test.ts', source, ts.ScriptTarget.Latest, true);
  const patterns = [];
  const visit = (node, skipped) => {
    let below = skipped;
    if (ts.isCallExpression(node)) {
      const [head, ...rest] = calleeNames(node.expression);
      const isDead = rest.some((name) => dead.has(name)) || /^x(it|test|describe)$/.test(head ?? '');
      if (isDead) below = true;
      // In `test.each(rows)(title, …)` only the outer call carries the title.
      const pattern = testers.has(head) && !below && node.arguments[0] && titlePattern(node.arguments[0]);
      if (pattern && node.arguments.length > 1) patterns.push(new RegExp(pattern, 's'));
    }
    ts.forEachChild(node, (child) => visit(child, below));
  };
  visit(file, false);
  return patterns;
}
