//! Custom resource definitions: what their rules say of a change, and what becomes of them.

use crate::impact::{changed, check, effects, object};

#[test]
fn a_definitions_own_rules_are_asked_old_against_new() {
    let pool = |group: &str| {
        format!(
            "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {{name: it}}\nspec: {{ref: {{group: {group}}}}}\n"
        )
    };
    let project = changed(&[("pool.yaml", &pool("a"), &pool("b"))]);
    project.write(
        "schemas/kubernetes/karpenter.sh/NodePool_v1.yaml",
        "type: object
properties:
  spec:
    type: object
    properties:
      ref:
        type: object
        properties: {group: {type: string}}
        x-kubernetes-validations: [{rule: self.group == oldSelf.group, message: ref.group is immutable}]
",
    );
    let found = effects(&project.run(&["diff", "--view", "impact", "--format", "json"]));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].1, "blocks");
    assert_eq!(found[0].2, "NodePool `it` cannot be updated: ref.group is immutable");
}

/// The definition of a kind, with what its version says of `spec`.
fn definition(spec: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: things.example.com}}
spec:
  group: example.com
  names: {{kind: Thing, plural: things}}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
{spec}"
    )
}

#[test]
fn a_definition_in_the_tree_judges_the_objects_beside_it() {
    let spec = "              type: object
              properties: {class: {type: string}, size: {type: integer}}
              x-kubernetes-validations: [{rule: self.class == oldSelf.class, message: class is immutable}]
";
    let thing = |spec: &str| object("example.com/v1\nkind: Thing", &format!("spec: {{{spec}}}"));
    let crd = definition(spec);
    check(
        &[("crd.yaml", &crd, &crd), ("thing.yaml", &thing("class: a"), &thing("class: b"))],
        "Thing/shop/it blocks cannot be updated: class is immutable",
    );
    check(
        &[("crd.yaml", &crd, &crd), ("thing.yaml", &thing("class: a, size: 1"), &thing("class: a, size: 2"))],
        "Thing/shop/it unknown no table says",
    );
}

#[test]
fn a_definition_that_takes_less_than_it_did() {
    let now = |before: &str, after: &str, wanted: &str| {
        let spec = |text: &str| definition(&format!("              {text}\n"));
        let wanted = format!("CustomResourceDefinition/things.example.com {wanted}");
        check(&[("crd.yaml", &spec(before), &spec(after))], &wanted);
    };
    let both = "{type: object, properties: {a: {type: string}, b: {type: array, items: {type: object, properties: {c: {type: string}}}}}}";
    now(both, &both.replace("a: {type: string}, ", ""), "unknown has no field `spec.a` in its version `v1` any more");
    now(both, &both.replace("c: {type: string}", "d: {type: string}"), "unknown has no field `spec.b[].c`");
    now(both, &both.replace("{a:", "{x: {type: string}, a:"), "in-place its objects stay as they are");
    now(
        both,
        &both.replace("{type: object, properties: {a", "{type: object, required: [a], properties: {a"),
        "blocks needs `spec.a`",
    );
    let with_default = both.replace("a: {type: string}", "a: {type: string, default: x}");
    now(
        &with_default,
        &with_default.replacen("{type: object,", "{type: object, required: [a],", 1),
        "in-place its objects stay",
    );
    let narrower = |to: &str| {
        now(both, &both.replacen("a: {type: string}", &format!("a: {{{to}}}"), 1), "unknown takes less of `spec.a`");
    };
    narrower("type: integer");
    narrower("type: string, maxLength: 1");
    narrower("type: string, enum: [z, q]");
    narrower("type: string, pattern: ^a");
    let bounded = both.replacen("a: {type: string}", "a: {type: string, maxLength: 3, enum: [x]}", 1);
    now(&bounded, &bounded.replace("maxLength: 3", "maxLength: 4"), "in-place its objects stay");
    now(&bounded, &bounded.replace("[x]", "[x, z]"), "in-place its objects stay");
    now(&bounded, &bounded.replace("[x]", "[z]"), "unknown takes less of `spec.a`");
    now(&bounded, both, "in-place its objects stay");
    let open = "{type: object, x-kubernetes-preserve-unknown-fields: true}";
    now(both, open, "in-place its objects stay");
}
