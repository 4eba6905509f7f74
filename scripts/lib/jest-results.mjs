// Reads jest's JSON results into passed and failed checks, counting also what no single test reports.
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { repoRoot } from './repo.mjs';

const NOT_RUN = new Set(['pending', 'skipped', 'todo', 'disabled']);

/**
 * A suite that can't load is one failed check, and so is an error of jest itself, though no test failed. Skipped tests
 * are neither, and each is named; a title that ends in brackets says why.
 * @param {string} path - what jest wrote by --json --outputFile.
 * @param {number} status - jest's exit code.
 * @returns {{ passed: number, failed: number, note?: string, notRun?: string[] }}
 */
export function countJest(path, status) {
  if (!existsSync(path)) return { passed: 0, failed: 1, note: 'jest wrote no results' };
  const results = JSON.parse(readFileSync(path, 'utf8'));
  const unloaded = results.numRuntimeErrorTestSuites;
  const skipped = results.numPendingTests + results.numTodoTests;
  const failedTests = results.numFailedTests + unloaded;
  const failedElse = status !== 0 && failedTests === 0;
  const notes = [
    unloaded > 0 && `${unloaded} suites did not load`,
    failedElse && 'jest itself failed: see what it printed',
    skipped > 0 && `${skipped} skipped`,
  ].filter(Boolean);
  return {
    passed: results.numPassedTests,
    failed: failedTests + (failedElse ? 1 : 0),
    note: notes.join(', '),
    notRun: (results.testResults ?? []).flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status }) => NOT_RUN.has(status))
        .map(({ fullName }) => `${relative(repoRoot, name)}: ${fullName}`),
    ),
  };
}
