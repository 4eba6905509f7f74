// The entrance of @sotto/client: personas, invites, conversations, their history, and the errors they raise.
export { Client, type ClientOptions, importClient, lookAtStore, openClient, wipeStore } from './client.ts';
export type { Pace } from './context.ts';
export {
  type ContentId,
  MAX_NAME_BYTES,
  MAX_TEXT_BYTES,
  type Reaction,
  REACTIONS,
} from './content/content.ts';
export type { RestartCause } from './content/packet.ts';
export {
  type AttachmentKind,
  MAX_PREVIEW_BYTES,
  PICTURE_TYPES,
  safeFileName,
  VOICE_TYPES,
} from './attachment/body.ts';
export type { FileDetails, StoredFile } from './attachment/files.ts';
export type { Transfer } from './attachment/home.ts';
export { MAX_FILE_BYTES } from './attachment/record.ts';
export { cleanSound, type CleanSound } from './attachment/strip/sound.ts';
export { cleanPicture, type CleanPicture } from './attachment/strip/strip.ts';
export type { ByteSource } from './spill/plan.ts';
export {
  type Content,
  Conversation,
  type ConversationEvents,
  type ConversationState,
  type SentMessage,
} from './conversation/conversation.ts';
export { type ClientErrorCode, ClientErrors, hasCode, type Retry, SottoError } from './errors.ts';
export type { Unsubscribe } from './events.ts';
export type {
  AttachmentMessage,
  Cursor,
  Delivery,
  Message,
  MessageId,
  Notice,
  RoomNotice,
  TextMessage,
  UnsupportedMessage,
} from './history/message.ts';
export { type InviteAhead, readInviteAhead } from './invite/read-ahead.ts';
export { Persona } from './persona/persona.ts';
export type { Invite, PersonaEvents, PersonaState } from './persona/types.ts';
export type { Room } from './room/room.ts';
export type { DirectoryKeeper, Topics } from './topics/topics.ts';
export { MAX_NOTE_BYTES, type Notes } from './notes.ts';
export { dialAhead, type Dialled, type DialledSocket } from './net/dial-ahead-browser.ts';
export type { PromiseMismatch, PromiseReport, SessionState, SessionStatus } from './net/index.ts';
export type { PresenceMarker } from './store/index.ts';
export type { NetworkOptions } from './persona/sessions.ts';
export type { SignalEngine } from './signal/module.ts';
export {
  type Door,
  DOORS,
  HOST_ACTIONS,
  type HostAction,
  type HostActionKind,
  type HostLog,
  type JoinOptions,
  type Knock,
  type Member,
  type MemberId,
  MODES,
  type RoomCard,
  type RoomCardInput,
  type RoomContent,
  type RoomEvents,
  type RoomFilters,
  type RoomMode,
  type RoomPhase,
  type RoomPreview,
  type RoomState,
  type TalkRequest,
  type Unhosted,
  UNHOSTED,
} from './room/types.ts';
export {
  type CircleWish,
  type Directory,
  type DirectoryTopic,
  type Intent,
  INTENTS,
  type ListedRoom,
  type TopicId,
  TOPICS,
} from './topics/types.ts';
