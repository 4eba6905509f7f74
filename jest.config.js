// One jest project a package, and `repo` for the tests of the repository itself. ES modules throughout;
// packages see each other's sources through the `sotto-source` condition, so a test never runs stale output.
import { existsSync } from 'node:fs';

const project = (name, rootDir, testMatch = '<rootDir>/test/**/*.test.ts') => ({
  displayName: name,
  rootDir,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['sotto-source', 'node', 'node-addons'] },
  testMatch: [testMatch],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } },
    ],
  },
});

const packages = [
  project('wire', 'packages/wire'),
  project('ratchet', 'packages/ratchet'),
  project('care', 'packages/care'),
  project('relay', 'relay'),
  project('client', 'client-sdk'),
  project('web', 'packages/web'),
  project('repo', 'scripts', '<rootDir>/test/**/*.test.mjs'),
];

export default {
  // Tests start real relays, Redis servers and browsers: two at a time leaves them a core each.
  maxWorkers: 2,
  testTimeout: 120_000,
  coverageProvider: 'v8',
  coverageDirectory: 'coverage',
  coverageReporters: ['text-summary', 'lcovonly'],
  // Command lines run in processes of their own, where coverage isn't seen; the tests that start them judge them.
  collectCoverageFrom: [
    '**/src/**/*.ts',
    '!**/generated/**',
    '!**/*.gen.ts',
    '!**/cli/**',
    '!**/terminal/**',
  ],
  coverageThreshold: { global: { statements: 82, branches: 85 } },
  projects: packages.filter(({ rootDir }) => existsSync(new URL(rootDir, import.meta.url))),
};
