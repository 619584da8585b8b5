// An address out of a definition, an option or a redirect: what is shown of it holds no secret.
import { ok } from "node:assert/strict";
import { withoutSecrets } from "../../src/agent/acquire/download.ts";
import { shownUrl } from "../../src/adapter/http/http-fault.ts";
import { type Target, textOf } from "../target.ts";

export const target: Target = {
  name: "address",
  covers: ["src/agent/acquire/download.ts#withoutSecrets", "src/adapter/http/http-fault.ts#shownUrl"],
  lengthMax: 1024,
  seeds: () => [
    "https://example.org/a?token=x#y",
    "http://u:p@example.org:8080/a",
    "file:///srv/a%20b",
    "http://[::1]/a",
    "//x",
  ],
  run(bytes) {
    const text = textOf(bytes);
    ok(shownUrl(text).length <= 12 * text.length + 20);
    const url = URL.parse(text);
    if (url === null || !/^https?:$/.test(url.protocol)) return;
    ok(URL.parse(shownUrl(text))?.username === "");
    const secret = `http://user:hunter2@${url.host}${url.pathname}?key=hunter2`;
    ok(
      !withoutSecrets(secret).includes("hunter2") || `${url.host}${url.pathname}`.includes("hunter2"),
      withoutSecrets(secret),
    );
  },
};
