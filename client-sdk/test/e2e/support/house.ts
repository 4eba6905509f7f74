// A relay of a test file's own and the devices of those who meet over it: where an end-to-end file begins. It stands once
// the file is loaded; devices end after each test, or with the relay after the last one.
import { afterAll, afterEach } from '@jest/globals';
import type { ClientOptions } from '../../../src/index.ts';
import { RelayProcess } from '../../net/support/relay-process.ts';
import { Device } from './people.ts';

type Make = (relay: string, name: string, options?: ClientOptions) => Promise<Device>;

export interface House {
  readonly relay: RelayProcess;
  /** Who was made since the last end of devices; a device that a test makes by itself is added here. */
  readonly devices: Device[];
  readonly person: (name: string, options?: ClientOptions) => Promise<Device>;
}

/** @param options - `stay`: devices live until the file's last test; `make`: how a device is made. */
export async function house(options: { stay?: boolean; make?: Make } = {}): Promise<House> {
  const { stay = false, make = (...of) => Device.make(...of) } = options;
  const relay = await RelayProcess.start();
  const devices: Device[] = [];
  const endAll = async (): Promise<void> => {
    await Promise.all(devices.splice(0).map((device) => device.end()));
  };
  if (!stay) afterEach(endAll);
  afterAll(async () => {
    await endAll();
    await relay.stop();
  });
  return {
    relay,
    devices,
    async person(name, own) {
      const device = await make(relay.url, name, own);
      devices.push(device);
      return device;
    },
  };
}
