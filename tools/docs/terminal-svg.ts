// Text with colours of a terminal as a picture: SVG, nothing but rectangles and text.
import { escapeHtml } from "./site-template.ts";

const colours: Readonly<Record<number, string>> = { 31: "#f38181", 32: "#86d692", 33: "#e8c566", 36: "#7fd4dd" };
const plain = "#d9dee4";
const charWidth = 8.4;
const lineHeight = 19;
const margin = 16;

interface Style {
  readonly colour: string;
  readonly bold: boolean;
  readonly dim: boolean;
}

const normal: Style = { colour: plain, bold: false, dim: false };

/** ECMA-48's SGR, as far as Holdfast writes it. */
function styled(style: Style, code: number): Style {
  if (code === 0) return normal;
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 39) return { ...style, colour: plain };
  return colours[code] === undefined ? style : { ...style, colour: colours[code] };
}

/** `typed` is the line at the prompt; `printed` has escape sequences. */
export function terminalSvg(screens: readonly { readonly typed: string; readonly printed: string }[]): string {
  const lines = screens.flatMap(({ typed, printed }, index) => [
    ...(index === 0 ? [] : [""]),
    `\u001b[32m#\u001b[39m \u001b[1m${typed}\u001b[22m`,
    ...printed.replaceAll("\r", "").trimEnd().split("\n"),
  ]);
  // eslint-disable-next-line no-control-regex -- escape sequences begin with one
  const sequence = /\u001b\[([\d;]*)m/;
  let columns = 0;
  let style = normal;
  const texts = lines.map((line, row) => {
    const spans: string[] = [];
    let column = 0;
    for (const [index, part] of line.split(sequence).entries()) {
      if (index % 2 === 1) for (const code of part.split(";")) style = styled(style, Number(code));
      else if (part !== "") {
        const look = `fill="${style.colour}"${style.bold ? ' font-weight="bold"' : ""}${style.dim ? ' opacity="0.65"' : ""}`;
        const at = (margin + column * charWidth).toFixed(1);
        const length = (part.length * charWidth).toFixed(1);
        spans.push(`<tspan x="${at}" textLength="${length}" ${look}>${escapeHtml(part)}</tspan>`);
        column += part.length;
      }
    }
    columns = Math.max(columns, column);
    return `<text y="${margin + 14 + row * lineHeight}" xml:space="preserve">${spans.join("")}</text>\n`;
  });
  const width = Math.ceil(columns * charWidth + 2 * margin);
  const height = lines.length * lineHeight + 2 * margin;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `font-family="ui-monospace, 'DejaVu Sans Mono', monospace" font-size="14">\n` +
    `<rect width="${width}" height="${height}" rx="8" fill="#171b20"/>\n${texts.join("")}</svg>\n`
  );
}
