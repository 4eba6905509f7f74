// `sotto-relay`: runs a relay until a signal, then drains it. Not its concern: the relay itself (../relay.ts).

import { WEBSOCKET_PATH } from '@sotto/wire';
import { loadConfig } from '../config/load.ts';
import { faultClass } from '../connection/counts.ts';
import { RelayError } from '../errors.ts';
import { makeLogger } from '../log.ts';
import { makeRelay } from '../relay.ts';

/** @returns the exit code, once the relay has stopped. */
export async function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { config, words } = loadConfig(args, environment);
  const [unknown] = words;
  if (unknown !== undefined) {
    throw new RelayError('RELAY_CONFIG_INVALID', { detail: `Unknown command ${unknown}: see --help.` });
  }
  // Signals count from the start: a relay told to stop while it opens its store stops cleanly.
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  let signals = 0;
  const onSignal = () => {
    if (++signals > 1) process.exit(1);
    stop();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);

  const log = makeLogger(config.logLevel);
  const relay = await makeRelay(config, log);
  process.stdout.write(
    `The relay answers at ${relay.url} (WebSocket at ${WEBSOCKET_PATH}); what it keeps is in ${config.data}.\n` +
      `Next: open ${relay.url} in a browser, or run: npm run chat -- --relay ${relay.url}\n` +
      `Ctrl-C stops it; nothing that was accepted is lost.\n`,
  );
  const onHangUp = () => {
    try {
      relay.reloadTls();
    } catch (error) {
      log.error({ fault: faultClass(error) }, 'the certificate cannot be used; the one before stays');
    }
  };
  process.on('SIGHUP', onHangUp);
  await stopped;
  await relay.close();
  process.off('SIGTERM', onSignal);
  process.off('SIGINT', onSignal);
  process.off('SIGHUP', onHangUp);
  return 0;
}
