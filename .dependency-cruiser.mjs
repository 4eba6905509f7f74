// Who may import whom (design section 2, docs/architecture.md), as rules that CI checks.
// scripts/test/imports.test.mjs plants one violation of each rule and sees it reported.

const tests = '/(test|bench)/';
/** What makes published vectors is run by hand, like a test, and may use a test's oracle. */
const generators = '^packages/wire/vectors/make\\.mjs$';
const webTests = '^packages/web/test/';
const folder = { wire: '^packages/wire/', ratchet: '^packages/ratchet/', care: '^packages/care/' };

/** A package may import only the named workspace packages, through any path. */
const mayOnlyImport = (name, from, allowed) => ({
  name,
  severity: 'error',
  comment: `${name}: see "Who may import whom" in docs/architecture.md.`,
  from: { path: from },
  to: { path: '^(packages|relay|client-sdk)/', pathNot: [from, ...allowed] },
});

/** A module that gives cryptographic primitives is imported in one folder of a package only. */
const primitives = [
  '^(node:)?crypto$',
  'node_modules/libsodium',
  'node_modules/@noble/',
  'node_modules/hash-wasm/',
  'node_modules/@signalapp/libsignal-client/',
  'node_modules/@cloudflare/',
];

export default {
  forbidden: [
    mayOnlyImport('wire-imports-no-package', folder.wire, []),
    mayOnlyImport('ratchet-imports-no-package', folder.ratchet, []),
    mayOnlyImport('care-imports-no-package', folder.care, []),
    mayOnlyImport('relay-imports-only-wire', '^relay/', [folder.wire]),
    mayOnlyImport('client-imports-wire-ratchet-care', '^client-sdk/', Object.values(folder)),
    mayOnlyImport('web-imports-client-and-care', '^packages/web/', [
      '^client-sdk/',
      folder.care,
      // Compared by a test with what the site gets.
      '^packages/ratchet/src/primitives/hmac\\.ts$',
    ]),
    {
      name: 'entrance-only',
      severity: 'error',
      comment: 'Another package is entered through what its exports map has, by its name.',
      from: { path: '^(packages/[^/]+|relay|client-sdk)/', pathNot: webTests },
      to: {
        path: '^(packages/[^/]+|relay|client-sdk)/',
        pathNot: [
          '^$1/',
          '^(packages/[^/]+|relay|client-sdk)/src/index\\.ts$',
          // `@sotto/care/guard`: the page has it without the helplines.
          '^packages/care/src/guard\\.ts$',
        ],
      },
    },
    {
      name: 'entrance-by-name',
      severity: 'error',
      comment: 'A relative path into another package escapes its exports map.',
      from: { path: '^(packages/[^/]+|relay|client-sdk)/', pathNot: webTests },
      to: {
        path: '^(packages/[^/]+|relay|client-sdk)/',
        pathNot: '^$1/',
        dependencyTypes: ['local'],
      },
    },
    {
      name: 'web-tests-share-test-support',
      severity: 'error',
      comment:
        "The web client's tests may borrow what starts the real relay in the SDK's tests, and compare libsodium as the site gets it with the one behind the SDK's and the ratchet's doors; nothing else.",
      from: { path: webTests },
      to: {
        path: '^(packages/[^/]+|relay|client-sdk)/',
        pathNot: [
          '^packages/web/',
          '^(packages/[^/]+|relay|client-sdk)/src/index\\.ts$',
          '^client-sdk/test/[a-z/]+/support/',
          '^client-sdk/src/crypto/sodium\\.ts$',
          '^packages/ratchet/src/primitives/hmac\\.ts$',
        ],
      },
    },
    {
      name: 'scripts-are-the-top',
      severity: 'error',
      comment: 'scripts/ drives the packages; nothing in a package knows of it.',
      from: { path: '^(packages|relay|client-sdk)/' },
      to: { path: '^scripts/' },
    },
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'A cycle has no order in which to read it.',
      from: {},
      // Types are erased: two files may name each other's types without a cycle at run time.
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      comment:
        'The import names nothing: a missing file, an undeclared package, or a path outside an exports map.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'declared-dependencies-only',
      severity: 'error',
      comment: "The import is not among the package's own dependencies.",
      from: { path: '^(packages/[^/]+|relay|client-sdk)/(src|bin)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-dev-dependency-at-run-time',
      severity: 'error',
      from: { path: '^(packages/[^/]+|relay|client-sdk)/(src|bin)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'tests-are-not-imported',
      severity: 'error',
      from: { pathNot: [tests, generators, '^scripts/'] },
      to: { path: tests, pathNot: 'node_modules' },
    },
    {
      name: 'node-only-in-node-files',
      severity: 'error',
      comment:
        'Browsers run this code: node:* belongs in relay/, in files ending -node.ts, in the terminal client.',
      from: {
        path: '^(packages/[^/]+|client-sdk)/src/',
        pathNot: ['-node\\.ts$', '^client-sdk/src/terminal/'],
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'browser-files-stay-in-the-browser',
      severity: 'error',
      from: { path: ['-browser\\.ts$', '^packages/web/src/'] },
      to: { path: '-node\\.ts$' },
    },
    {
      name: 'primitives-in-one-place',
      severity: 'error',
      comment:
        'Each package imports cryptographic primitives in one folder, so that an auditor reads one folder.',
      from: {
        path: '^(packages/[^/]+|relay|client-sdk)/src/',
        pathNot: [
          '^packages/ratchet/src/primitives/',
          '^client-sdk/src/(crypto|signal)/',
          '^relay/src/crypto/',
          // Names TLS' options; computes nothing.
          '^relay/src/http/tls\\.ts$',
        ],
      },
      to: { path: primitives },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Our own output only: `dist/` anywhere would hide libsodium and libsignal, which live in such folders.
    exclude: { path: '^(packages/[^/]+|relay|client-sdk)/dist/' },
    // Imports of types count: a relay that names a session's type already knows too much.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['sotto-source', 'import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
    },
  },
};
