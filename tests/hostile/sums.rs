//! Much of what is little by itself: environments, documents that are merged or judged, calls.

use crate::case::{Case, lines};

pub fn cases() -> Vec<Case> {
    [fleets(), merges(), policies(), calls()].into_iter().flatten().collect()
}

/// Environments that have little of their own and do much.
fn fleets() -> Vec<Case> {
    let loops = "{% for x in range(90000) %}{% endfor %}\n".repeat(5);
    let aliases = format!("a: &a [{}x]\nb: [{}*a]\n", "x, ".repeat(99), "*a, ".repeat(90));
    let plain = lines(4_000, |at| format!("k{at}: {{{{ name }}}}"));
    let rule = "properties:\n  b: {type: array, items: {type: array, items: {type: string}}}\nx-kubernetes-validations:\n\
                - rule: '!has(self.b) || self.b.all(x, x.all(y, x.exists(z, z == y)))'\n";
    let doubled =
        lines(12, |at| format!("  d{at}: {{allOf: [{{$ref: '#/$defs/d{0}'}}, {{$ref: '#/$defs/d{0}'}}]}}", at + 1));
    let doubled = format!("properties: {{name: {{$ref: '#/$defs/d0'}}}}\n$defs:\n{doubled}  d12: true\n");
    let mut cases = Vec::new();
    for count in [3, 40, 400] {
        for (what, schema, environment, template) in [
            ("loops", "type: object\n", "name: x\n", &*loops),
            ("aliases", "type: object\n", &*aliases, "a: {{ b[0][0] }}\n"),
            ("a long template", "type: object\n", "name: x\n", &*plain),
            ("a rule", rule, &*aliases, "a: {{ b[0][0] }}\n"),
            ("a schema", &*doubled, "name: x\n", "a: 1\n"),
        ] {
            let mut case = Case::new(format!("fleet: {count} environments with {what}")).schema(schema);
            for at in 0..count {
                case = case.file(format!("environments/e{at}/environment.yaml"), environment);
            }
            cases.push(case.environment(environment).template(format!("{template}z: 1\n")));
        }
        // Each extends all before it, or its own layers.
        let mut chain = Case::new(format!("fleet: {count} environments that extend each other"));
        let mut own = Case::new(format!("fleet: {count} environments with layers of aliases"));
        let mut all = Case::new(format!("fleet: {count} environments that extend all layers"));
        let layers = |at: usize| lines(at, |layer| format!("- ../_layers/l{layer}.yaml"));
        for at in 0..count {
            let extends = if at == 0 { String::new() } else { format!("extends: [../e{}]\n", at - 1) };
            chain = chain.file(format!("environments/e{at}/environment.yaml"), format!("{extends}k{at}: 1\n"));
            own = own
                .file(format!("environments/_layers/l{at}.yaml"), &aliases)
                .file(format!("environments/e{at}/environment.yaml"), format!("extends: [../_layers/l{at}.yaml]\n"));
            let few = count.min(60);
            all = all
                .file(format!("environments/_layers/l{}.yaml", at % few), lines(100, |key| format!("k{key}: {at}")))
                .file(format!("environments/e{at}/environment.yaml"), format!("extends:\n{}", layers(few)));
        }
        cases.extend([chain, own, all]);
    }
    cases
}

/// Maps of the environment that are laid over many documents.
fn merges() -> Vec<Case> {
    let mut cases = Vec::new();
    for (keys, documents) in [(100, 10), (5_000, 10), (5_000, 500), (100, 4_000)] {
        let environment = format!("m:\n{}", lines(keys, |at| format!("  k{at}: {{a: 1}}")));
        let head =
            format!("{{#- platc\nfor_each: i in range({documents})\noutput: x{{{{ i }}}}.yaml\nmerge: m\n-#}}\n");
        for (what, body) in [
            ("into nothing", String::new()),
            ("into the same", lines(keys, |at| format!("k{at}: {{a: 2}}"))),
            ("into themselves", "{{ m }}\n".to_owned()),
        ] {
            let case = Case::new(format!("merge: {keys} keys {what}, in {documents} documents"));
            cases.push(case.environment(&environment).template(format!("{head}{body}")));
        }
        let own = format!("{head}a: {{{{ merge(m, m, m, m) | length }}}}\n");
        let case = Case::new(format!("merge: {keys} keys by a function, in {documents} documents"));
        cases.push(case.environment(&environment).template(own));
    }
    cases
}

/// Policies that ask about each object beside them.
fn policies() -> Vec<Case> {
    let mut cases = Vec::new();
    for (policies, objects) in [(1, 100), (100, 100), (400, 400), (20, 3_000)] {
        for (what, expression) in [
            ("plain", "object.metadata.name != \"x\""),
            ("of pairs", "object.data.all(x, object.data.all(y, object.data.all(z, x + y + z != \"\")))"),
            ("of patterns", "object.metadata.name.matches(\"^(a|b|ab|x)*(c{90}){90}$\") || true"),
        ] {
            let policy = "{#- platc\nfor_each: i in range(POLICIES)\noutput: p{{ i }}.yaml\n-#}\n\
                          apiVersion: policies.kyverno.io/v1\nkind: ValidatingPolicy\nmetadata: {name: 'p{{ i }}'}\nspec:\n  \
                          validationActions: [Deny]\n  matchConstraints: {resourceRules: [{apiGroups: [''], apiVersions: [v1], \
                          operations: [CREATE], resources: [configmaps]}]}\n  validations: [{expression: 'EXPRESSION', message: m}]\n"
                .replace("POLICIES", &policies.to_string())
                .replace("EXPRESSION", expression);
            let data = lines(20, |at| format!("  k{at}: v"));
            let object = format!(
                "{{#- platc\nfor_each: i in range({objects})\noutput: o{{{{ i }}}}.yaml\n-#}}\napiVersion: v1\nkind: ConfigMap\n\
                 metadata: {{name: 'o{{{{ i }}}}', namespace: shop}}\ndata:\n{data}"
            );
            let case = Case::new(format!("policies: {policies} that are {what}, on {objects} objects"));
            cases.push(case.template(policy).file("templates/b.yaml.j2", object));
        }
    }
    cases
}

/// Macros, includes and texts that a loop calls.
fn calls() -> Vec<Case> {
    let mut cases = Vec::new();
    for (calls, size) in [(100, 10), (10_000, 10), (10_000, 1_000), (90_000, 1)] {
        let body = lines(size, |at| format!("- x{at}"));
        for (what, template) in [
            (
                "a macro",
                format!(
                    "{{% macro m(x) %}}\n{body}{{% endmacro %}}\n{{% for i in range({calls}) %}}{{% set y = m(i) %}}{{% endfor %}}\na: 1\n"
                ),
            ),
            ("an include", format!("{{% for i in range({calls}) %}}\n{{% include '_b.j2' %}}\n{{% endfor %}}\n")),
            (
                "a text",
                format!("{{% for i in range({calls}) %}}{{% set y = text('_b.j2') | length %}}{{% endfor %}}\na: 1\n"),
            ),
            (
                "a digest",
                format!("{{% for i in range({calls}) %}}{{% set y = sha256(text('_b.j2')) %}}{{% endfor %}}\na: 1\n"),
            ),
            (
                "a caller",
                format!(
                    "{{% macro m() %}}{{{{ caller() }}}}{{% endmacro %}}\n{{% for i in range({calls}) %}}{{% set y %}}{{% call m() %}}\n{body}{{% endcall %}}{{% endset %}}{{% endfor %}}\na: 1\n"
                ),
            ),
        ] {
            let case = Case::new(format!("calls: of {what} with {size} lines, {calls} times"));
            cases.push(case.template(template).file("templates/_b.j2", &body));
        }
    }
    cases
}
