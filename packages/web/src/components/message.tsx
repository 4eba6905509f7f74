// One message: its bubble, what is under it (reactions, state in words, time left), and its menu. Texts become text
// nodes and nothing else. Not its concern: which messages are shown (thread.tsx).

import { useId, useMemo, useRef, useState } from 'preact/hooks';
import type { MessageView } from '../backend/backend.ts';
import { backend, connection, conversations } from '../state/app.ts';
import { attempt } from '../state/attempt.ts';
import { clock, duration, fullTime, until } from '../i18n/dates.ts';
import { t } from '../i18n/translate.ts';
import { FileBubble } from '../attachments/parts.ts';
import { Countdown } from './countdown.tsx';
import { excerptWords } from './excerpt.ts';
import { Icon } from './icon.tsx';
import { Picture } from './picture.tsx';
import { MessageMenu } from './message-menu.tsx';
import { conversationHere, type SaidDeeds } from './said-deeds.ts';
import { roomNoticeWords } from '../rooms/notice-words.ts';
import { SaidText } from './said-text.tsx';

interface SaidProps {
  readonly message: MessageView;
  readonly joined: boolean;
  readonly showDelivery: boolean;
  readonly deeds: SaidDeeds;
}

/** Drawn anew only when something of it is another: a thread that scrolls draws its messages many times. */
export function Said({ message, joined, showDelivery, deeds }: SaidProps) {
  return useMemo(
    () => <One message={message} joined={joined} showDelivery={showDelivery} deeds={deeds} />,
    [message, joined, showDelivery, deeds],
  );
}

function One({ message, joined, showDelivery, deeds }: SaidProps) {
  const [menu, setMenu] = useState(false);
  const more = useRef<HTMLButtonElement>(null);
  const bubble = useId();
  if (message.kind !== 'text' && message.kind !== 'attachment') return <Note message={message} />;
  const closeMenu = () => {
    setMenu(false);
    more.current?.focus({ preventScroll: true });
  };
  const name =
    message.author?.name ?? conversations.peek().find(({ id }) => id === conversationHere())?.name ?? '';
  const byWhom = message.mine ? t('message.you') : name;
  return (
    <div
      class={`said${message.mine ? ' mine' : ''}${joined ? ' joined' : ''}`}
      role="listitem"
      data-message={message.id}
      tabIndex={-1}
    >
      {message.author !== undefined && !message.mine && !joined && (
        <p class="said-author small" aria-hidden="true">
          <Picture seed={message.author.pictureSeed} size={24} />
          <span dir="auto">{message.author.name}</span>
        </p>
      )}
      <div class="said-line">
        <div id={bubble} class={`bubble${message.mentionsMe === true ? ' names-me' : ''}`}>
          <span class="unseen">
            {byWhom}, {clock(message.at)}:{' '}
          </span>
          {message.replyTo !== undefined && (
            <Quote replyTo={message.replyTo} name={message.replyTo.name ?? name} onGoTo={deeds.onGoTo} />
          )}
          <Veil {...(message.warning === undefined ? {} : { warning: message.warning })}>
            {message.kind === 'text' ? (
              <SaidText text={message.text ?? ''} />
            ) : (
              <FileBubble.View message={message} conversation={conversationHere()} />
            )}
          </Veil>
        </div>
        <button
          ref={more}
          type="button"
          class="button icon more-button"
          aria-expanded={menu}
          aria-label={t('message.more', { time: clock(message.at) })}
          // Several may be of one minute.
          aria-describedby={bubble}
          onClick={() => setMenu(!menu)}
        >
          <Icon name="more" />
        </button>
      </div>
      <Reactions message={message} />
      <Under message={message} full={menu || showDelivery} time={menu} />
      {menu && <MessageMenu message={message} deeds={deeds} onClose={closeMenu} />}
    </div>
  );
}

function Quote({
  replyTo,
  name,
  onGoTo,
}: {
  replyTo: NonNullable<MessageView['replyTo']>;
  name: string;
  onGoTo: (message: string) => void;
}) {
  const whose = replyTo.mine ? t('message.you') : name;
  return (
    <button type="button" class="quote" onClick={() => onGoTo(replyTo.id)}>
      <span class="unseen">{t('message.replyTo')} </span>
      {whose}: <span dir="auto">{excerptWords(replyTo)}</span>
    </button>
  );
}

/** Words with a content warning stay covered until someone chooses to read them. */
function Veil({ warning, children }: { warning?: string; children: preact.ComponentChildren }) {
  const [open, setOpen] = useState(false);
  if (warning === undefined || open) return <>{children}</>;
  return (
    <span class="veil">
      <strong dir="auto">{t('message.warning', { what: warning })}</strong>
      <span class="veiled" aria-hidden="true">
        {'░░░░░░ ░░░░ ░░░░░░░░ ░░░░░'}
      </span>
      <button type="button" class="button" onClick={() => setOpen(true)}>
        {t('message.show')}
      </button>
    </span>
  );
}

function Note({ message }: { message: MessageView }) {
  const words = {
    gap: 'message.gap',
    restart: 'message.restart',
    'newer-version': 'message.newer',
    retracted: message.mine ? 'message.retractedMine' : 'message.retracted',
  } as const;
  if (message.kind === 'text' || message.kind === 'attachment') return null;
  return (
    <div class={`said${message.mine ? ' mine' : ''}`} role="listitem" data-message={message.id} tabIndex={-1}>
      <p class="bubble note small">
        {message.kind === 'notice'
          ? noticeWords(message.notice)
          : t(words[message.kind], { count: message.missing ?? 1 })}
      </p>
    </div>
  );
}

function noticeWords(notice: MessageView['notice']): string {
  switch (notice?.what) {
    case 'timer':
      return notice.seconds === 0
        ? t('notice.timerOff')
        : t('notice.timer', { time: duration(notice.seconds) });
    case 'relay':
      return t(notice.direction === 'incoming' ? 'notice.relayIncoming' : 'notice.relayOutgoing');
    case 'left':
      return t('notice.left');
    case 'retired':
      return t('notice.retired');
    case 'room':
      return roomNoticeWords(notice);
    case undefined:
      return '';
  }
}

function Reactions({ message }: { message: MessageView }) {
  if (message.reactions.length === 0) return null;
  return (
    <ul class="reactions" aria-label={t('reactions')}>
      {message.reactions.map(({ reaction, mine, count = 1 }) => (
        <li key={`${reaction}${mine}`} class={`reaction${mine ? ' mine' : ''}`}>
          <span class="unseen">{mine ? t('message.you') : ''} </span>
          {t(`reaction.${reaction}`)}
          {count > 1 && ` ${String(count)}`}
        </li>
      ))}
    </ul>
  );
}

/** State in words, and the time when asked for. */
function Under({ message, full, time }: { message: MessageView; full: boolean; time: boolean }) {
  const failed = message.delivery?.state === 'failed';
  if (!full && !failed && message.expiresAt === undefined && message.edited !== true) return null;
  return (
    <div class="under">
      {time && <time dateTime={new Date(message.at).toISOString()}>{fullTime(message.at)}</time>}
      {message.edited === true && <span>{t('message.edited')}</span>}
      {message.expiresAt !== undefined && <Countdown at={message.expiresAt} />}
      {message.mine && (full || failed) && <DeliveryWords message={message} />}
    </div>
  );
}

function DeliveryWords({ message }: { message: MessageView }) {
  const { delivery } = message;
  switch (delivery?.state) {
    case undefined:
      return null;
    case 'waiting':
      return (
        <>
          <span>{t('delivery.waiting')}</span>
          {connection.value.state !== 'online' && <TryAgain id={message.id} />}
        </>
      );
    case 'kept':
      return <span>{t('delivery.kept', { day: until(delivery.until) })}</span>;
    case 'failed': {
      // Where the conversation is over nothing can go out any more; its words can still be copied.
      const state = conversations.value.find(({ id }) => id === conversationHere())?.state;
      return (
        <>
          <span class="failed">{t('delivery.failed')}</span>
          {state === 'open' && <TryAgain id={message.id} />}
        </>
      );
    }
  }
}

function TryAgain({ id }: { id: string }) {
  const retry = () => {
    attempt(() => backend().retry(conversationHere(), id));
  };
  return (
    <button type="button" class="button" onClick={retry}>
      {t('tryAgain')}
    </button>
  );
}
