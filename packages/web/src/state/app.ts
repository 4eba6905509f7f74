// The page's picture of what the worker knows: boot, personas, conversations, connection, trouble. It listens to the
// backend and holds signals that screens read. Not its concern: one conversation's messages (thread.ts).

import { batch, computed, signal } from '@preact/signals';
import type {
  Backend,
  BackendEvent,
  Boot,
  ConnectionView,
  ConversationView,
  PersonaView,
  PromiseView,
  TroubleKind,
} from '../backend/backend.ts';
import { announce, hush } from './announce.ts';
import { saveDrafts } from './drafts.ts';
import { notifyQuietly } from './notify.ts';
import { preferences, setPreferences } from './preferences.ts';
import { loadWords, t } from '../i18n/translate.ts';
import { roomChanged } from './rooms.ts';
import { messagesChanged } from './thread.ts';

export const boot = signal<Boot | { readonly state: 'loading' }>({ state: 'loading' });
export const personas = signal<readonly PersonaView[]>([]);
export const conversations = signal<readonly ConversationView[]>([]);
export const connection = signal<{
  readonly state: ConnectionView;
  readonly code?: string;
  readonly clockSkewMs?: number;
}>({
  state: 'connecting',
});
export const promise = signal<PromiseView | undefined>(undefined);
export const trouble = signal<TroubleKind | undefined>(undefined);

/** The persona whose conversations are shown. */
export const persona = computed<PersonaView | undefined>(() => {
  const chosen = personas.value.find(({ id }) => id === preferences.value.persona);
  return chosen ?? personas.value.find(({ retired }) => !retired) ?? personas.value[0];
});

export const myConversations = computed(() =>
  conversations.value.filter((one) => one.persona === persona.value?.id).sort((a, b) => b.at - a.at),
);

/** @returns the id of the conversation that someone new begins, as soon as there is one. */
export function firstConversation(): Promise<string> {
  return new Promise((resolve) => {
    const end = conversations.subscribe(([first]) => {
      if (first === undefined) return;
      resolve(first.id);
      // It may have called back before it returned.
      queueMicrotask(() => {
        end();
      });
    });
  });
}

let current: Backend | undefined;

/** @returns the backend; screens exist only after `start`. */
export function backend(): Backend {
  if (current === undefined) throw new Error('the page has not started');
  return current;
}

/** Listens to the backend and asks it where the person stands. */
export async function start(opened: Backend): Promise<void> {
  current = opened;
  opened.on(hear);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void opened.poke();
    else void saveDrafts(opened);
  });
  addEventListener('online', () => void opened.poke());
  if (opened.isFirstVisit && !preferences.value.begun) boot.value = { state: 'fresh' };
  showBoot(await opened.boot());
}

function showBoot(next: Boot): void {
  // The settings outlive an eviction: a store that was made here and isn't there was thrown away by the browser.
  boot.value = next.state === 'fresh' && preferences.value.begun ? { state: 'lost' } : next;
  if (next.state === 'open') setPreferences({ begun: true });
  else hush();
}

function hear(event: BackendEvent): void {
  switch (event.type) {
    case 'boot':
      showBoot(event.boot);
      return;
    case 'personas':
      personas.value = event.personas;
      return;
    case 'conversations':
      conversations.value = event.conversations;
      if (event.conversations.some(({ room }) => room !== undefined))
        void loadWords('rooms').catch(() => undefined);
      return;
    case 'messages':
      hearMessages(event);
      return;
    case 'connection':
      connection.value = event;
      return;
    case 'promise':
      promise.value = event.view;
      return;
    case 'room':
      roomChanged(event.conversation);
      return;
    case 'trouble':
      trouble.value = event.kind;
  }
}

function hearMessages(event: Extract<BackendEvent, { type: 'messages' }>): void {
  const fresh = batch(() => messagesChanged(event));
  for (const message of fresh) {
    if (message.mine || message.kind !== 'text') continue;
    const from = conversations.value.find(({ id }) => id === event.conversation);
    // Taking a break from a room means that it is quiet.
    if ((from?.room?.state.breakUntil ?? 0) > Date.now()) continue;
    const name = message.author?.name ?? from?.name ?? '';
    announce(t('thread.heard', { name, text: message.warning ?? message.text ?? '' }));
    notifyQuietly();
  }
}
