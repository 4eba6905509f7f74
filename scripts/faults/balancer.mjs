// What stands in front of several relays as one address: hands each connection to the next relay that takes it. Bytes
// only; it knows nothing of frames.
import { connect, createServer } from 'node:net';

export class Balancer {
  #server;
  #ports;
  #turn = 0;
  #sockets = new Set();

  /** @param ports of the relays behind it. */
  static async start(ports) {
    const balancer = new Balancer();
    balancer.#ports = ports;
    balancer.#server = createServer((client) => balancer.#hand(client));
    await new Promise((resolve) => balancer.#server.listen(0, '127.0.0.1', resolve));
    return balancer;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  #hand(client) {
    client.on('error', () => {});
    const turn = this.#turn++;
    const tryPort = (n) => {
      if (n === this.#ports.length) return client.destroy();
      const relay = connect(this.#ports[(turn + n) % this.#ports.length], '127.0.0.1');
      relay.once('error', () => tryPort(n + 1));
      relay.once('connect', () => {
        relay.removeAllListeners('error');
        this.#join(client, relay);
      });
    };
    tryPort(0);
  }

  #join(client, relay) {
    for (const [one, other] of [
      [client, relay],
      [relay, client],
    ]) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.once('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }

  close() {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(resolve));
  }
}
