import { randomUUID } from "node:crypto";
import { SETTINGS, type Account } from "@darkroom/config";
import { messageOf } from "@darkroom/core";
import type { ProxySettings } from "@darkroom/web-fetch";
import type { CliEnv } from "../environment/env.ts";
import { namedTwin, twinVariables } from "../environment/named-twin.ts";
import { availableProvider, keySettingOf } from "../options/provider-choice.ts";
import { PROVIDER_KEYS } from "../environment/provider-keys.ts";
import { statusOf, throughWhat } from "./ask-server.ts";
import { failed, ok, warning, type CheckResult } from "./check-result.ts";
import { readable } from "./doctor-settings.ts";

/** Default base URLs of the dialects (provider contract A.1). */
const EACH_SENSE_URLS = {
  chat: "https://sense.eachlabs.run",
  "chat-completions": "https://eachsense-agent.core.eachlabs.run",
} as const;

/** Requests a profile that does not exist. With a valid key, the provider answers 404 (contract B). */
const PHOTA_QUESTION = "v1/phota/profiles/00000000-0000-4000-8000-000000000000/status";

/** Sends each account's provider a free request with the account's key. */
export async function checkProviders(env: CliEnv): Promise<readonly CheckResult[] | CheckResult> {
  const choice = availableProvider(env, false);
  if (choice === undefined) return warning("not checked: there is no key");
  if (choice === "twin" && env.twinUrl === undefined) return ok("the twin; each command brings its own");
  const twin = await namedTwin(env);
  const variables = twin === undefined ? env.variables : { ...env.variables, ...twinVariables(twin) };
  const { providers, proxy = {} } = readable({ ...env, variables });
  const accounts = providers?.accounts ?? [];
  if (accounts.length === 0) return warning("not checked: the accounts cannot be read from the settings");
  return await Promise.all(accounts.map((account) => askAccount(account, proxy)));
}

async function askAccount(account: Account, proxy: ProxySettings): Promise<CheckResult> {
  const { url, headers } = questionTo(account);
  const { title, variable } = PROVIDER_KEYS[account.provider];
  const key = keySettingOf(account.lane);
  const who = `${title} at ${url.host}${key === variable ? "" : ` (account ${account.lane})`}`;
  try {
    const status = await statusOf(url, proxy, headers);
    if (status < 300 || status === 404) {
      const balance = "Balance: not checked, because the provider has no free request for it";
      return ok(`${who} answers${throughWhat(url, proxy)}, and accepts the key. ${balance}`);
    }
    return failed(
      status === 401 || status === 403
        ? `${who} rejects the key (${status}): check ${key}`
        : `${who} answers ${status}; key: not checked`,
    );
  } catch (error) {
    return failed(`${who} does not answer${throughWhat(url, proxy)}: ${messageOf(error)}`);
  }
}

/** Builds a free request that requires a valid key. A 404 response counts as success. */
function questionTo(account: Account): { readonly url: URL; readonly headers: Readonly<Record<string, string>> } {
  const { apiKey: key, baseUrl } = account;
  const at = (base: string, path: string): URL => new URL(path, `${base.replace(/\/+$/, "")}/`);
  switch (account.provider) {
    case "each-sense": {
      const { dialect } = account;
      return {
        // Requests the memory of a session that never existed.
        url: at(baseUrl ?? EACH_SENSE_URLS[dialect], `memory?session_id=darkroom-doctor-${randomUUID()}`),
        headers: dialect === "chat" ? { "x-api-key": key } : { authorization: `Bearer ${key}` },
      };
    }
    case "phota":
      return { url: at(baseUrl ?? SETTINGS.PHOTA_BASE_URL.default, PHOTA_QUESTION), headers: { "x-api-key": key } };
    default:
      return account satisfies never;
  }
}
