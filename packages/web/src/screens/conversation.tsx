// One conversation: who it is with, what was said, and the composer.

import { useEffect, useState } from 'preact/hooks';
import type { ConversationView, MessageView } from '../backend/backend.ts';
import { Composer, type Writing } from '../components/composer.tsx';
import { Picture } from '../components/picture.tsx';
import { BackButton, FocusedHeading } from '../components/screen.tsx';
import { ThreadView } from '../components/thread.tsx';
import { Notices } from '../shell/notices.tsx';
import { roomFoot, roomHead } from '../shell/room-parts.ts';
import { backend, conversations } from '../state/app.ts';
import { attempt } from '../state/attempt.ts';
import { go } from '../state/place.ts';
import { loadUntil, openThread, thread } from '../state/thread.ts';
import { duration } from '../i18n/dates.ts';
import { t } from '../i18n/translate.ts';

export interface ConversationProps {
  readonly id: string;
  /** A message to go to. */
  readonly message?: string;
  /** Shown next to its details: the heading leaves the focus to them. */
  readonly beside?: boolean;
}

export function Conversation({ id, message, beside }: ConversationProps) {
  const one = conversations.value.find((candidate) => candidate.id === id);
  const [writing, setWriting] = useState<Writing>({ as: 'new' });
  const [sought, setSought] = useState<string | undefined>(undefined);

  useEffect(() => {
    const open = async () => {
      await openThread(backend(), id, one?.unread ?? 0);
      await backend().markRead(id);
      if (message !== undefined && (await loadUntil(backend(), message))) setSought(message);
    };
    open().catch(() => undefined);
  }, [id, message]);

  // What arrives while it is looked at is read.
  const unread = one?.unread ?? 0;
  useEffect(() => {
    if (unread > 0 && document.visibilityState === 'visible')
      backend()
        .markRead(id)
        .catch(() => undefined);
  }, [unread]);

  const notices = beside === true ? null : <Notices />;
  if (one === undefined)
    return (
      <>
        {notices}
        <p class="empty">{t('talks.gone')}</p>
      </>
    );
  const open = thread.value?.conversation === id ? thread.value : undefined;
  const goTo = async (target: string) => {
    setSought(undefined);
    if (await loadUntil(backend(), target)) setSought(target);
  };
  const edit = (target: MessageView) => setWriting({ as: 'edit', message: target });
  const reply = (target: MessageView) => setWriting({ as: 'reply', message: target });
  return (
    <>
      {one.room === undefined ? (
        <Header one={one} quiet={beside === true} />
      ) : (
        <roomHead.View
          one={one}
          room={one.room}
          quiet={beside === true}
          onGoTo={(target) => attempt(() => goTo(target))}
        />
      )}
      {notices}
      <ThreadView
        one={one}
        thread={open}
        sought={sought}
        onReply={reply}
        onEdit={edit}
        onGoTo={(target) => attempt(() => goTo(target))}
      />
      <Foot one={one} writing={writing} onWriting={setWriting} />
    </>
  );
}

function Header({ one, quiet }: { one: ConversationView; quiet: boolean }) {
  return (
    <div class="head">
      <FocusedHeading quiet={quiet} unseen>
        {one.name}
      </FocusedHeading>
      {!quiet && <BackButton />}
      <div class="grow">
        <button type="button" class="header-button" onClick={() => go({ at: 'details', id: one.id })}>
          <Picture seed={one.pictureSeed} size={40} />
          <span class="grow">
            <span class="name title" dir="auto">
              {one.name}
            </span>
            <span class="muted small">
              {one.timerSeconds > 0
                ? t('thread.timer', { time: duration(one.timerSeconds) })
                : t(one.compared === true ? 'thread.compared' : 'thread.details')}
            </span>
          </span>
        </button>
      </div>
    </div>
  );
}

interface FootProps {
  readonly one: ConversationView;
  readonly writing: Writing;
  readonly onWriting: (writing: Writing) => void;
}

function Foot({ one, writing, onWriting }: FootProps) {
  if (one.room !== undefined && !one.room.state.maySend) return <roomFoot.View room={one.room} />;
  switch (one.state) {
    case 'securing':
      return (
        <p class="composer muted" role="status">
          {t('loading')}
        </p>
      );
    case 'open':
    case 'waiting-for-answer':
      return <Composer key={one.id} one={one} writing={writing} onWriting={onWriting} />;
    case 'peer-retired':
      return <p class="composer muted">{t('thread.retired', { name: one.name })}</p>;
    case 'blocked':
      return <p class="composer muted">{t('thread.blocked')}</p>;
    case 'refused':
      return <p class="composer muted">{t('thread.refused')}</p>;
    case 'peer-left':
      return <p class="composer muted">{t('thread.peerLeft', { name: one.name })}</p>;
    case 'left':
      return <p class="composer muted">{t('thread.left')}</p>;
  }
}
