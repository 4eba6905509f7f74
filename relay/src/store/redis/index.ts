// The Redis store's entrance.

export { openRedisStore, type RedisStoreOptions } from './open.ts';
export { RedisStore } from './redis-store.ts';
