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
        "Only files whose names end in `.j2` are templates, not `.jinja2`, `.J2` or `.yaml.tpl`: such a file is not rendered, and is not copied as it is either, as other files are. Nor are files whose names begin with `_`, which is told once a folder where others with the same ending are copied, and settings such as `.vscode/`, `.idea/`, `.editorconfig`, `.prettierrc` and `.yamllint`: `copy` in the front matter of a template brings all of them. Rules of the project and schemas of what is rendered lie beside the schema of environments: where `schema` in `platc.yaml` names another folder, those in `schemas` hold for nothing.";
    UNRENDERED_FILE = Warning "hygiene/unrendered-file", "files that are copied as they are, and look like templates",
        "A file below the folder of templates whose name does not end in `.j2` is copied into the tree as it lies there. One that begins with front matter, that has tags such as `{% if %}`, or that braces keep from being YAML was probably meant to be rendered. Files of a Helm chart, which lie at or below a `Chart.yaml`, are let alone, and so are those that `copy` names in the front matter of a template: their braces are another tool's.";
    UNJUDGED_FILE = Warning "hygiene/unjudged-file", "files that are copied as they are, and that no reader of YAML or JSON can read",
        "A file that `copy` names, or that belongs to a Helm chart, is copied to the byte whatever it holds: `name: %s`, `@@NAME@@: x` and other marks are filled in by another tool before anybody reads it. No rule sees what is in it. One that is meant to be YAML as it stands has a mistake at this line. Files with braces (`{{`, `{%`) are another tool's templates, and are not told. A file that nobody names has to be YAML or JSON if its name says so.";
    UNUSED_LAYER = Warning "hygiene/unused-layer", "a layer that no environment extends",
        "What it says reaches no environment: often a misspelt folder, or one left behind when the last environment stopped extending it. It is only looked for when all environments of the project are compiled together and none has errors. A folder whose name begins with `_` is never reported: keep there what is no layer.";
}
