//! Findings about the project itself: `platc.yaml`, folders, names, files that cannot be read.

rules! {
    UNREADABLE = Error "project/unreadable", "a file of the project cannot be read",
        "platc reads regular files inside the project only. A link that leads out of it, a device, a pipe or a file that is not UTF-8 text is refused, because a pull request could use it to read what it should not.";
    NOT_TEXT = Error "project/not-text", "a file of the project is not UTF-8 text",
        "Layers, templates and schemas are UTF-8. A byte that is not, a control character, or UTF-16 as some Windows editors write it, would reach the output or be read as something else there.";
    BYTE_ORDER_MARK = Warning "project/byte-order-mark", "a file begins with a byte order mark",
        "UTF-8 needs none, and tools that do not expect it take it for part of the first key. platc reads the file as if it were not there.";
    LINE_ENDS = Warning "project/line-ends", "a file has Windows line ends (CRLF)",
        "platc reads them as LF and writes LF; only `file()` keeps them, as it keeps every byte. They come from an editor or from git's `core.autocrlf`; `* text=auto eol=lf` in `.gitattributes` ends them.";
    UNKNOWN_SETTING = Error "project/unknown-setting", "`platc.yaml` has a key that platc does not know",
        "An unknown key would be ignored in silence, so a misspelt setting would keep its default.";
    WRONG_TYPE = Error "project/wrong-type", "a value of `platc.yaml`, or of `extends`, is of the wrong type",
        "The settings of `platc.yaml` are paths; `environments` may be a list of them. `rules` is a map from the ids of rules to `error`, `warning` or `off`. `extends` is a list of paths, even if there is only one: `extends: [../base]`.";
    OPEN_SCHEMA = Warning "project/open-schema", "the schema of environments says nothing of their keys",
        "A schema that is only `type: object` takes any key, so a misspelt one is no error: it sets nothing, and what was meant keeps its default. Name the settings under `properties`, and close the map with `additionalProperties: false`; `platc schema` prints what a schema allows. Until then values that no template reads are reported by `hygiene/unused-value`.";
    UNKNOWN_RULE = Error "project/unknown-rule", "a rule is named that does not exist",
        "`rules:` in `platc.yaml` and `acknowledge:` in an environment name rules by their ids. A setting for a rule that does not exist would do nothing, and the rule that was meant would go on as before.";
    BAD_ACKNOWLEDGEMENT = Error "project/bad-acknowledgement", "an entry of `acknowledge` lacks something, or holds something that has no meaning there",
        "An environment, or a layer of it, accepts a finding of a check with `acknowledge:`, a list of maps with `rule`, `subject` and `reason`, and perhaps `until`, the last day on which it holds. `platc validate -v` shows with each finding the line that acknowledges it. Without a reason nobody would know later whether it still stands.";
    BAD_OUTSIDE = Error "project/bad-outside", "an entry of `outside` is no kind with a list of names",
        "`outside:` in `platc.yaml`, or in a layer, names what other tools make: a map from kinds, such as `queues` or `secrets`, to lists of names or patterns. A kind that there is not would declare nothing, and a pattern that takes every name would let misspelt ones pass.";
    FIXED_RULE = Error "project/fixed-rule", "a rule that cannot be turned off is given another severity",
        "What checks find in the output, and every warning, can be made an error, a warning or nothing. Errors of reading, merging, schemas and templates cannot: after them there is nothing that could be rendered.";
    BAD_PATH = Error "project/bad-path", "a path is absolute, leads out of the project or is written for one system only",
        "Paths are relative, with `/` between folders, and stay inside the project, so that a clone on any machine reads and writes the same files, and a pull request cannot reach others.";
    PATHS_OVERLAP = Error "project/paths-overlap", "a folder that platc writes lies in a folder that it reads, or around it",
        "Rendering replaces the output as a whole. If inputs lay in it they would be lost; if it lay among the inputs, the next run would read what this one wrote. Nor do two folders of environments lie in each other: their environments would have two names.";
    NO_ENVIRONMENTS = Error "project/no-environments", "the folder of environments is not there",
        "Environments lie in `environments/`, or in the folder, or the folders, that `environments` in `platc.yaml` names.";
    ENVIRONMENT_NAME = Error "project/environment-name", "an environment has a name that cannot be used",
        "The name of an environment becomes a folder of the rendered tree and a name in other systems. It is made of lower-case letters, digits, `.` and `-`, begins and ends with a letter or digit, has at most 63 characters, and is not a device of Windows such as `con`. An environment in sub-folders, `eu/prod`, follows this rule in each part.";
    SAME_NAME = Error "project/same-name", "two environments have the same name",
        "`environments/prod/environment.yaml` and `environments/prod.yaml` would both be rendered as `prod`; so would `environments/prod` and `examples/prod` where `platc.yaml` names both folders. Keep one.";
    NESTED_ENVIRONMENT = Error "project/nested-environment", "an environment lies inside another",
        "The tree of the inner one would be rendered into the tree of the outer one, which is replaced as a whole. Put them beside each other: in a folder without `environment.yaml`, environments may be grouped.";
    NESTED_PROJECT = Error "project/nested-project", "a `platc.yaml` among environments takes them out of the project",
        "A folder with a `platc.yaml` is another project, and is left alone where it has environments of its own, in a folder `environments` or where its `platc.yaml` says. Where it has none, or holds environments of this project, these would not be rendered, validated or compared any more, and nothing would say so.";
    TOO_LARGE = Error "project/too-large", "the project has more files than platc reads",
        "A run has a budget of files and bytes, so that a pull request cannot take the machine down.";
    OVER_BUDGET = Error "project/over-budget", "a run needs more work or memory than its input may take",
        "All work is counted and charged: what is shared, each environment, and judging them together have an account each. What an account allows grows with the bytes that were read, so that a large project passes and a small file cannot keep a machine busy without end. Many environments have a sum beside that: the first few may use up their allowances, each further one adds less. The finding names what most of it was spent on. The same input is always judged the same: no clock is read, and the number of threads changes nothing.";
    MORE_FINDINGS = Error "project/more-findings", "there are more findings of a rule than are worded",
        "The first thousand of each rule are told, the others are counted. Mend what they have in common.";
    NOTHING_BEFORE = Warning "project/nothing-before", "an environment is judged against nothing, though there was something",
        "Rules about changes compare an environment with the tree that it had: its golden tree, or what `--against` names. One that has another name now is compared with the one that is gone and was most like it. Where none is, or where `golden` in `platc.yaml` names a folder without a tree of it, nothing is known of what changes, and a rename together with a change would get past.";
    BASE_ENVIRONMENT = Warning "project/base-environment", "an environment that lacks something is what others extend",
        "A folder with `environment.yaml` is an environment and is rendered as one. What is only there to be extended is a layer, a folder of `*.yaml` files with other names: it need not be complete. This is said only where it lacks what those that extend it have.";
    LAYER_MISSING = Error "project/layer-missing", "`extends` names a layer that is not there",
        "A layer is a folder with `*.yaml` files or one such file. Its path is relative to the folder of the file that names it.";
    LAYER_EMPTY = Error "project/layer-empty", "a layer has no YAML file",
        "A folder that is extended holds at least one `*.yaml` file directly in it; files in its sub-folders do not belong to it.";
    UNREAD_LAYER = Error "project/unread-layer", "a file among layers has an ending that is not read",
        "A layer is YAML, in files that end in `.yaml` or `.yml`. A `values.json`, a `settings.toml`, a `prod.YAML`, a `prod.ymal` or a `prod.yaml.j2` beside them, or in the place of an environment, would set nothing, and nobody would notice. Names that begin with `_` or `.` are let alone: in the folder of a layer they are no part of it, also if they end in `.yaml`. So are a README and what is laid aside by its ending, such as `prod.yaml.bak`.";
    EXTENDS_CYCLE = Error "project/extends-cycle", "layers extend each other in a circle",
        "No order of the layers would put each one after those it extends. The finding shows each step of the circle; remove one.";
    EXTENDS_ORDER = Error "project/extends-order", "a layer is named after a layer that extends it",
        "Layers apply in the order in which they are named, each after all that it extends, and each once. In `extends: [../eu, ../base]`, where `eu` extends `base`, `base` has been applied already and would not win over `eu` as the order says. Name it first, or leave it out.";
}
