// One jest project a package; ES modules, sources taken straight from src through the `sotto-source` condition.
const project = (name, rootDir) => ({
  displayName: name,
  rootDir,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['sotto-source', 'node', 'node-addons'] },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } },
    ],
  },
});

export default {
  projects: [
    project('wire', 'packages/wire'),
    project('ratchet', 'packages/ratchet'),
    project('relay', 'relay'),
    project('client', 'client-sdk'),
  ],
};
