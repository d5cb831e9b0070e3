//! The schema stage from the inside: loading, shapes, judging. What users see is in `tests/schema.rs`.

use std::sync::Arc;

use camino::Utf8Path;

use super::{ListMerge, Schema, Shape};
use crate::disk::Memory;
use crate::environment::{Content, Origin, Tree};
use crate::finding::Findings;
use crate::limits::Limits;
use crate::source::{Sources, Span};
use crate::value::Value;
use crate::yaml::{self, Node, Types, scalar};

/// Loads `schemas/a.yaml` among other files; the findings as `path:line:column rule message`.
pub(super) fn load(files: &[(&str, &str)]) -> (Option<Schema>, Vec<String>) {
    let mut disk = Memory::default();
    for (path, text) in files {
        disk = disk.file(path, *text);
    }
    let sources = Sources::default();
    let mut findings = Findings::default();
    let schema = Schema::load(&disk, Utf8Path::new("schemas/a.yaml"), &sources, &Limits::default(), &mut findings);
    let lines = findings.sorted(&sources).into_iter().map(|finding| {
        let place = sources.locate(finding.primary.span);
        let help = finding.help.map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{} {} {}{help}", place.trim_start_matches("schemas/"), finding.rule.id, finding.message)
    });
    (schema, lines.collect())
}

fn loaded(text: &str) -> Schema {
    let (schema, findings) = load(&[("schemas/a.yaml", text)]);
    assert_eq!(findings, Vec::<String>::new());
    schema.unwrap()
}

fn refused(text: &str) -> String {
    let (schema, findings) = load(&[("schemas/a.yaml", text)]);
    assert!(schema.is_none());
    findings.join("\n")
}

#[test]
fn a_shape_says_types_keys_and_how_lists_merge() {
    let schema = loaded(
        r"
type: object
additionalProperties: false
properties:
  version: {type: string}
  size: {$ref: '#/$defs/size'}
  pools:
    type: array
    x-kubernetes-list-type: map
    x-kubernetes-list-map-keys: [name]
    items: {type: object, properties: {name: {type: string}, cpu: {type: [integer, string]}}}
  zones: {type: array, x-kubernetes-list-type: set, items: {type: string}}
  mode: {enum: [fast, slow]}
  labels: {additionalProperties: {type: string}}
  ports: {patternProperties: {'^p': {type: integer}}}
$defs:
  size: {type: integer}
",
    );
    let shape = schema.shape();
    assert_eq!(shape.types(), Types::MAP);
    assert_eq!(shape.property("version").types(), Types::STRING);
    assert_eq!(shape.property("size").types(), Types::INTEGER);
    assert_eq!(shape.property("mode").types(), Types::STRING);
    assert_eq!(shape.property("none").types(), Types::ANY);
    assert_eq!(shape.property("labels").property("x").types(), Types::STRING);
    assert_eq!(shape.property("ports").property("p1").types(), Types::INTEGER);
    assert_eq!(shape.property("ports").property("q1").types(), Types::ANY);
    let pools = shape.property("pools");
    assert_eq!(pools.item().property("cpu").types(), Types::INTEGER | Types::STRING);
    assert!(matches!(pools.list_merge(), ListMerge::ByKeys([key]) if &**key == "name"));
    assert_eq!(shape.property("zones").list_merge(), ListMerge::Set);
    assert_eq!(shape.property("mode").list_merge(), ListMerge::Replace);
    assert_eq!(pools.item().known_keys().map(|key| &**key).collect::<Vec<_>>(), ["cpu", "name"]);
    assert!(shape.refuses("sizes") && !shape.refuses("size") && !pools.item().refuses("x"));
}

#[test]
fn shapes_meet_over_all_of_and_join_over_alternatives() {
    let schema = loaded(
        r"
allOf:
  - properties: {a: {type: [string, integer]}}
  - properties: {a: {type: string, minLength: 1}}
oneOf:
  - {properties: {kind: {const: x}, value: {type: string}, onlyX: {type: boolean}}}
  - {properties: {kind: {const: 'y'}, value: {type: integer}}}
if: {properties: {kind: {const: x}}}
then: {properties: {late: {type: string}}}
anyOf: [{type: object}, {type: 'null'}]
",
    );
    let shape = schema.shape();
    assert_eq!(shape.types(), Types::MAP | Types::NULL);
    assert_eq!(shape.property("a").types(), Types::STRING);
    assert_eq!(shape.property("value").types(), Types::STRING | Types::INTEGER);
    assert_eq!(shape.property("kind").types(), Types::STRING);
    assert_eq!(shape.property("onlyX").types(), Types::BOOL);
    assert_eq!(shape.property("late").types(), Types::STRING);
}

#[test]
fn a_recursive_schema_has_shapes_as_deep_as_one_asks() {
    let schema = loaded("properties: {next: {$ref: '#'}, value: {type: string}}");
    let mut shape = schema.shape();
    for _ in 0..1000 {
        shape = shape.property("next");
    }
    assert_eq!(shape.property("value").types(), Types::STRING);
}

#[test]
fn references_lead_to_files_below_the_folder() {
    let files = [
        ("schemas/a.yaml", "properties: {x: {$ref: 'lib/b.json#/definitions/name'}, y: {$ref: lib/b.json}}"),
        ("schemas/lib/b.json", "{\"type\": \"object\", \"definitions\": {\"name\": {\"$ref\": \"../c.yaml\"}}}"),
        ("schemas/c.yaml", "type: string\nproperties: {back: {$ref: a.yaml}}"),
    ];
    let (schema, findings) = load(&files);
    assert_eq!(findings, Vec::<String>::new());
    let schema = schema.unwrap();
    assert_eq!(schema.shape().property("x").types(), Types::STRING);
    assert_eq!(schema.shape().property("y").types(), Types::MAP);
    insta::assert_snapshot!(serde_json::to_string(schema.bundled()).unwrap());
}

#[test]
fn references_that_lead_elsewhere_are_refused() {
    insta::assert_snapshot!(refused(
        r"
properties:
  a: {$ref: 'https://json.schemastore.org/kustomization'}
  b: {$ref: ../platc.yaml}
  c: {$ref: /etc/passwd}
  d: {$ref: ../../x.yaml}
  e: {$ref: missing.yaml}
  f: {$ref: '#/$defs/nmae'}
  g: {$ref: '#/properties'}
  h: {$ref: '#anchor'}
$defs: {name: {type: string}}
"
    ));
}

#[test]
fn a_schema_that_goes_in_circles_without_going_down_is_refused() {
    insta::assert_snapshot!(refused(
        "properties: {a: {$ref: '#/$defs/a'}}\n$defs:\n  a: {allOf: [{$ref: '#/$defs/b'}]}\n  b: {$ref: '#/$defs/a'}\n  c: {$ref: '#/$defs/c'}\n"
    ));
}

#[test]
fn a_chain_that_is_too_long_is_refused_without_recursion() {
    let chain: String = (0..5000).map(|at| format!("  d{at}: {{$ref: '#/$defs/d{}'}}\n", at + 1)).collect();
    insta::assert_snapshot!(refused(&format!("$ref: '#/$defs/d0'\n$defs:\n{chain}  d5000: {{type: string}}\n")));
}

#[test]
fn misspelt_words_and_wrong_forms_are_found_where_they_stand() {
    insta::assert_snapshot!(refused(
        r"
$schema: http://json-schema.org/draft-04/schema#
propertees: {a: {}}
type: map
x-kubernetes-validatons: []
x-kubernetes-validations:
  - {rule: self.a, mesage: no}
  - {message: no rule}
x-mine: fine
required: name
minLength: -1
properties:
  a: {type: strng, pattern: [x], minimum: '5', deprecated: yes, enum: []}
  b: {format: k8s-quantiti, x-kubernetes-list-type: mpa}
  c: {x-kubernetes-list-type: map}
  d: {x-kubernetes-list-map-keys: [a]}
  e: a string
  f: {anyOf: [], multipleOf: 0, required: [a, a], const: yes}
additionalProperties: []
"
    ));
}

/// A layer as a tree, its scalars read as the shape says.
fn tree(node: &Node, key: Option<Span>, shape: Shape<'_>) -> Arc<Tree> {
    let content = match &node.content {
        yaml::Content::Scalar { text, style } => {
            match scalar::resolve(text, *style, shape.types()).unwrap().into_value(text) {
                Value::Null => Content::Null,
                Value::Bool(value) => Content::Bool(value),
                Value::Number(number) => Content::Number(number),
                Value::String(text) => Content::String(text),
                Value::List(_) | Value::Map(_) => unreachable!("a scalar is neither"),
            }
        }
        yaml::Content::List(items) => Content::List(items.iter().map(|item| tree(item, None, shape.item())).collect()),
        yaml::Content::Map(entries) => Content::Map(
            entries
                .iter()
                .map(|entry| {
                    let key = &entry.key;
                    (Arc::clone(&key.text), tree(&entry.value, Some(key.span), shape.property(&key.text)))
                })
                .collect(),
        ),
    };
    Arc::new(Tree::new(content, Origin { key, value: node.span }))
}

/// Judges a layer by a schema; the findings with all their places.
pub(super) fn judge(schema: &str, layer: &str) -> String {
    let sources = Sources::default();
    let limits = Limits::default();
    let mut findings = Findings::default();
    let disk = Memory::default().file("schemas/a.yaml", schema);
    let schema = Schema::load(&disk, Utf8Path::new("schemas/a.yaml"), &sources, &limits, &mut findings);
    let file = sources.add("env.yaml", layer);
    if let Some(schema) = schema {
        let node = yaml::read::read(&sources, file, &limits, &mut findings).unwrap();
        schema.validate(
            &tree(&node, None, schema.shape()),
            &sources,
            &crate::account::Account::unbounded(),
            &mut findings,
        );
    }
    let findings = findings.sorted(&sources);
    let lines = findings.iter().flat_map(|finding| {
        let first = format!("{} {}", finding.rule.id, finding.message);
        let label = format!("  {} {}", sources.locate(finding.primary.span), finding.primary.text);
        let related = finding.related.iter().map(|label| format!("  {} {}", sources.locate(label.span), label.text));
        let help = finding.help.iter().map(|help| format!("  = {help}"));
        [first, label].into_iter().chain(related).chain(help).collect::<Vec<_>>()
    });
    lines.collect::<Vec<_>>().join("\n")
}

const PLATFORM: &str = r"
type: object
additionalProperties: false
required: [cluster]
properties:
  cluster:
    type: object
    additionalProperties: false
    required: [name, version]
    properties:
      name: {type: string, format: dns-label}
      version: {type: string, pattern: '^1\.[0-9]+$'}
      nodes: {type: integer, minimum: 1, maximum: 10}
      public: {type: boolean}
      tags: {type: object, propertyNames: {pattern: '^[a-z]+$'}, additionalProperties: {type: string}}
  network:
    type: object
    properties:
      cidr: {type: string, format: cidr}
      zones: {type: array, minItems: 2, uniqueItems: true, items: {enum: [a, b, c]}}
  ingress:
    oneOf:
      - {type: object, required: [kind, host], additionalProperties: false, properties: {kind: {const: alb}, host: {type: string}}}
      - {type: object, required: [kind, port], additionalProperties: false, properties: {kind: {const: nlb}, port: {type: integer}}}
  size: {anyOf: [{type: integer}, {type: string, pattern: '^[0-9]+%$'}]}
  backup:
    oneOf: [{required: [daily]}, {required: [weekly]}]
  pair: {not: {required: [x, z]}}
";

#[test]
fn a_good_environment_has_no_findings() {
    assert_eq!(
        judge(PLATFORM, "cluster: {name: prod, version: 1.30, nodes: 3}\nnetwork: {cidr: 10.0.0.0/16}\nsize: 50%\n"),
        ""
    );
}

#[test]
fn each_error_stands_at_the_line_that_set_the_value() {
    insta::assert_snapshot!(judge(
        PLATFORM,
        r#"
cluster:
  nmae: prod
  version: "2.1"
  nodes: "3"
  public: "yes"
  tags: {Team: a, owner: [x]}
  extra: 1
network:
  cidr: 10.0.0.5/16
  zones: [a, d, a]
ingress: {kind: alb, port: 80}
size: {}
backup: {daily: 1, weekly: 2}
pair: {x: 1, z: 2}
clusters:
"#
    ));
}

#[test]
fn alternatives_are_narrowed_to_what_was_meant() {
    insta::assert_snapshot!(judge(
        PLATFORM,
        "cluster: {name: Prod_1, version: 1.30, nodes: 11}\ningress: {kind: elb}\nsize: fifty\nbackup: {}\nnetwork: {zones: [a]}\n"
    ));
    insta::assert_snapshot!(judge(PLATFORM, "network: []\n"));
}

const RULES: &str = r#"
type: object
properties:
  pools:
    type: array
    items:
      type: object
      required: [name]
      properties:
        name: {type: string}
        minSize: {type: integer, default: 1}
        maxSize: {type: integer}
        max-pods: {type: integer}
        ratio: {type: number}
        wait: {type: string, format: duration}
      x-kubernetes-validations:
        - rule: self.minSize <= self.maxSize
          message: minSize must not be above maxSize
        - rule: >-
            !has(self.max__dash__pods) ||
            self.max__dash__pods <= 250
          messageExpression: "'at most 250 pods, not ' + string(self.max__dash__pods)"
          fieldPath: .max-pods
        - rule: '!has(self.ratio) || self.ratio * 2.0 <= 1.0'
        - rule: '!has(self.wait) || self.wait < duration("1h")'
        - {rule: 'oldSelf.name == self.name', message: name never changes}
        - {rule: '!oldSelf.hasValue() || oldSelf.value().name == self.name', optionalOldSelf: true}
  vpc:
    type: object
    properties: {cidr: {type: string}, pods: {type: string}}
    x-kubernetes-validations:
      - {rule: '!cidr(self.cidr).containsCIDR(self.pods)', message: 'pods must not lie in the network of the VPC.'}
"#;

#[test]
fn rules_point_at_the_value_the_fields_they_read_and_themselves() {
    insta::assert_snapshot!(judge(
        RULES,
        "pools:\n  - {name: a, maxSize: 2}\n  - name: b\n    minSize: 3\n    maxSize: 2\n    max-pods: 300\n    ratio: 1\n    wait: 2h\n\
         vpc: {cidr: 10.0.0.0/16, pods: 10.0.1.0/24}\n"
    ));
    // No maximum is set; a pool without a name is not judged by rules at all; an address that is none.
    insta::assert_snapshot!(judge(
        RULES,
        "pools:\n  - name: a\n  - minSize: 5\n    maxSize: 1\nvpc: {cidr: x, pods: y}\n"
    ));
}

#[test]
fn rules_that_cannot_work_are_found_in_the_schema_file() {
    insta::assert_snapshot!(refused(
        r#"
type: object
properties:
  minSize: {type: integer}
  pools: {type: array, items: {type: object, properties: {name: {type: string}}}}
x-kubernetes-validations:
  - rule: self.mniSize > 0
  - rule: "self.pools.all(p, p.nmae != '')"
  - rule: |-
      self.minSize > 0 &&
      self.minSize <
  - rule: self.minSize.isQuantiti()
  - {rule: self.minSize > 0, messageExpression: "'a' +"}
anyOf:
  - x-kubernetes-validations: [{rule: self.minSize > 1}]
  - {required: [pools]}
"#
    ));
}

#[test]
fn a_rule_that_explodes_ends_in_a_finding() {
    let ten = "[0,1,2,3,4,5,6,7,8,9]";
    let rule = ('a'..='h').fold("true".to_owned(), |rule, name| format!("{ten}.all({name}, {rule})"));
    let schema = format!("type: object\nx-kubernetes-validations: [{{rule: '{rule}'}}]\n");
    insta::assert_snapshot!(judge(&schema, "a: 1\n"));
}

#[test]
fn marked_keys_are_warned_of_and_secrets_refused() {
    let schema = r"
properties:
  old: {deprecated: true}
  older: {deprecated: true, deprecationMessage: 'use `region` instead'}
  nmae: {type: string, x-platc-renamed-to: name}
  name: {type: string}
  password: {x-platc-secret: true}
  token: {x-platc-secret: true}
";
    insta::assert_snapshot!(judge(
        schema,
        "old: 1\nolder: 2\nnmae: x\npassword: hunter2\ntoken: secretsmanager:token\n"
    ));
}

#[test]
fn keys_are_what_is_written_and_fields_may_be_spelled_as_kubernetes_spells_them() {
    let schema = r#"
type: object
properties:
  addons: {type: object, properties: {cert-manager: {type: object, properties: {namespace: {type: string}}}}}
x-kubernetes-validations:
  - rule: "RULE"
    message: broken
"#;
    for rule in [
        "self.addons.all(name, name == 'cert-manager' && self.addons[name].namespace == name)",
        "self.addons.cert__dash__manager.__namespace__ == 'cert-manager'",
        "self.addons.`cert-manager`.__namespace__ == 'cert-manager' && has(self.addons.cert__dash__manager)",
    ] {
        let schema = schema.replace("RULE", rule);
        assert_eq!(judge(&schema, "addons: {cert-manager: {namespace: cert-manager}}\n"), "", "{rule}");
        assert!(judge(&schema, "addons: {cert-manager: {namespace: other}}\n").contains("schema/rule"), "{rule}");
    }
}

/// Runs on a stack as small as a thread pool's.
fn on_a_small_stack(run: impl FnOnce() -> String + Send + 'static) -> String {
    std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap()
}

#[test]
fn schemas_that_multiply_or_nest_end_in_findings() {
    // Each level of the value is judged twice by each level of the schema: two to the power of sixty.
    let twice = "properties: {x: {$ref: '#/$defs/a'}}\n$defs:\n  a: {allOf: [{$ref: '#/$defs/b'}, {$ref: '#/$defs/b'}]}\n  \
                 b: {properties: {x: {$ref: '#/$defs/a'}}}\n";
    let nested = "{x: ".repeat(50) + "1" + &"}".repeat(50);
    let layer = format!("x: {nested}\n");
    let said = on_a_small_stack(move || judge(twice, &layer));
    assert!(said.starts_with("schema/too-complex the schema judges this value too many times over"), "{said}");
    // A long chain at every level of a deep value: the value is refused, or its error found, on any stack.
    for length in [3, 20, 30] {
        let chain: String =
            (0..length).map(|at| format!("  d{at}: {{allOf: [{{$ref: '#/$defs/d{}'}}]}}\n", at + 1)).collect();
        let ends = format!("  d{length}: {{type: object, properties: {{x: {{$ref: '#/$defs/d0'}}}}}}\n");
        let schema = format!("$ref: '#/$defs/d0'\n$defs:\n{chain}{ends}");
        let layer = "{x: ".repeat(30) + "1" + &"}".repeat(30) + "\n";
        let said = on_a_small_stack(move || judge(&schema, &layer));
        let expected = if length < 10 { "schema/type `x.x" } else { "schema/too-complex" };
        assert!(said.starts_with(expected), "{length}: {said}");
    }
}
