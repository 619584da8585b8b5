import assert from "node:assert/strict";
import { test } from "node:test";
import { terminalSvg } from "./terminal-svg.ts";

test("text keeps its place and its colour, and markup is text", () => {
  const svg = terminalSvg([{ typed: "x <y>", printed: "a \u001b[31mred\u001b[39m \u001b[2mdim\u001b[22m\r\n" }]);
  assert.match(svg, /font-weight="bold">x &lt;y&gt;<\/tspan>/);
  assert.match(svg, /<tspan x="32.8" textLength="25.2" fill="#f38181">red<\/tspan>/);
  assert.match(svg, /opacity="0.65">dim</);
  assert.equal(svg.match(/<text /g)?.length, 2);
});
