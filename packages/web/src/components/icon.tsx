// Line icons, drawn here so that none is fetched. They only accompany words or a label: never meaning on their own.

const paths = {
  back: 'M15 5l-7 7 7 7',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  plus: 'M12 5v14M5 12h14',
  send: 'M4 12l16-8-6 16-3-7-7-1z',
  close: 'M6 6l12 12M18 6L6 18',
  settings:
    'M12 9a3 3 0 100 6 3 3 0 000-6zM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M18.4 5.6l-2.2 2.2M7.8 16.2l-2.2 2.2',
  veil: 'M3 3l18 18M10 6a9 9 0 0111 6 12 12 0 01-3 4M6 8a12 12 0 00-3 4 9 9 0 0012 5',
  down: 'M12 5v14M6 13l6 6 6-6',
  clip: 'M8 12l6-6a3 3 0 114 4l-8 8a5 5 0 01-7-7l8-8',
  voice: 'M12 4a2.5 2.5 0 00-2.5 2.5v5a2.5 2.5 0 005 0v-5A2.5 2.5 0 0012 4zM6 11a6 6 0 0012 0M12 17v3',
  next: 'M9 5l7 7-7 7',
} as const;

export type IconName = keyof typeof paths;

/** Icons that point somewhere turn round where one reads from right to left. */
const directed: ReadonlySet<IconName> = new Set(['back', 'send', 'next']);

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class={`icon-svg${directed.has(name) ? ' turns' : ''}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
