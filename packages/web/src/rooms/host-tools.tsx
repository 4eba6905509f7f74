// What a host does from the room's page: who waits at the door, how door and room are, links; and for everyone what the
// hosts did. What is done to one person stands with that person (person.tsx).

import { useId, useState } from 'preact/hooks';
import type { Door, HostAction, HostLog, Knock, Member, MemberId, RoomMode } from '@sotto/client';
import type { RoomDeed, RoomDetails, RoomPart } from '../backend/rooms.ts';
import { Action } from '../components/action.tsx';
import { CopyText } from '../components/copy-text.tsx';
import { backend } from '../state/app.ts';
import { attempt } from '../state/attempt.ts';
import { fullTime } from '../i18n/dates.ts';
import { t } from '../i18n/translate.ts';

type Act = (deed: RoomDeed) => Promise<void>;

const DOORS: readonly Door[] = ['open', 'knock', 'invite', 'closed'];
const MODES: readonly RoomMode[] = ['open', 'slow', 'read-only', 'locked'];

interface HostToolsProps {
  readonly id: string;
  readonly room: RoomPart;
  readonly details: RoomDetails;
  readonly act: Act;
}

export function HostTools({ id, room, details, act }: HostToolsProps) {
  return (
    <section class="card" aria-labelledby="host-tools">
      <h2 id="host-tools">{t('host.title')}</h2>
      {room.state.door !== 'open' && <Knocks knocks={details.knocks} act={act} />}
      <Choice
        label={t('host.door')}
        value={room.state.door}
        // An open room's log can't be given another door: its link opens the log itself.
        options={(room.card.door === 'open' ? ['open', 'closed'] : DOORS.slice(1)).map((door) => [
          door,
          t(`door.${door as Door}`),
        ])}
        onChoose={(door) => act({ deed: 'door', door: door as Door })}
      />
      <Choice
        label={t('host.mode')}
        value={room.state.mode}
        options={MODES.map((mode) => [mode, t(`host.mode.${mode}`)])}
        onChoose={(mode) => act({ deed: 'mode', mode: mode as RoomMode })}
      />
      <Banned log={details.hostLog} act={act} />
      <MakeLink id={id} people="many" label={t('host.link')} words={t('host.linkWords')} />
      {room.state.door !== 'open' && <MakeLink id={id} people="one" label={t('host.oneLink')} />}
    </section>
  );
}

function Knocks({ knocks, act }: { readonly knocks: readonly Knock[]; readonly act: Act }) {
  return (
    <section class="stack" aria-labelledby="knocks">
      <h3 id="knocks">{t('host.knocks')}</h3>
      {knocks.length === 0 && <p class="muted">{t('host.noKnocks')}</p>}
      <ul class="stack">
        {knocks.map(({ id, name, words }) => (
          <li class="stack" key={id}>
            <p dir="auto">
              <strong>{name}</strong>
              {words === '' ? '' : `: ${words}`}
            </p>
            <div class="row">
              <Action class="main" run={() => act({ deed: 'admit', knock: id })}>
                {t('host.admit')}
              </Action>
              <Action run={() => act({ deed: 'refuse', knock: id })}>{t('host.refuse')}</Action>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Those that hosts keep out: they are no members any more, and known by what was done. */
function Banned({ log, act }: { readonly log: HostLog; readonly act: Act }) {
  const out = new Map<MemberId, number>();
  for (const { kind, member, at } of log.actions) {
    if (member === undefined) continue;
    if (kind === 'ban') out.set(member, at);
    if (kind === 'unban') out.delete(member);
  }
  if (out.size === 0) return null;
  return (
    <ul class="stack">
      {[...out].map(([member, at]) => (
        <li class="row" key={member}>
          <span class="small">
            {t('host.did.ban', { name: t('room.someone') })}, {fullTime(at)}
          </span>
          <Action run={() => act({ deed: 'unban', member })}>{t('host.unban')}</Action>
        </li>
      ))}
    </ul>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, words: string])[];
  readonly onChoose: (value: string) => Promise<unknown>;
}

function Choice({ label, value, options, onChoose }: ChoiceProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        class="select"
        value={value}
        onChange={({ currentTarget }) => {
          attempt(() => onChoose(currentTarget.value));
        }}
      >
        {options.map(([one, words]) => (
          <option key={one} value={one}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}

interface MakeLinkProps {
  readonly id: string;
  readonly people: 'many' | 'one';
  readonly label: string;
  readonly words?: string;
}

function MakeLink({ id, people, label, words }: MakeLinkProps) {
  const [link, setLink] = useState<string>();
  return (
    <div class="stack">
      <div>
        <h3>{label}</h3>
        {words !== undefined && <p class="muted small">{words}</p>}
      </div>
      {link === undefined ? (
        <Action run={async () => setLink(await backend().roomLink(id, people))}>{t('host.makeLink')}</Action>
      ) : (
        <CopyText text={link} label={label} />
      )}
    </div>
  );
}

/** What hosts did, for everyone in the room to see. */
export function HostLogView({
  log,
  members,
}: {
  readonly log: HostLog;
  readonly members: readonly Member[];
}) {
  const nameOf = (id: string | undefined) =>
    members.find((member) => member.id === id)?.name || t('room.someone');
  return (
    <details class="card">
      <summary>{t('host.log')}</summary>
      <div class="stack">
        {!log.isConsistent && <p role="alert">{t('host.logOdd')}</p>}
        {log.actions.length === 0 && <p class="muted">{t('host.logNone')}</p>}
        <ul class="stack small">
          {log.actions.toReversed().map((action: HostAction) => (
            <li key={`${action.host}${String(action.at)}${action.kind}`}>
              <time class="muted" dateTime={new Date(action.at).toISOString()}>
                {fullTime(action.at)}
              </time>{' '}
              <span dir="auto">
                {t('host.logLine', {
                  host: nameOf(action.host),
                  what: t(`host.did.${action.kind}`, { name: nameOf(action.member) }),
                })}
              </span>
            </li>
          ))}
        </ul>
      </div>
    </details>
  );
}
