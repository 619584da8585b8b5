// Reports of explored states as JUnit XML, which CI systems show: a test case for each scenario (issue 3, report).
// The format is the one that Jenkins and GitLab read: testsuites > testsuite > testcase > failure | skipped.
import type { ExploreReport } from "../explore.ts";
import { describeReport, describeShortest } from "./describe-report.ts";

/** What of a report becomes a test case; `seconds` where somebody measured. */
export type TestCaseReport = ExploreReport & { readonly seconds?: number };

/** The whole document. `suite` names what was simulated. */
export function junit(reports: readonly TestCaseReport[], suite: string = "holdfast simulate"): string {
  const failures = reports.filter(({ violations }) => violations > 0).length;
  const seconds = reports.reduce((sum, report) => sum + (report.seconds ?? 0), 0);
  const totals = `tests="${reports.length}" failures="${failures}" errors="0" time="${seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${totals}>`,
    `  <testsuite name="${escaped(suite)}" ${totals}>`,
    ...reports.map((report) => testCase(report, suite)),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase(report: TestCaseReport, suite: string): string {
  const { scenario, seconds = 0, violations, shortest } = report;
  const head = `    <testcase classname="${escaped(suite)}" name="${escaped(scenario)}" time="${seconds.toFixed(3)}"`;
  const output = `      <system-out>${escaped(describeReport(report))}</system-out>`;
  const failure =
    violations === 0
      ? []
      : [
          `      <failure message="${escaped(shortest?.what.join("; ") ?? `${violations} violations`)}">` +
            `${escaped([`seed ${report.seed}`, ...describeShortest(report)].join("\n"))}</failure>`,
        ];
  return [`${head}>`, ...failure, output, "    </testcase>"].join("\n");
}

/** For text and for attributes; characters that XML 1.0 does not have become a question mark. */
function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\n": "&#10;",
  };
  return text
    .toWellFormed()
    .replace(/\p{Cc}|[\ufffe\uffff]/gu, (character) => ("\t\n\r".includes(character) ? character : "?"))
    .replace(/[&<>"\n]/g, (character) => names[character] ?? character);
}
