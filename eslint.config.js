// Lint rules: what a type checker can't say and a reviewer shouldn't have to. Formatting is prettier's concern,
// imports between packages are dependency-cruiser's (.dependency-cruiser.mjs).
import { join } from 'node:path';
import { importX } from 'eslint-plugin-import-x';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';
import { packageFolders } from './scripts/lib/repo.mjs';

const root = import.meta.dirname;
const folders = packageFolders(root);

/** Code that browsers run too: no Node, no DOM. What needs one of them ends in -node.ts or -browser.ts. */
const portable = ['packages/{wire,ratchet,care}/src/**/*.ts', 'client-sdk/src/**/*.ts'];
/** The web client is the DOM's; Node has no place in it. */
const pages = ['packages/web/src/**/*.{ts,tsx}'];
const platformFiles = ['**/*-node.ts', '**/*-browser.ts', 'client-sdk/src/terminal/**'];

const nodeGlobals = ['Buffer', 'process', 'global', 'setImmediate', 'clearImmediate', '__dirname', 'require'];
const domGlobals = [
  'window',
  'document',
  'navigator',
  'location',
  'localStorage',
  'sessionStorage',
  'indexedDB',
];

export default tseslint.config(
  {
    ignores: [
      ...['**/dist/', '**/node_modules/', '**/coverage/', '.cache/', 'data/', 'docs/api/'],
      ...['**/*.gen.ts', '**/generated/**'],
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },

  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    rules: {
      // A number in a message is what messages are for; objects and undefined stay refused.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Two that cost a quarter of the run: there are no enums here (see below), and structural types are this
      // language's way.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // `async` that fulfils an interface, and `while (true)` in a reader's loop, say what they mean.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      // noUncheckedIndexedAccess makes every array[i] possibly undefined: in byte code whose lengths were
      // just checked, `!` is the readable way to say so.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'Use an `as const` map: enums are not erasable.' },
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
      ],
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
      'max-params': ['error', 4],
    },
  },

  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          ...['Buffer', 'URL', 'console', 'fetch', 'performance', 'process', 'structuredClone'],
          ...['setImmediate', 'setInterval', 'setTimeout', 'clearInterval', 'clearTimeout', 'queueMicrotask'],
          ...[
            'AbortController',
            'AbortSignal',
            'TextDecoder',
            'TextEncoder',
            'URLSearchParams',
            'WebAssembly',
          ],
          ...['crypto'],
        ].map((name) => [name, 'readonly']),
      ),
    },
    rules: {
      'no-undef': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-unreachable': 'error',
      'no-dupe-keys': 'error',
      'no-cond-assign': 'error',
      'no-fallthrough': 'error',
      'no-self-assign': 'error',
      'prefer-const': 'error',
      'no-var': 'error',
      eqeqeq: ['error', 'always'],
    },
  },

  {
    files: pages,
    rules: {
      'no-restricted-globals': [
        'error',
        ...nodeGlobals.map((name) => ({ name, message: 'This runs in browsers only.' })),
      ],
    },
  },
  {
    files: portable,
    ignores: platformFiles,
    rules: {
      'no-restricted-globals': [
        'error',
        ...nodeGlobals.map((name) => ({ name, message: 'Node only: move this to a file ending -node.ts.' })),
        ...domGlobals.map((name) => ({ name, message: 'DOM: move this to a file ending -browser.ts.' })),
      ],
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['node:*'], message: 'Move this to a file ending -node.ts.' }] },
      ],
    },
  },

  {
    // What people say becomes text nodes. Trusted Types refuse these at run time; here they don't get that far.
    files: ['packages/web/src/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'srcdoc'].map((property) => ({
          property,
          message: 'Text becomes text nodes, never markup.',
        })),
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'Use an `as const` map: enums are not erasable.' },
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        {
          selector: 'JSXAttribute[name.name="dangerouslySetInnerHTML"]',
          message: 'Text becomes text nodes, never markup.',
        },
      ],
    },
  },

  {
    // Terminals, tests and benches print.
    files: ['client-sdk/src/terminal/**', 'relay/src/cli/**', '**/{test,bench}/**/*.ts'],
    rules: { 'no-console': 'off' },
  },

  ...folders.map((folder) => ({
    // What ships names all it needs in its own package.json; tests may use the root's tools besides.
    files: [`${folder}/**/*.{ts,tsx}`],
    ignores: [`${folder}/{test,bench}/**`],
    plugins: { 'import-x': importX },
    rules: {
      'import-x/no-extraneous-dependencies': [
        'error',
        { devDependencies: false, packageDir: join(root, folder) },
      ],
    },
  })),
  ...folders.map((folder) => ({
    files: [`${folder}/{test,bench}/**/*.{ts,tsx}`],
    plugins: { 'import-x': importX },
    rules: {
      'import-x/no-extraneous-dependencies': ['error', { packageDir: [join(root, folder), root] }],
    },
  })),
  prettier,
);
