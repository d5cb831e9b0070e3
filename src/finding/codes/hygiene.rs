//! Findings about what does nothing.

rules! {
    UNUSED_ACKNOWLEDGEMENT = Warning "hygiene/unused-acknowledgement", "an acknowledgement that nothing is found for",
        "What it spoke of was mended, renamed or removed. It would silently accept the next finding of the same name. An acknowledgement in a layer that several environments share is only judged when all of them are validated together.";
    UNUSED_VALUE = Warning "hygiene/unused-value", "a value that no template reads",
        "It looks like a setting, and changes nothing: often what is left of a template that is gone, or a setting whose template was never written. It is only looked for when all environments of the project are validated together and none has errors, and a name that any template or rule of the schema speaks of counts as read.";
    UNREAD_PROPERTY = Warning "hygiene/unread-property", "a property of the schema that no template reads and no environment sets",
        "The schema offers it, the reference of settings lists it, and whoever sets it waits for an effect. It is looked for as unused values are; what lies in a map that no environment has is not judged.";
    UNUSED_TEMPLATE = Warning "hygiene/unused-template", "a part of templates that no template takes in",
        "A file whose name begins with `_` makes no artifact of its own: it does something only where `{% include %}`, `{% import %}` or `{% from %}` take it in. Nobody who changes this one sees any effect.";
    IGNORED_FILE = Warning "hygiene/ignored-file", "files that lie where templates, rules or schemas are looked for, and are not read",
        "Only files whose names end in `.j2` are templates, not `.jinja2`, `.J2` or `.yaml.tpl`: such a file is not rendered, and is not copied as it is either, as other files are. Nor is one whose name begins with `_`, such as Helm's `_helpers.tpl`, unless a template takes it in by `file(…)`; notes (`.md`) and copies that are laid aside (`.bak`, `.old`) are let alone. `platc validate` looks for templates beside the folder of templates, too, at the top of the project and two folders down. Rules of the project and schemas of what is rendered lie beside the schema of environments: where `schema` in `platc.yaml` names another folder, those in `schemas` hold for nothing.";
    LEFT_BEHIND = Warning "hygiene/left-behind", "a file that a killed run left among environments or schemas",
        "`platc schema import`, `platc set` and `platc validate --fix` write a new text beside its file, as `.NAME.platc-stage`, and then let it take the file's place. A run that is killed in between, by the system or for want of memory, leaves it. Nothing reads it, and it should not be committed: `.*.platc-*` in `.gitignore` keeps it out. The next import removes those among schemas, the next `--fix` those among environments.";
    UNRENDERED_FILE = Warning "hygiene/unrendered-file", "files that are copied as they are, and look like templates",
        "A file below the folder of templates whose name does not end in `.j2` is copied into the tree as it lies there. One that begins with front matter, that has tags such as `{% if %}`, or that braces keep from being YAML was probably meant to be rendered. Files of a Helm chart, which lie at or below a `Chart.yaml`, are let alone, and so are those that `copy` names in the front matter of a template: their braces are another tool's.";
    UNUSED_LAYER = Warning "hygiene/unused-layer", "a layer that no environment extends",
        "What it says reaches no environment: often a misspelt folder, or one left behind when the last environment stopped extending it. It is only looked for when all environments of the project are compiled together and none has errors. A folder whose name begins with `_` is never reported: keep there what is no layer.";
}
