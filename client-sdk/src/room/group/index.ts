// A room's group: MLS (RFC 9420, by ts-mls) under the room's own rules. The entrance for the rest of room/; nothing
// outside this folder imports ts-mls.
export {
  applyCommit,
  createGroup,
  epoch,
  epochAuthenticator,
  exportSecret,
  type GroupState,
  isStateOf,
  joinExternally,
  leaveNote,
  members,
  ownLeaf,
  proposeOrder,
  proposeRemoval,
  proposeRoles,
  type Proposed,
  proposeUpdate,
  publicState,
  roles,
  type Verdict,
} from './group.ts';
export { messageEpoch, nextGeneration, openApp, type Opened, sealApp } from './messages.ts';
export { signTicket, type TicketInput } from './pass.ts';
export { type PublicState, readPublicState } from './public.ts';
export {
  banOf,
  isBanned,
  isHost,
  type OrderPart,
  type Roles,
  type RolesInput,
  type RolesPart,
  signOrder,
  signRoles,
} from './roles.ts';
export type { VoidReason } from './rules.ts';
export { decodeGroup, encodeGroup } from './state-codec.ts';
export type { RoomSuite } from './suite.ts';
export type { Member } from './tree.ts';
