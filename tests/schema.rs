//! Schemas of the real world: every CRD of the platform loads, its rules compile and judge real objects.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests read real files and say what they skip"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use platc::disk::Memory;
use platc::finding::{Finding, Findings};
use platc::limits::Limits;
use platc::schema::{Output, Schema};
use platc::source::{Sources, Span};
use platc::value::Value;
use platc::yaml::{self, Content, Node, Types, scalar};

/// The CRDs, or nothing where the upstream data is absent; in CI it must be there.
fn crds() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/upstream/crds");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        assert!(std::env::var_os("CI").is_none(), "{} is missing", folder.display());
        eprintln!("SKIPPED: {} is missing", folder.display());
        return Vec::new();
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort();
    paths
}

struct Loaded {
    sources: Sources,
    schema: Option<Schema>,
    findings: Vec<Finding>,
}

fn load(text: &str) -> Loaded {
    let sources = Sources::default();
    let mut findings = Findings::default();
    let disk = Memory::default().file("schemas/a.json", text);
    let schema = Schema::load(&disk, "schemas/a.json".into(), &sources, &Limits::default(), &mut findings);
    let findings = findings.sorted(&sources);
    Loaded { sources, schema, findings }
}

fn value(node: &Node) -> Value {
    match &node.content {
        Content::Scalar { text, style } => scalar::resolve(text, *style, Types::ANY).unwrap().into_value(text),
        Content::List(items) => Value::List(items.iter().map(value).collect()),
        Content::Map(entries) => {
            Value::Map(entries.iter().map(|entry| (Arc::clone(&entry.key.text), value(&entry.value))).collect())
        }
    }
}

/// Judges an object in YAML by a CRD: what is said, a line a finding.
fn judge(crd: &str, object: &str) -> Option<String> {
    let path = crds().into_iter().find(|path| path.file_stem().is_some_and(|stem| stem == crd))?;
    let Loaded { sources, schema, findings } = load(&std::fs::read_to_string(path).unwrap());
    assert!(findings.is_empty(), "{findings:?}");
    let file = sources.add("object.yaml", object);
    let mut findings = Findings::default();
    let node = yaml::read::read(&sources, file, &Limits::default(), &mut findings).unwrap();
    let value = value(&node);
    let origin = platc::environment::Origin { key: None, value: Span::file_start(file) };
    schema.unwrap().validate(
        &Output { value: &value, origin },
        &sources,
        &platc::account::Account::unbounded(),
        &mut findings,
    );
    let findings = findings.sorted(&sources);
    let lines = findings.iter().map(|finding| format!("{} {}", finding.rule.id, finding.message));
    Some(lines.collect::<Vec<_>>().join("\n"))
}

#[test]
fn every_crd_loads_and_all_its_rules_compile() {
    let mut rules = 0;
    for path in crds() {
        let text = std::fs::read_to_string(&path).unwrap();
        rules += text.matches("x-kubernetes-validations").count();
        let Loaded { sources, schema, findings } = load(&text);
        let said =
            findings.iter().map(|finding| format!("{} {}", sources.locate(finding.primary.span), finding.message));
        assert_eq!(said.collect::<Vec<_>>(), Vec::<String>::new(), "{}", path.display());
        assert!(schema.is_some());
    }
    assert!(rules == 0 || rules >= 80, "only {rules} blocks of rules were found");
}

const NODE_POOL: &str = r#"
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: general}
spec:
  template:
    metadata: {labels: {team: platform}}
    spec:
      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
      expireAfter: 720h
      requirements:
        - {key: kubernetes.io/arch, operator: In, values: [arm64, amd64]}
        - {key: karpenter.k8s.aws/instance-cpu, operator: Gt, values: ["3"]}
  limits: {cpu: "100", memory: 400Gi}
  disruption:
    consolidationPolicy: WhenEmptyOrUnderutilized
    consolidateAfter: 1m
    budgets: [{nodes: 10%}, {nodes: "0", schedule: "0 9 * * 1-5", duration: 8h}]
  weight: 10
"#;

#[test]
fn a_good_node_pool_has_no_findings() {
    if let Some(said) = judge("karpenter.sh_NodePool_v1", NODE_POOL) {
        assert_eq!(said, "");
    }
}

#[test]
fn a_bad_node_pool_breaks_the_rules_of_its_crd() {
    let bad = NODE_POOL
        .replace("duration: 8h", "x: 1")
        .replace("operator: In, values: [arm64, amd64]", "operator: In")
        .replace("team: platform", "karpenter.sh/nodepool: x")
        .replace("values: [\"3\"]", "values: [\"-3\"]")
        .replace("x: 1", "nodes: '5'")
        .replace("nodes: \"0\", ", "")
        .replace("group: karpenter.k8s.aws", "group: ''")
        .replace("weight: 10", "weight: 101");
    if let Some(said) = judge("karpenter.sh_NodePool_v1", &bad) {
        insta::assert_snapshot!(said);
    }
}

#[test]
fn a_bad_node_class_breaks_the_rules_of_its_crd() {
    let bad = r#"
apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  amiSelectorTerms: [{alias: al2023@latest, id: ami-0123456789abcdef0}, {alias: bottlerocket@latest}]
  subnetSelectorTerms: [{}]
  securityGroupSelectorTerms: [{id: sg-0123, name: x}]
  role: a
  instanceProfile: b
  tags: {"karpenter.sh/nodepool": x, "": z}
  kubelet: {evictionSoft: {memory.available: 5%}, imageGCHighThresholdPercent: 50, imageGCLowThresholdPercent: 80}
"#;
    if let Some(said) = judge("karpenter.k8s.aws_EC2NodeClass_v1", bad) {
        insta::assert_snapshot!(said);
    }
}
