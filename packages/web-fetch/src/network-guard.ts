import type { LookupAddress } from "node:dns";
import { callbackify } from "node:util";
import type { buildConnector } from "undici";
import { DarkroomError, hostOf, isPrivateAddress, isPrivateHost, messageOf, privateHostText } from "@darkroom/core";
import { proxyFor, type ProxySettings } from "./proxy-settings.ts";
import { resolveLocally, type ResolveName } from "./resolve-name.ts";

const CONNECT_TIMEOUT_MS = 15_000;

interface GuardRules {
  /** True to refuse a name with any private address, instead of using its public addresses only. */
  readonly isStrict?: boolean;
  /** Defaults to {@link resolveLocally}. */
  readonly resolve?: ResolveName | undefined;
}

/**
 * Prevents requests to user-supplied URLs from reaching private networks, unless these are allowed. A direct connection
 * goes to the exact address that was checked. A proxy resolves names itself, so the guard resolves a name first, and
 * refuses the name if an address is private or the name cannot be resolved. If the proxy resolves the name differently,
 * the proxy's rules apply.
 */
export class NetworkGuard {
  readonly #allowPrivate: boolean;
  readonly #proxy: ProxySettings;
  readonly #isStrict: boolean;
  readonly #resolveName: ResolveName;

  constructor(
    allowPrivate: boolean,
    proxy: ProxySettings = {},
    { isStrict = false, resolve = resolveLocally }: GuardRules = {},
  ) {
    this.#allowPrivate = allowPrivate;
    this.#proxy = proxy;
    this.#isStrict = isStrict;
    this.#resolveName = resolve;
  }

  /** Options for direct connections: `connect` of an undici agent. */
  get connect(): buildConnector.BuildOptions {
    return {
      timeout: CONNECT_TIMEOUT_MS,
      lookup: callbackify(async (host: string, _options: unknown) => await this.#checkedAddresses(host)),
    };
  }

  /**
   * Checks addresses in URLs, and names that a proxy resolves, because {@link connect} is not called for those.
   *
   * @throws DarkroomError `address_not_allowed`
   */
  async check(url: URL): Promise<void> {
    if (this.#allowPrivate) return;
    const host = hostOf(url);
    if (isPrivateHost(url)) throw notAllowed(host);
    if (proxyFor(this.#proxy, url) === undefined) return;
    const addresses = await this.#resolve(host);
    if (addresses.some(({ address }) => isPrivateAddress(address))) throw notAllowed(host);
  }

  /** Returns the addresses to which a connection may be made. */
  async #checkedAddresses(host: string): Promise<LookupAddress[]> {
    const addresses = await this.#resolveName(host);
    const allowed = addresses.filter(({ address }) => this.#allowPrivate || !isPrivateAddress(address));
    const isRefused = allowed.length < addresses.length && this.#isStrict;
    if (allowed.length === 0 || isRefused) throw notAllowed(host);
    return allowed;
  }

  async #resolve(host: string): Promise<readonly LookupAddress[]> {
    try {
      return await this.#resolveName(host);
    } catch (error) {
      const message =
        `${host} cannot be resolved on this machine (${messageOf(error)}), so it is unknown whether the proxy would ` +
        "reach a private network. Let this machine resolve public names.";
      throw new DarkroomError("address_not_allowed", message, { retryable: true, cause: error });
    }
  }
}

function notAllowed(host: string): DarkroomError {
  return new DarkroomError("address_not_allowed", `${privateHostText(host)}.`);
}
