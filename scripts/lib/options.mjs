// Reads a script's options. What it doesn't know is one line and exit code 2, not a trace of this repository's insides.
import { parseArgs } from 'node:util';

/**
 * @param {import('node:util').ParseArgsConfig} config
 * @returns {{ values: Record<string, any>, positionals: string[] }}
 */
export function readOptions(config) {
  try {
    return parseArgs(config);
  } catch (error) {
    if (!String(error.code).startsWith('ERR_PARSE_ARGS')) throw error;
    const [said] = error.message.split('. ');
    console.error(`${said}: see --help`);
    return process.exit(2);
  }
}
