// Reads the settings from flags, environment and file, in that order of precedence, and checks them. The way in for
// cli/ and startRelay. Not its concern: what a setting does.

import { readFileSync } from 'node:fs';
import { RelayError } from '../errors.ts';
import { configSchema, settings, type ConfigKey, type RelayConfig, type Setting } from './options.ts';

type Source = 'flag' | 'environment' | 'file' | 'option';
type Given = Map<ConfigKey, { value: unknown; source: Source }>;

/** What the command line says besides settings. */
export interface CommandLine {
  readonly config: RelayConfig;
  /** Arguments that aren't flags: the command and its operands. */
  readonly words: readonly string[];
}

/**
 * Settings from a command line, its environment and the file named by `--config` or SOTTO_CONFIG.
 * @param args - without node and script; flags of other commands must be taken out before.
 * @throws RelayError RELAY_CONFIG_INVALID naming the offending key, RELAY_CONFIG_UNREADABLE.
 */
export function loadConfig(args: readonly string[], environment: NodeJS.ProcessEnv): CommandLine {
  const flags: Given = new Map();
  const words: string[] = [];
  let file = environment['SOTTO_CONFIG'];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (!arg.startsWith('-')) {
      words.push(arg);
      continue;
    }
    const [name, inline] = splitOnce(arg);
    const setting = settings.find((s) => s.flag === name);
    if (name !== '--config' && setting === undefined) {
      throw invalid(`Unknown flag ${name}: see --help.`);
    }
    if (setting !== undefined && !takesValue(setting)) {
      flags.set(setting.key, { value: inline ?? true, source: 'flag' });
      continue;
    }
    const value = inline ?? args[++i];
    if (value === undefined) throw invalid(`${name} needs a value.`);
    if (setting === undefined) file = value;
    else flags.set(setting.key, { value, source: 'flag' });
  }
  const given: Given = new Map();
  if (file !== undefined && file !== '') readFile(file, given);
  for (const { key, variable } of settings) {
    const value = environment[variable];
    if (value !== undefined && value !== '') given.set(key, { value, source: 'environment' });
  }
  for (const [key, entry] of flags) given.set(key, entry);
  return { config: check(given), words };
}

/**
 * Completes and checks settings given in code.
 * @throws RelayError RELAY_CONFIG_INVALID naming the offending key.
 */
export function checkOptions(options: Partial<RelayConfig>): RelayConfig {
  const given: Given = new Map();
  for (const [key, value] of Object.entries(options) as [string, unknown][]) {
    if (value !== undefined) given.set(key as ConfigKey, { value, source: 'option' });
  }
  return check(given);
}

function takesValue(setting: Setting): boolean {
  return setting.value !== undefined;
}

function splitOnce(arg: string): [string, string?] {
  const at = arg.indexOf('=');
  return at < 0 ? [arg] : [arg.slice(0, at), arg.slice(at + 1)];
}

function readFile(path: string, into: Given): void {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new RelayError('RELAY_CONFIG_UNREADABLE', { detail: `(${path})`, cause });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new RelayError('RELAY_CONFIG_UNREADABLE', { detail: `(${path} must hold one JSON object)` });
  }
  for (const [key, value] of Object.entries(parsed)) into.set(key as ConfigKey, { value, source: 'file' });
}

function check(given: Given): RelayConfig {
  const values = Object.fromEntries([...given].map(([key, { value }]) => [key, value]));
  const result = configSchema.safeParse(values);
  if (!result.success) {
    const problems = result.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => `${key} in the configuration is not a setting: see --help.`)
        : [`${nameOf(String(issue.path[0]), given)} ${issue.message}.`],
    );
    throw invalid(problems.join(' '));
  }
  const config = result.data;
  if ((config.tlsCert === '') !== (config.tlsKey === '')) {
    throw invalid(
      `${nameOf('tlsCert', given)} and ${nameOf('tlsKey', given)} are given together or not at all.`,
    );
  }
  for (const policy of ['Mailbox', 'Log', 'Pool'] as const) {
    if (config[`ttl${policy}`] > config[`maxTtl${policy}`]) {
      throw invalid(`${nameOf(`ttl${policy}`, given)} must not be more than maxTtl${policy}.`);
    }
  }
  return config;
}

/** The setting as whoever gave it knows it. */
function nameOf(key: string, given: Given): string {
  const setting: Setting | undefined = settings.find((s) => s.key === key);
  const source = given.get(key as ConfigKey)?.source;
  if (setting === undefined || source === undefined) return key;
  if (source === 'flag') return setting.flag;
  return source === 'environment' ? setting.variable : `"${key}"`;
}

function invalid(detail: string): RelayError {
  return new RelayError('RELAY_CONFIG_INVALID', { detail });
}
