// The history of a conversation, newest at the bottom. The box scrolls from its bottom edge (column-reverse), so pages
// added above move nothing; chunks far from view are empty boxes of the height they had.

import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ConversationView, MessageView } from '../backend/backend.ts';
import { backend } from '../state/app.ts';
import { loadEarlier, type Thread } from '../state/thread.ts';
import { day, sameDay } from '../i18n/dates.ts';
import { t } from '../i18n/translate.ts';
import { Icon } from './icon.tsx';
import { Said } from './message.tsx';
import type { SaidDeeds } from './said-deeds.ts';
import { makeChunker, type Chunk } from './thread-chunks.ts';

const NEAR_PX = 1_500;
const GUESSED_HEIGHT_PX = 72;

interface ThreadProps extends SaidDeeds {
  readonly one: ConversationView;
  readonly thread: Thread | undefined;
  readonly sought: string | undefined;
}

export function ThreadView({ one, thread, sought, onReply, onEdit, onGoTo }: ThreadProps) {
  const box = useRef<HTMLDivElement>(null);
  const [away, setAway] = useState(false);
  const chunker = useMemo(makeChunker, [one.id]);
  const messages = thread?.messages ?? [];
  const chunks = useMemo(() => chunker(messages), [messages]);
  const deeds = useMemo(() => ({ onReply, onEdit, onGoTo }), [one.id]);
  const watch = useWatcher(box);

  const atTop = useCallback(() => {
    const view = box.current;
    if (view === null) return;
    const above = view.scrollHeight - view.clientHeight + view.scrollTop;
    if (above < NEAR_PX) void loadEarlier(backend());
    setAway(view.scrollTop < -80);
  }, []);
  useEffect(atTop, [thread?.messages.length, thread?.loading]);

  const newest = messages.at(-1);
  useEffect(() => {
    if (newest?.mine === true) box.current?.scrollTo({ top: 0 });
  }, [newest?.id]);

  useEffect(() => {
    if (sought === undefined) return;
    const chunk = chunks.find((candidate) => candidate.messages.some(({ id }) => id === sought));
    if (chunk === undefined) return;
    watch.show(chunk.key);
    requestAnimationFrame(() => {
      const said = box.current?.querySelector<HTMLElement>(`[data-message="${CSS.escape(sought)}"]`);
      said?.scrollIntoView({ block: 'center' });
      said?.focus({ preventScroll: true });
    });
  }, [sought]);

  const lastMine = messages.findLast(({ mine }) => mine)?.id;
  return (
    <div class="thread-box">
      <div
        class="thread"
        ref={box}
        onScroll={atTop}
        role="region"
        aria-label={t('thread.label')}
        tabIndex={0}
      >
        <div class="thread-inner">
          <Beginning one={one} thread={thread} />
          <div role="list">
            {chunks.map((chunk, i) => (
              <ChunkBox
                key={chunk.key}
                chunk={chunk}
                before={chunks[i - 1]?.messages.at(-1)}
                lastMine={lastMine}
                unreadFrom={thread?.unreadFrom}
                watch={watch}
                atEnd={i >= chunks.length - 2}
                deeds={deeds}
              />
            ))}
          </div>
        </div>
      </div>
      {away && (
        <div class="latest">
          <button type="button" class="button" onClick={() => box.current?.scrollTo({ top: 0 })}>
            <Icon name="down" />
            {t('thread.newest')}
          </button>
        </div>
      )}
    </div>
  );
}

function Beginning({ one, thread }: { one: ConversationView; thread: Thread | undefined }) {
  if (thread === undefined || (thread.loading && thread.messages.length === 0)) {
    return (
      <p class="day" role="status">
        {t('loading')}
      </p>
    );
  }
  if (one.room !== undefined && !thread.more) {
    const { phase } = one.room.state;
    // Before the door nothing has begun.
    if (phase === 'joining' || phase === 'refused') return null;
    if (phase === 'knocking') {
      return (
        <div class="empty">
          <p>{t('room.beforeDoor')}</p>
        </div>
      );
    }
    return (
      <div class="empty">
        <p>{t('room.begin')}</p>
      </div>
    );
  }
  const isUnanswered = one.state === 'waiting-for-answer' || one.state === 'securing';
  const alone = isUnanswered && thread.messages.every(({ mine }) => mine);
  if (thread.more) return <p class="day">{t('thread.earlier')}</p>;
  return (
    <div class="empty">
      <p>{t(alone ? 'thread.beginWaiting' : 'thread.begin', { name: one.name })}</p>
    </div>
  );
}

interface Watch {
  observe(element: Element, key: number, show: (near: boolean) => void): () => void;
  show(key: number): void;
}

/** Tells each chunk whether it is near the view. */
function useWatcher(box: { readonly current: HTMLElement | null }): Watch {
  return useMemo(() => {
    const shows = new Map<Element, (near: boolean) => void>();
    const keys = new Map<number, (near: boolean) => void>();
    let observer: IntersectionObserver | undefined;
    return {
      observe(element, key, show) {
        observer ??= new IntersectionObserver(
          (entries) => {
            for (const entry of entries) shows.get(entry.target)?.(entry.isIntersecting);
          },
          { root: box.current, rootMargin: `${NEAR_PX}px 0px` },
        );
        shows.set(element, show);
        keys.set(key, show);
        observer.observe(element);
        return () => {
          observer?.unobserve(element);
          shows.delete(element);
          keys.delete(key);
        };
      },
      show: (key) => keys.get(key)?.(true),
    };
  }, []);
}

interface ChunkBoxProps {
  readonly chunk: Chunk;
  readonly before: MessageView | undefined;
  readonly lastMine: string | undefined;
  readonly unreadFrom: string | undefined;
  readonly watch: Watch;
  readonly atEnd: boolean;
  readonly deeds: SaidDeeds;
}

function ChunkBox({ chunk, before, lastMine, unreadFrom, watch, atEnd, deeds }: ChunkBoxProps) {
  const element = useRef<HTMLDivElement>(null);
  const height = useRef(chunk.messages.length * GUESSED_HEIGHT_PX);
  const [near, setNear] = useState(atEnd);
  useLayoutEffect(() => {
    const view = element.current;
    if (view === null) return undefined;
    return watch.observe(view, chunk.key, (isNear) => {
      // Its height is taken while its content is still there.
      if (!isNear) height.current = view.offsetHeight || height.current;
      setNear(isNear);
    });
  }, []);
  if (!near) {
    return <div ref={element} role="none" class="chunk" style={{ height: `${height.current}px` }} />;
  }
  return (
    <div ref={element} role="none" class="chunk" style={{ height: 'auto' }}>
      {chunk.messages.map((message, i) => {
        const previous = chunk.messages[i - 1] ?? before;
        const newDay = previous === undefined || !sameDay(previous.at, message.at);
        return (
          <div role="none" key={message.id}>
            {newDay && (
              <p class="day" role="listitem">
                {day(message.at)}
              </p>
            )}
            {unreadFrom === message.id && (
              <p class="unread-line" role="listitem">
                {t('thread.unread')}
              </p>
            )}
            <Said
              message={message}
              joined={!newDay && isJoined(previous, message)}
              showDelivery={message.id === lastMine}
              deeds={deeds}
            />
          </div>
        );
      })}
    </div>
  );
}

/** Said by the same person within the same minute. */
function isJoined(previous: MessageView, message: MessageView): boolean {
  return (
    previous.mine === message.mine &&
    previous.author?.id === message.author?.id &&
    previous.kind === 'text' &&
    Math.floor(previous.at / 60_000) === Math.floor(message.at / 60_000)
  );
}
