// The entrance of @sotto/wire: all that a relay and a client share. Pure: no I/O, no clock, no randomness, no hashing.

export * from './limits.ts';
export type * from './messages.ts';
export { WireError, WireErrors, type WireErrorCode } from './errors.ts';
export {
  clientFrameBytes,
  decodeClientFrame,
  decodeRelayFrame,
  encodeClientFrame,
  encodeClientFrameInto,
  encodeRelayFrame,
  encodeRelayFrameInto,
  relayFrameBytes,
} from './frame.ts';
export { decodeLink, encodeLink, type Link, type LinkKind } from './link.ts';
export {
  encodePromise,
  parsePromise,
  type PerPolicy,
  type RelayPromise,
  type SignedPromise,
} from './promise.ts';
export {
  createPreimage,
  idPreimage,
  linkPreimage,
  promisePreimage,
  provePreimage,
  stampLeafPreimage,
  stampNodePreimage,
  stampRootOf,
  stampRootPreimage,
  withdrawPreimage,
  type Handshake,
  type UnsignedCreate,
} from './signing.ts';
export { fromBase64url, toBase64url } from './text.ts';
