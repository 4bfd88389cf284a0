/** The clients of Redis that an application may bring: node-redis and ioredis, by the few methods that are needed. */

/** A client of node-redis 4 or later, or of ioredis 5 or later, that makes commands. */
export type RedisClient =
  | { sendCommand(args: string[]): Promise<unknown> }
  | { call(command: string, ...args: string[]): Promise<unknown> }

/** Another client of the same library, with a connection of its own, that only subscribes to channels. */
export type RedisSubscriber =
  | (Subscriber & {
      subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
    })
  | (Subscriber & {
      call(command: string, ...args: string[]): Promise<unknown>
      subscribe(channel: string): Promise<unknown>
    })

interface Subscriber {
  unsubscribe(channel: string): Promise<unknown>
  on(event: string, listener: (...args: string[]) => void): unknown
}

/** Makes a command. */
export type Command = (...args: string[]) => Promise<unknown>

/** Finds out how commands are made with a client. */
export function commandOf(client: RedisClient): Command {
  // ioredis has `sendCommand`, too, but for objects of its own.
  if ('call' in client) return (command, ...args) => client.call(command, ...args)
  return (...args) => client.sendCommand(args)
}

/** Messages of the channels of one connection. */
export class Subscriptions {
  readonly #subscriber: RedisSubscriber
  readonly #listeners = new Map<string, (message: string) => void>()

  constructor(subscriber: RedisSubscriber) {
    this.#subscriber = subscriber
    if (!('call' in subscriber)) return
    subscriber.on('message', (channel, message) => this.#listeners.get(channel!)?.(message!))
  }

  /** Adds a listener that is called when the connection was made anew, so that messages may have been lost. */
  onReconnected(listener: () => void): void {
    this.#subscriber.on('ready', listener)
  }

  async add(channel: string, listener: (message: string) => void): Promise<void> {
    this.#listeners.set(channel, listener)
    const subscriber = this.#subscriber
    await ('call' in subscriber
      ? subscriber.subscribe(channel)
      : subscriber.subscribe(channel, listener))
  }

  async delete(channel: string): Promise<void> {
    this.#listeners.delete(channel)
    await this.#subscriber.unsubscribe(channel)
  }
}
