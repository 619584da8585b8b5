// What the confined child says a server answered, as JSON.
import { ok } from "node:assert/strict";
import { checkedAnswer } from "../../src/adapter/http/confined-http.ts";
import { parseMessage } from "../../src/adapter/confined/frame.ts";
import { decoded, type Target } from "../target.ts";

export const target: Target = {
  name: "http-answer",
  covers: ["src/adapter/http/confined-http.ts#checkedAnswer"],
  seeds: () => [
    '{"status":206,"headers":{"etag":"\\"a\\"","content-range":"bytes 1-2/3"},"url":"http://example.org/a"}',
    '{"status":"200","headers":{"A":1},"url":"file:///etc/passwd"}',
  ],
  run(bytes) {
    const answer = decoded(() => checkedAnswer(parseMessage(bytes)));
    if (answer === undefined) return;
    ok(answer.status >= 100 && answer.status <= 599 && /^https?:/.test(answer.url));
    ok(Object.entries(answer.headers).every(([name, text]) => name === name.toLowerCase() && typeof text === "string"));
  },
};
