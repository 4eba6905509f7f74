// The text of `sotto-relay --help`, made from the table of settings.

import { configSchema, settings } from '../config/options.ts';

export function helpText(): string {
  const defaults = configSchema.parse({});
  const rows: [string, string][] = settings.map(({ key, flag, value, help }) => {
    const fallback = String(defaults[key]);
    const shown = fallback === '' || fallback === 'false' ? help : `${help} (${fallback})`;
    return [value === undefined ? flag : `${flag} ${value}`, shown];
  });
  rows.push(
    ['--config FILE', 'JSON file with the same settings in camelCase, e.g. {"operatorName": "…"}'],
    ['--help', 'this text'],
    ['--version', 'the version'],
  );
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return `sotto-relay: passes on sealed messages that it can't read.

Usage:
  sotto-relay [flags]                      run a relay; SIGTERM or Ctrl-C drains it and loses nothing
  sotto-relay check URL [--json]           probe a relay as a client would; the exit code says whether it is healthy
  sotto-relay block LINK --reason CLASS [flags]
                                           close the channel behind a reported link; at most 20 a day, counted in
                                           the promise. CLASS: abuse, illegal, spam, safety, owner-request

Flags (each also as a variable: --operator-name is SOTTO_OPERATOR_NAME; flags win over variables over the file):
${rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`).join('\n')}
`;
}
