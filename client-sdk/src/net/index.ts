// The network layer's entrance within the SDK.
export { type ChannelIds, channelIds } from './channel-ids.ts';
export { type Chance, type Clock, systemChance, systemClock } from './clock.ts';
export { type PromiseMismatch, type PromiseReport } from './promise-check.ts';
export { NetRefusal } from './refusal.ts';
export { openRelaySession } from './relay-session.ts';
export type * from './types.ts';
