//! Findings of templates: what they say, and what they make of the values.

rules! {
    SYNTAX = Error "template/syntax", "the template cannot be parsed",
        "The template engine does not understand the text at this place.";
    TOO_COMPLEX = Error "template/too-complex", "an expression or a nesting that is too large",
        "The budget keeps a hostile template from overflowing the stack: 256 operators an expression, about thirty of them in a row, each working on what those before it made, and 40 brackets or blocks within each other.";
    SETTLED = Warning "template/settled-comparison", "a comparison whose outcome is known before it is made",
        "A text is never equal to a number or to `true`, and `platc.environment` is never the name of an environment that there is not: what the comparison decides is decided, and nothing says so. Told by the types of the schema, for values that are compared with what is written out.";
    LONE_BRACE = Warning "template/lone-brace", "single braces around the name of a setting",
        "`{{ image.tag }}` prints a value, `{ image.tag }}` and `{image.tag}` are text, and are deployed with their braces. Told within a text, for names that the schema knows; a name without a point only where two braces close it.";
    UNKNOWN_NAME = Error "template/unknown-name", "a filter, a test, a function or a template that does not exist",
        "All names are checked before any template runs. The library of filters, tests and functions is in docs/templates.md.";
    NOT_ALLOWED = Error "template/not-allowed", "something that the engine knows and platc does not allow",
        "What is left out could run without end, depend on the day, or make a result that is wrong in silence. The help says what to write instead.";
    INCLUDE = Error "template/include", "a template that takes itself in, or one that does not exist",
        "`{% include %}` and `{% import %}` take files below the folder of templates, by their path in it. Two that take each other in would never end.";
    UNDEFINED = Error "template/undefined", "a value that does not exist",
        "A misspelt name must not become an empty text. Where a value may be missing, say so: `x | default('y')`, `{% if x is defined %}`.";
    OPERATION = Error "template/operation", "an operator, a function or a loop cannot work with its value",
        "Operators and functions take the types that make sense for them and convert nothing in silence.";
    CAPTURED = Error "template/captured-text", "the text of a macro is looked into",
        "The result of a macro, of a `set` block or of `caller()` is text with places for values, which are put in after the text is parsed. It can be passed on and printed; to compare, cut or change it would give a wrong result, because the values are not in it yet.";
    FOREIGN_BRACES = Error "template/foreign-braces", "braces that another tool is to fill are filled here",
        "GitHub's `${{ }}` has no meaning here, a parameter of an ApplicationSet's own generators is Argo CD's to fill, and `{{ workflow.name }}` in a Workflow is Argo Workflows'. The same is true of the variables of Argo Rollouts and of Kyverno in their own objects. Between `{% raw %}` and `{% endraw %}` braces are text; `{{ '{{' }}` prints two of them.";
    DOUBTFUL_BRACES = Warning "template/doubtful-braces", "braces that another tool may be meant to fill are filled here",
        "Of some places nobody can know here what their own tool would put in: the `legendFormat` of a Grafana dashboard takes labels of series, such as `{{namespace}}`, and an ApplicationSet with a generator of git files or a plugin takes what stands in those files, or what the plugin answers. Where the environment has a value of that name, it is filled in, and all series, or all applications, get the same. For the other tool, write the braces between `{% raw %}` and `{% endraw %}`; for the value, give it another name with `{% set %}`. In an ApplicationSet, `goTemplate: true` tells both apart.";
    FAILED = Error "template/failed", "the template itself says that something is wrong",
        "A template called `fail(message)`, or `required(value, message)` with a value that is missing.";
    TOO_LARGE = Error "template/too-large", "a template makes or works on too much",
        "The budgets keep a hostile template from filling the memory or running without end: the size of an artifact, of a text and of all texts together, the number of values, the steps of one render, and how deep macros call each other.";
    RESERVED = Error "template/reserved-character", "a character that platc keeps for itself",
        "While a template is rendered, U+E000 to U+E003 mark the places of values. These private-use characters have no meaning of their own in any text; remove them.";
    FRONT_MATTER = Error "template/front-matter", "the front matter of a template is not understood",
        "The leading comment `{#- platc … -#}` says what a template makes, in lines of YAML: `output` (a path, slots allowed), `for_each` (`name in list` or `key, value in map`), `when` (true or false), `target` (`cloudformation`, `helm-values` or `kubernetes`), `merge` (a map that is laid over the document).";
    OUTPUT_PATH = Error "template/output-path", "a template wants to write a path that is not allowed",
        "Each name in an output path is of ASCII letters, digits, blanks and `._-+@=,~()`, at most 128 of them. It does not begin with `~` or a blank, nor the path with `-`, does not end with `.` or a blank, and is none that others take for their own: `.`, `..`, `.git`, `.gitignore`, `.gitattributes` and `.gitmodules`, `.platc`, or what Windows keeps for a device, such as `con` or `nul.yaml`. So no artifact leaves its tree, changes what git does, or cannot be checked out somewhere. Paths that differ only by case are `output/collision`.";
    EMPTY_DOCUMENT = Error "template/empty-document", "a template makes a document with nothing in it",
        "Of a document that is empty, or only `null`, every reader makes something else: nothing, an empty map, an error. If the file is not always wanted, `when` in the front matter says when it is; an empty map is `{}`, an empty list `[]`. Of several documents in one file none may be empty either: a `---` belongs into the same `{% if %}` as the document behind it.";
    NO_VALUE = Error "template/no-value", "what is printed in the place of a value is empty",
        "A macro, a `set` block or a part that makes nothing, or conditions and loops behind or below a key of which none prints, would leave `key:` without a value, which is null: an API refuses it, and in values for Helm it deletes the chart's default. In quotes nothing is an empty text. On a line of its own that is no value, nothing may be made.";
    EMBEDDED_VALUE = Warning "template/embedded-value", "a value within a text of YAML is read as something else",
        "Below a key such as `values.yaml`, a text is read as YAML or JSON, and so are `values` of Argo CD's `helm`, a `patch` of Kustomize, Flux and Argo CD, `templatePatch`, `mapRoles` of `aws-auth` and `ConfigurationValues` of an add-on, and what `text` gives of a template whose name ends in `.yaml.j2`, `.yml.j2` or `.json.j2`. Values go into it as into any text, without quotes: `\"1.30\"` in the environment becomes `tag: 1.30`, a number. `text(\"values.yaml.j2\")` puts in a document that is finished.";
    SLOT_PLACE = Error "template/slot-place", "a value stands in a tag, an anchor, an alias or a directive",
        "Values fill scalars and keys. What shapes the document, such as a tag, has to be written in the template itself; `{% if %}` chooses between two.";
    DUPLICATE_KEY = Error "template/duplicate-key", "two keys of a map become the same",
        "Keys with values in them are known only when the values are. Readers disagree on which of two equal keys wins.";
    INTRINSIC = Error "template/intrinsic", "a short tag of CloudFormation with an argument that cannot be right",
        "Short tags are turned into their long form, which every YAML reader understands. For that, `!GetAtt` needs a resource and an attribute.";
    NOT_TEXT = Error "template/not-text", "a map, a list or null stands where a text is wanted",
        "A value in quotes, among other text or in a key is part of a string. A map or a list goes where it stands alone, without quotes: `labels: {{ labels }}`.";
}
