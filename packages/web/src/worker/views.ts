// From the SDK's objects to what the page is shown: plain, and without what the page doesn't need. Pure.
import type {
  AttachmentMessage,
  Conversation,
  Message,
  PromiseReport,
  RoomPhase,
  SessionStatus,
  TextMessage,
} from '@sotto/client';
import type {
  ConnectionView,
  ConversationView,
  Delivery,
  MessageView,
  PromiseView,
} from '../backend/backend.ts';

const EXCERPT_CHARS = 140;
const DAY_SECONDS = 86_400;

/** @param quoted - The message that it answers, where that is still there. */
export function messageView(message: Message, quoted?: Message): MessageView {
  const base = { id: message.id, at: message.at, order: message.cursor, mine: false, reactions: [] };
  switch (message.kind) {
    case 'text':
      return textView(message, quoted);
    case 'attachment':
      return attachmentView(message, quoted);
    case 'unsupported':
      return { ...base, mine: message.mine, kind: 'newer-version' };
    case 'gap':
      return { ...base, kind: 'gap', missing: message.missing };
    case 'restart':
      return { ...base, kind: 'restart' };
    case 'relay':
      return { ...base, kind: 'notice', notice: { what: 'relay', direction: message.direction } };
    case 'timer':
      return { ...base, kind: 'notice', notice: { what: 'timer', seconds: message.seconds } };
    case 'left':
    case 'retired':
      return { ...base, kind: 'notice', notice: { what: message.kind } };
    case 'room': {
      const { event, member } = message;
      const name = member === undefined ? {} : { name: member.name };
      return { ...base, kind: 'notice', notice: { what: 'room', event, ...name } };
    }
  }
}

function attachmentView(message: AttachmentMessage, quoted: Message | undefined): MessageView {
  const { file, ...said } = message;
  const view = textView({ ...said, kind: 'text', text: '', edited: false }, quoted);
  if (view.kind === 'retracted' || file === undefined) return { ...view, kind: 'retracted' };
  return { ...view, kind: 'attachment', file };
}

function textView(message: TextMessage, quoted: Message | undefined): MessageView {
  const { id, at, mine, reactions, expiresAt } = message;
  const common = {
    id,
    at,
    order: message.cursor,
    mine,
    reactions: message.author === undefined ? reactions : reactionsView(reactions),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
  if (message.retracted) return { ...common, reactions: [], kind: 'retracted' };
  const delivery = deliveryView(message);
  const { warning, replyTo } = message;
  return {
    ...common,
    kind: 'text',
    text: message.text,
    ...(message.edited ? { edited: true } : {}),
    ...(warning === undefined ? {} : { warning }),
    ...(delivery === undefined ? {} : { delivery }),
    ...(replyTo === undefined
      ? {}
      : {
          replyTo: {
            id: replyTo,
            mine: (quoted?.kind === 'text' || quoted?.kind === 'attachment') && quoted.mine,
            excerpt: quoted === undefined ? '' : excerptOf(quoted),
            ...attachedTo(quoted),
            ...((quoted?.kind === 'text' || quoted?.kind === 'attachment') && quoted.author !== undefined
              ? { name: quoted.author.name }
              : {}),
          },
        }),
  };
}

function deliveryView({ mine, delivery, keptUntil }: TextMessage): Delivery | undefined {
  if (!mine) return undefined;
  switch (delivery) {
    case 'delivered':
      return { state: 'kept', until: keptUntil ?? 0 };
    case 'failed':
      return { state: 'failed', code: 'CONVERSATION_CLOSED' };
    default:
      return { state: 'waiting' };
  }
}

/** What a list or a quotation shows of a message. What stands behind a warning stays behind it. */
export function excerptOf(message: Message): string {
  if (message.kind === 'attachment') return message.warning ?? message.file?.description ?? '';
  if (message.kind !== 'text' || message.retracted) return '';
  const text = (message.warning ?? message.text).replace(/\s+/g, ' ').trim();
  const letters = Array.from(text.slice(0, EXCERPT_CHARS * 2));
  return letters.length <= EXCERPT_CHARS ? text : `${letters.slice(0, EXCERPT_CHARS).join('')}…`;
}

/** What was sent, where the excerpt has no words for it. */
export function attachedTo(message: Message | undefined): Pick<ConversationView, 'attached'> {
  if (message?.kind !== 'attachment' || message.file === undefined || excerptOf(message) !== '') return {};
  return { attached: message.file.kind };
}

/** Whether a person would call it something new to read. */
export function countsAsUnread(message: Message): boolean {
  const said = message.kind === 'text' || message.kind === 'attachment' || message.kind === 'unsupported';
  return said && !message.mine;
}

export function conversationState({ state }: Conversation): ConversationView['state'] {
  if (state.phase === 'open') return state.answered ? 'open' : 'waiting-for-answer';
  if (state.phase === 'securing') return 'securing';
  switch (state.closedBy) {
    case 'block':
      return 'blocked';
    case 'operator':
      return 'refused';
    case 'peerLeft':
      return 'peer-left';
    case 'peerRetired':
    case 'retired':
      return 'peer-retired';
    default:
      return 'left';
  }
}

/** A room in the list of conversations. */
export function roomConversationState(phase: RoomPhase): ConversationView['state'] {
  switch (phase) {
    case 'knocking':
    case 'joining':
      return 'waiting-for-answer';
    case 'left':
    case 'removed':
    case 'refused':
    case 'closed':
      return 'left';
    default:
      return 'open';
  }
}

/** Several people's same kind word is one, with how many. */
function reactionsView(reactions: TextMessage['reactions']): MessageView['reactions'] {
  const merged = new Map<string, MessageView['reactions'][number]>();
  for (const { reaction, mine } of reactions) {
    const known = merged.get(reaction);
    merged.set(reaction, {
      reaction,
      mine: mine || known?.mine === true,
      ...(known === undefined ? {} : { count: (known.count ?? 1) + 1 }),
    });
  }
  return [...merged.values()];
}

/** One state for all connections: the worst that needs to be known, else the best that there is. */
export function connectionView(
  statuses: readonly SessionStatus[],
  isDialling: boolean,
): { state: ConnectionView; code?: string; clockSkewMs?: number } {
  const skews = statuses.flatMap(({ clockSkewSeconds }) =>
    clockSkewSeconds === undefined ? [] : [clockSkewSeconds],
  );
  const widest = skews.sort((a, b) => Math.abs(b) - Math.abs(a))[0];
  const skew = widest === undefined ? {} : { clockSkewMs: widest * 1_000 };
  const order = [
    ['refused', 'refused'],
    ['connecting', 'connecting'],
    ['backing-off', 'waiting'],
    ['offline', 'offline'],
    ['online', 'online'],
  ] as const;
  for (const [state, view] of order) {
    const found = statuses.find((status) => status.state === state);
    if (found === undefined) continue;
    return { state: view, ...skew, ...(found.error === undefined ? {} : { code: found.error.code }) };
  }
  return { state: isDialling ? 'connecting' : 'offline' };
}

export function promiseView(relay: string, { promise, mismatches }: PromiseReport): PromiseView {
  const { name, contact } = promise.operator;
  return {
    relay,
    checked: true,
    mismatches: [...mismatches],
    ttlDays: { mailbox: promise.ttlSeconds.mailbox / DAY_SECONDS },
    durability: promise.durability,
    admission: promise.admission,
    operator: { ...(name === undefined ? {} : { name }), ...(contact === undefined ? {} : { contact }) },
    software: promise.software,
  };
}
