// The network layer's entrance within the SDK.
export type { Chance, Clock } from './clock.ts';
export { systemChance, systemClock } from './clock.ts';
export { NetRefusal } from './refusal.ts';
export type * from './types.ts';
