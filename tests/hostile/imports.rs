//! What `schema import` reads comes from strangers: names in it become paths, and schemas in it have any form.

use crate::case::{Case, nested, quoted, texts};

/// A file, its name, and `WORD` where a text of a stranger stands.
const FORMS: [(&str, &str, &str); 9] = [
    (
        "the group of a definition",
        "crd.yaml",
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {group: WORD, names: {kind: A}, versions: [{name: v1, served: true, schema: {openAPIV3Schema: {type: object}}}]}\n",
    ),
    (
        "the kind of a definition",
        "crd.yaml",
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {group: a.b, names: {kind: WORD}, versions: [{name: v1, served: true, schema: {openAPIV3Schema: {type: object}}}]}\n",
    ),
    (
        "the version of a definition",
        "crd.yaml",
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {group: a.b, names: {kind: A}, versions: [{name: WORD, served: true, schema: {openAPIV3Schema: {type: object}}}]}\n",
    ),
    (
        "a field of a definition",
        "crd.yaml",
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {group: a.b, names: {kind: A}, versions: [{name: v1, served: true, schema: {openAPIV3Schema: {type: object, properties: {WORD: {type: string, description: WORD}}}}}]}\n",
    ),
    ("a chart's name", "Chart.yaml", "apiVersion: v2\nname: WORD\nversion: 1.0.0\n"),
    ("a chart's version", "Chart.yaml", "apiVersion: v2\nname: a\nversion: WORD\n"),
    ("a resource type", "type.json", "{\"typeName\": WORD, \"properties\": {}, \"additionalProperties\": false}"),
    (
        "a property of a type",
        "type.json",
        "{\"typeName\": \"AWS::A::B\", \"properties\": {WORD: {\"type\": \"string\"}}, \"additionalProperties\": false}",
    ),
    (
        "a definition of a release",
        "swagger.json",
        "{\"definitions\": {WORD: {\"type\": \"object\", \"x-kubernetes-group-version-kind\": [{\"group\": WORD, \"version\": \"v1\", \"kind\": \"A\"}]}}}",
    ),
];

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let import = |name: String| Case::new(name).runs(&["schema", "import", "vendor"]).ends(crate::case::End::Any);
    for (what, file, form) in FORMS {
        for (kind, text) in texts() {
            let case = import(format!("import: {what} is {kind}")).file("vendor/values.yaml", "a: 1\n");
            cases.push(case.file(format!("vendor/{file}"), form.replace("WORD", &quoted(&text))));
        }
    }
    let crd = |schema: &str| {
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {{group: a.b, names: {{kind: A}}, versions: [{{name: v1, served: true, schema: {{openAPIV3Schema: {schema}}}}}]}}\n"
        )
    };
    for depth in [20, 70, 5_000, 100_000] {
        for (what, open, close) in [
            ("properties", "{type: object, properties: {a: ", "}}"),
            ("items", "{type: array, items: ", "}"),
            ("not", "{not: ", "}"),
        ] {
            let schema = nested(open, "{type: string}", close, depth);
            cases.push(
                import(format!("import: a definition with `{what}` {depth} deep"))
                    .file("vendor/crd.yaml", crd(&schema)),
            );
            let schema = nested("{\"type\": \"object\", \"properties\": {\"a\": ", "{}", "}}", depth);
            let schema = schema.replace("properties", if what == "not" { "patternProperties" } else { what });
            cases.push(
                import(format!("import: values with `{what}` {depth} deep"))
                    .file("vendor/Chart.yaml", "name: a\nversion: 1.0.0\n")
                    .file("vendor/values.schema.json", schema),
            );
        }
        let values = format!("a: {}\n", nested("{a: ", "1", "}", depth));
        cases.push(
            import(format!("import: values {depth} deep"))
                .file("vendor/Chart.yaml", "name: a\nversion: 1.0.0\n")
                .file("vendor/values.yaml", values),
        );
    }
    for (what, text) in [
        ("null", "null".to_owned()),
        ("a list", "[]".to_owned()),
        ("a text", "text".to_owned()),
        ("a circle", "{$ref: '#'}".to_owned()),
        ("a reference out", "{$ref: 'https://example.com/'}".to_owned()),
        ("an unknown type", "{type: nothing}".to_owned()),
        ("a wrong rule", "{type: object, x-kubernetes-validations: [{rule: 'self.('}]}".to_owned()),
        (
            "20,000 rules",
            format!("{{type: object, x-kubernetes-validations: [{}]}}", "{rule: 'true'}, ".repeat(20_000)),
        ),
        ("20,000 words", format!("{{type: string, enum: [{}]}}", "a, ".repeat(20_000))),
        ("a nested pattern", "{type: string, pattern: '((a{1000}){1000}){1000}'}".to_owned()),
        ("a default of another type", "{type: string, default: {a: [1]}}".to_owned()),
    ] {
        cases.push(import(format!("import: a definition that is {what}")).file("vendor/crd.yaml", crd(&text)));
    }
    for (what, case) in [
        ("a pipe", import("import: a pipe".to_owned()).pipe("vendor/crd.yaml")),
        ("a link out", import("import: a link out".to_owned()).link("vendor/crd.yaml", "../../outside/marker")),
        ("a circle of links", import("import: a circle of links".to_owned()).link("vendor/a", "../vendor")),
        (
            "into a link",
            import("import: into a link".to_owned())
                .file("vendor/crd.yaml", crd("{type: object}"))
                .link("schemas/kubernetes", "../../outside"),
        ),
        (
            "over a link",
            import("import: over a link".to_owned())
                .file("vendor/crd.yaml", crd("{type: object}"))
                .link("schemas/kubernetes/a.b/A_v1.yaml", "../../../../outside/marker"),
        ),
    ] {
        assert!(case.name.ends_with(what));
        cases.push(case);
    }
    cases
}
