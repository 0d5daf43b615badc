import { Agent, Dispatcher, ProxyAgent } from "undici";
import { DecodingHandler } from "./decoding-handler.ts";
import { proxyFor, type ProxySettings } from "./proxy-settings.ts";
import { USER_AGENT } from "./user-agent.ts";

/** Default headers of every request. The headers request uncompressed responses, because pictures do not compress. */
const HEADERS = { "user-agent": USER_AGENT, "accept-encoding": "identity" };

export interface OutgoingAgentOptions extends Agent.Options {
  /** Defaults to none. */
  readonly proxy?: ProxySettings | undefined;
}

/**
 * The agent for all outgoing requests. Adds the user agent, selects the proxy for the target, and decodes responses
 * that are compressed nevertheless. Follows no redirects and retries nothing.
 */
export class OutgoingAgent extends Dispatcher {
  readonly #direct: Agent;
  readonly #proxies = new Map<string, ProxyAgent>();
  readonly #settings: ProxySettings;
  readonly #options: Agent.Options;

  constructor({ proxy = {}, ...options }: OutgoingAgentOptions = {}) {
    super();
    this.#settings = proxy;
    this.#options = options;
    this.#direct = new Agent(options);
  }

  override dispatch(options: Agent.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const own = options.headers as Readonly<Record<string, string>> | undefined;
    const asked = { ...options, headers: { ...HEADERS, ...own } };
    return this.#agentFor(options.origin).dispatch(asked, new DecodingHandler(handler));
  }

  override async close(callback?: () => void): Promise<void> {
    await Promise.all(this.#all.map((agent) => agent.close()));
    callback?.();
  }

  override async destroy(first?: Error | null | (() => void), second?: () => void): Promise<void> {
    const error = first instanceof Error ? first : null;
    await Promise.all(this.#all.map((agent) => agent.destroy(error)));
    (typeof first === "function" ? first : second)?.();
  }

  get #all(): readonly Dispatcher[] {
    return [this.#direct, ...this.#proxies.values()];
  }

  #agentFor(origin: string | URL | undefined): Dispatcher {
    if (this.#settings.http === undefined && this.#settings.https === undefined) return this.#direct;
    const uri = proxyFor(this.#settings, new URL(origin ?? ""));
    if (uri === undefined) return this.#direct;
    const agent = this.#proxies.get(uri) ?? new ProxyAgent({ ...this.#proxyOptions(), uri });
    this.#proxies.set(uri, agent);
    return agent;
  }

  /** The guard does not apply to the connection to the proxy, which may be in a private network. */
  #proxyOptions(): Agent.Options {
    const { connect: _, ...options } = this.#options;
    return options;
  }
}
