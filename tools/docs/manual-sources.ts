// Which page of the documentation becomes which page of the manual.

export interface ManualSource {
  readonly name: string;
  readonly section: 5 | 7;
  /** What `whatis` says. */
  readonly brief: string;
  /** Relative to the root of the repository. Pages that are not there yet are left out. */
  readonly page: string;
  /** Sections to take, by title; all where absent. */
  readonly only?: readonly string[];
}

export const manualSources: readonly ManualSource[] = [
  {
    name: "holdfast.json",
    section: 5,
    brief: "files of a Holdfast repository, field by field",
    page: "docs/formats.md",
  },
  { name: "holdfast-state", section: 5, brief: "what Holdfast remembers on a machine", page: "docs/state.md" },
  {
    name: "holdfast-repository",
    section: 5,
    brief: "what is in a Holdfast repository, and what a machine believes of it",
    page: "docs/repository.md",
  },
  {
    name: "holdfast-recipe",
    section: 5,
    brief: "recipes of operating systems for holdfast image build",
    page: "os/README.md",
    only: ["Recipes", "What goes where", "The files of a release", "What a build needs"],
  },
  {
    name: "holdfast-definitions",
    section: 5,
    brief: "the definitions that Holdfast reads",
    page: "docs/definitions.md",
  },
  {
    name: "holdfast-health",
    section: 7,
    brief: "health checks that judge a boot",
    page: "docs/how-to/health-check.md",
  },
  {
    name: "holdfast-boot",
    section: 7,
    brief: "how a boot is judged, and what a failed one leads to",
    page: "docs/boot.md",
  },
  { name: "holdfast-units", section: 7, brief: "units of systemd that come with Holdfast", page: "docs/units.md" },
  {
    name: "holdfast-signals",
    section: 7,
    brief: "journal fields, metrics and notices of Holdfast",
    page: "docs/signals.md",
  },
  { name: "holdfast-varlink", section: 7, brief: "interfaces of Holdfast over Varlink", page: "docs/varlink.md" },
  { name: "holdfast-limits", section: 7, brief: "what breaks the promises of Holdfast", page: "docs/limits.md" },
  {
    name: "holdfast-threats",
    section: 7,
    brief: "who could attack an update, and what stops them",
    page: "docs/threat-model.md",
  },
];
