// The embedded store's entrance.

export { openEmbeddedStore, type EmbeddedStoreOptions } from './open.ts';
export type { EmbeddedStore } from './embedded-store.ts';
