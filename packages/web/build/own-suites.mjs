// Leaves ts-mls' own ciphersuites out: rooms run on those that the SDK makes from its primitives, and the library's
// defaults would bring five curves and two lattices along that nothing ever calls. Part of build.mjs.

/** esbuild plugin. */
export function ownSuites() {
  return {
    name: 'own-suites',
    setup(build) {
      build.onResolve({ filter: /implementation\/(default|noble)\/provider\.js$/ }, ({ importer }) =>
        /[\\/]ts-mls[\\/]/.test(importer) ? { path: 'none', namespace: 'own-suites' } : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: 'own-suites' }, () => ({
        contents: 'export const defaultCryptoProvider = undefined, nobleCryptoProvider = undefined;',
        loader: 'js',
      }));
    },
  };
}
