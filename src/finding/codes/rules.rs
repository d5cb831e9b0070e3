//! Findings about the project's own rules.

rules! {
    BAD_RULE = Error "rules/bad-rule", "a rule of the project that cannot be used",
        "A file in `schemas/rules` is a map with `id`, `severity`, `summary`, `match`, `rule` and some others; `platc rules` has a page about them. Its id has a family and a name, `team/no-latest`, and is not one of platc's own. A rule that is not understood would judge nothing in silence, and so would one in a file that does not end in `.yaml` or `.yml`, or in a folder that is called nearly so.";
    UNKNOWN_KIND = Warning "rules/unknown-kind", "a rule of the project is about a kind that is nearly one of Kubernetes'",
        "It matches no object, so that it never fires, and its samples do not show that: they are judged whatever `match` says. Where the kind is one of a custom resource, `apiVersion` beside it says so.";
    RULE_ERROR = Error "rules/rule-error", "a rule of the project cannot be evaluated on what it is about",
        "The expression went wrong on a real value: it reads a field that is not there, compares a number with a text, or takes too long. A rule that cannot be judged counts as broken. Ask with `has(…)` for what need not be there, or `match` less.";
    SAMPLE = Error "rules/sample", "a sample disagrees with its rule",
        "`platc rules test` judges the samples of each rule of the project: what stands under `good` must keep it, what stands under `bad` must break it. Either the sample is wrong, or the rule does not say what it should.";
    NO_SAMPLES = Warning "rules/no-samples", "a rule of the project has no sample that breaks it, or none that keeps it",
        "A rule that nothing was ever seen to break may never fire. `samples` in its file has a list of `good` and a list of `bad` values.";
    SWITCHED_OFF = Warning "rules/switched-off", "a change switches off what would judge it",
        "`platc validate --against REVISION` compares what judges as well: a rule of the project that is gone or says something else, one that `rules:` in `platc.yaml` turns off or lowers, one whose own severity is less than it was, files that `material` names now, an environment that is gone, and schemas. What is compiled now is also judged by the schemas and rules of the revision: what they refuse and those of now let pass is said where the value stands. A schema that is gone, that refuses less than it did, or that judges one of Kubernetes' own kinds in the place of platc's table, is named even where nothing was refused; of imported ones only those of what the project makes. A key that a schema names now and did not before is nothing of this kind. A change would otherwise choose what it is judged by. It is said whatever settings and acknowledgements say of it, because those belong to the change: if it is meant, somebody who answers for it agrees by merging it, and then nothing is said any more.";
}
