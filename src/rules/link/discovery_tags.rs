//! Tags by which Karpenter finds the networks of its nodes.

use crate::check::{Node, Report, View, rule};
use crate::value::Value;

rule! {
    DISCOVERY_TAGS = Error "link/discovery-tags";
    summary: "a node class looks for subnets or security groups by tags that none of them carries";
    explanation: "Karpenter finds nothing, the node class is never ready, and no node starts. Judged by the subnets and security groups that the tree's own templates make, if there are any. Tags that AWS sets itself cannot be seen.";
    wrong: "
        --- # network/template.yaml
        Resources:
          Subnet:
            Type: AWS::EC2::Subnet
            Properties: {VpcId: vpc-0123456789abcdef0, CidrBlock: 10.0.0.0/20, Tags: [{Key: karpenter.sh/discovery, Value: prod}]}
        --- # class.yaml
        apiVersion: karpenter.k8s.aws/v1
        kind: EC2NodeClass
        metadata: {name: default}
        spec:
          subnetSelectorTerms: [{tags: {karpenter.sh/discovery: production}}]
    ";
    right: "
        --- # network/template.yaml
        Resources:
          Subnet:
            Type: AWS::EC2::Subnet
            Properties: {VpcId: vpc-0123456789abcdef0, CidrBlock: 10.0.0.0/20, Tags: [{Key: karpenter.sh/discovery, Value: prod}]}
        --- # class.yaml
        apiVersion: karpenter.k8s.aws/v1
        kind: EC2NodeClass
        metadata: {name: default}
        spec:
          subnetSelectorTerms: [{tags: {karpenter.sh/discovery: prod}}]
    ";
}

/// The selector, the type of what it selects, what that is, and how `outside` calls it.
static SELECTORS: &[(&str, &str, &str, &str)] = &[
    ("subnetSelectorTerms", "AWS::EC2::Subnet", "subnet", "subnets"),
    ("securityGroupSelectorTerms", "AWS::EC2::SecurityGroup", "security group", "security-groups"),
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for (selector, kind, what, outside) in SELECTORS {
        let resources = view.resources_of(kind);
        let tags: Vec<Option<Tags<'_>>> =
            resources.map(|it| it.property("Tags").map_or_else(|| Some(Tags::new()), |tags| literal(&tags))).collect();
        // What carries tags that only deployment knows may be what is looked for.
        let Some(tags) = tags.into_iter().collect::<Option<Vec<_>>>().filter(|tags| !tags.is_empty()) else { continue };
        for class in view.objects_of("karpenter.k8s.aws", "EC2NodeClass") {
            let Some(terms) = class.root().at(["spec", selector]) else { continue };
            for wanted in terms.items().iter().filter_map(|term| term.get("tags")) {
                let is_outside = |(key, value): &(&str, Node<'_>)| {
                    let tag = format!("{key}={}", value.text().unwrap_or_default());
                    view.is_outside(outside, None, &tag)
                };
                if !wanted.entries().iter().any(is_outside) {
                    judge(&wanted, &tags, what, report);
                }
            }
        }
        if *selector == "subnetSelectorTerms" {
            of_cilium(view, &tags, outside, report);
        }
    }
}

/// The subnets in which Cilium makes interfaces, `KEY=VALUE`.
fn of_cilium(view: &View<'_>, all: &[Tags<'_>], outside: &str, report: &mut Report) {
    for filter in view.values_of_chart("cilium").iter().filter_map(|values| values.get("eni.subnetTagsFilter")) {
        for node in filter.items() {
            let Some((text, (key, value))) = node.text().and_then(|text| Some((text, text.split_once('=')?))) else {
                continue;
            };
            let has = |tags: &Tags<'_>| tags.iter().any(|(own, is)| *own == key && is.text() == Some(value));
            if all.iter().any(has) || view.is_outside(outside, None, text) {
                continue;
            }
            report
                .at(&DISCOVERY_TAGS, node, format!("no subnet of this environment is tagged `{key}: {value}`"))
                .label("Cilium makes no interface, and pods get no address")
                .help("tag the subnets that pods shall have addresses of");
        }
    }
}

type Tags<'a> = Vec<(&'a str, Node<'a>)>;

fn literal<'a>(tags: &Node<'a>) -> Option<Tags<'a>> {
    let Value::List(_) = tags.value else { return None };
    tags.items()
        .iter()
        .map(|tag| Some((tag.text_at(["Key"])?, tag.get("Value").filter(|it| it.text().is_some())?)))
        .collect()
}

fn judge(wanted: &Node<'_>, all: &[Tags<'_>], what: &str, report: &mut Report) {
    let wanted: Vec<_> = wanted.entries();
    // The control plane tags the cluster's own security group.
    let is_foreign = |key: &str| key.starts_with("aws:") || key.starts_with("kubernetes.io/cluster/");
    if wanted.iter().any(|(key, _)| is_foreign(key)) {
        return;
    }
    let has = |tags: &Tags<'_>, key: &str, value: Option<&str>| {
        tags.iter().any(|(own, is)| *own == key && (value == Some("*") || is.text() == value))
    };
    if all.iter().any(|tags| wanted.iter().all(|(key, value)| has(tags, key, value.text()))) {
        return;
    }
    // The tag that none has; or the first, if only the tags together fit nothing.
    let alone = wanted.iter().find(|(key, value)| !all.iter().any(|tags| has(tags, key, value.text())));
    let Some((key, value)) = alone.or(wanted.first()) else { return };
    let Some(text) = value.text() else { return };
    let draft = report.at(&DISCOVERY_TAGS, value, format!("no {what} of this environment is tagged `{key}: {text}`"));
    draft.about(text, text).label(format!("this finds no {what}"));
    match all.iter().flatten().find(|(own, is)| own == key && is.text() != Some(text)) {
        Some((_, other)) => draft
            .also(other, format!("a {what} has another value"))
            .help(format!("give both the same value, such as `{}`", other.text().unwrap_or_default())),
        None => draft.help(format!("tag the {what}s that nodes shall use")),
    };
}
