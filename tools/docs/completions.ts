// Completions for bash, zsh and fish, from the command table: commands, options and their values. Versions come from
// a quick `holdfast list --offline`, components from the folders of definitions.
import { completeBash } from "./complete-bash.ts";
import { completeFish } from "./complete-fish.ts";
import { completeZsh } from "./complete-zsh.ts";

export interface Completion {
  readonly shell: "bash" | "zsh" | "fish";
  /** Where it is installed, absolute. */
  readonly file: string;
  readonly text: string;
}

export function completions(): readonly Completion[] {
  return [
    { shell: "bash", file: "/usr/share/bash-completion/completions/holdfast", text: completeBash() },
    { shell: "zsh", file: "/usr/share/zsh/vendor-completions/_holdfast", text: completeZsh() },
    { shell: "fish", file: "/usr/share/fish/vendor_completions.d/holdfast.fish", text: completeFish() },
  ];
}
