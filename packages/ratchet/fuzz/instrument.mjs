// Bundles the fuzz targets and puts a counter into every branch of the bundle, so that the fuzzer sees which inputs
// reach new code. Counters sit in `globalThis.__coverage`, one byte each.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';

const COUNTERS = '__coverage';

/** @returns the code with counters, and how many there are. */
function withCounters(code) {
  const { factory } = ts;
  let count = 0;
  const hit = () =>
    factory.createPostfixIncrement(
      factory.createElementAccessExpression(factory.createIdentifier(COUNTERS), count++),
    );
  const hitStatement = () => factory.createExpressionStatement(hit());
  const counted = (expression) =>
    factory.createParenthesizedExpression(factory.createComma(hit(), expression));
  const asBlock = (statement) =>
    ts.isBlock(statement) ? statement : factory.createBlock([hitStatement(), statement]);
  const LAZY = new Set([
    ts.SyntaxKind.AmpersandAmpersandToken,
    ts.SyntaxKind.BarBarToken,
    ts.SyntaxKind.QuestionQuestionToken,
  ]);
  const transformer = (context) => {
    const visit = (node) => {
      const visited = ts.visitEachChild(node, visit, context);
      if (ts.isBlock(visited)) return factory.updateBlock(visited, [hitStatement(), ...visited.statements]);
      if (ts.isIfStatement(visited)) {
        const otherwise = visited.elseStatement && asBlock(visited.elseStatement);
        return factory.updateIfStatement(
          visited,
          visited.expression,
          asBlock(visited.thenStatement),
          otherwise,
        );
      }
      if (ts.isCaseClause(visited)) {
        return factory.updateCaseClause(visited, visited.expression, [hitStatement(), ...visited.statements]);
      }
      if (ts.isConditionalExpression(visited)) {
        const { condition, questionToken, whenTrue, colonToken, whenFalse } = visited;
        return factory.updateConditionalExpression(
          visited,
          condition,
          questionToken,
          counted(whenTrue),
          colonToken,
          counted(whenFalse),
        );
      }
      if (ts.isBinaryExpression(visited) && LAZY.has(visited.operatorToken.kind)) {
        return factory.updateBinaryExpression(
          visited,
          visited.left,
          visited.operatorToken,
          counted(visited.right),
        );
      }
      return visited;
    };
    return (file) => ts.visitEachChild(file, visit, context);
  };
  const source = ts.createSourceFile('targets.js', code, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS);
  const { transformed } = ts.transform(source, [transformer]);
  const body = ts.createPrinter().printFile(transformed[0]);
  // Counters wrap at 256 hits, as in other fuzzers; buckets blur it
  return `const ${COUNTERS} = (globalThis.${COUNTERS} = new Uint8Array(${count}));\n${body}`;
}

/** Imports the instrumented targets. */
export async function importTargets() {
  const result = await build({
    entryPoints: [fileURLToPath(new URL('targets.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    conditions: ['sotto-source'],
    packages: 'external',
    logLevel: 'error',
  });
  const dist = fileURLToPath(new URL('../dist/', import.meta.url));
  await mkdir(dist, { recursive: true });
  const folder = await mkdtemp(join(dist, '.fuzz-'));
  try {
    const file = join(folder, 'targets.mjs');
    await writeFile(file, withCounters(result.outputFiles[0].text));
    return { ...(await import(pathToFileURL(file).href)), coverage: globalThis[COUNTERS] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
