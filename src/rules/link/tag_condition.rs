//! Tags that policies ask for, and those that controllers set.

use std::collections::BTreeSet;

use crate::check::cfn::Template;
use crate::check::{Node, Report, View, rule};

rule! {
    TAG_CONDITION = Error "link/tag-condition";
    summary: "a policy asks for a tag that the controller does not set, or sets to something else";
    explanation: "Roles of the EBS driver, of Cilium's operator and of the load balancer controller may touch only what has the cluster's tag, `aws:RequestTag/ebs.csi.aws.com/cluster-name`. The controller sets that tag from its values: where they name another cluster, or the policy another key, every call is denied, and no volume or interface is made. Judged for the charts' own tags, where a chart of the tree gets the name, and for keys that are the domain of such a tag with its parts in another order.";
    wrong: "
        --- # template.yaml
        Resources:
          Policy:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument:
                Version: '2012-10-17'
                Statement: [{Effect: Allow, Action: ec2:CreateVolume, Resource: '*', Condition: {StringEquals: {aws:RequestTag/ebs.csi.aws.com/cluster-name: prod-main}}}]
        --- # aws-ebs-csi-driver/values.yaml
        controller: {k8sTagClusterId: prod}
    ";
    right: "
        --- # template.yaml
        Resources:
          Policy:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument:
                Version: '2012-10-17'
                Statement: [{Effect: Allow, Action: ec2:CreateVolume, Resource: '*', Condition: {StringEquals: {aws:RequestTag/ebs.csi.aws.com/cluster-name: prod-main}}}]
        --- # aws-ebs-csi-driver/values.yaml
        controller: {k8sTagClusterId: prod-main}
    ";
}

/// A tag, the chart whose controller sets it, and the value that it is set to.
/// <https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/tagging.md>,
/// <https://docs.cilium.io/en/stable/network/concepts/ipam/eni/>,
/// <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/configurations/>
const TAGS: [(&str, &str, &str); 3] = [
    ("ebs.csi.aws.com/cluster-name", "aws-ebs-csi-driver", "controller.k8sTagClusterId"),
    ("elbv2.k8s.aws/cluster", "aws-load-balancer-controller", "clusterName"),
    ("io.cilium/cluster-name", "cilium", "cluster.name"),
];

/// Values of charts under which tags stand by their keys.
const GIVEN: [(&str, &str); 4] = [
    ("cilium", "eni.gcTags"),
    ("cilium", "eni.eniTags"),
    ("aws-ebs-csi-driver", "controller.extraVolumeTags"),
    ("aws-load-balancer-controller", "defaultTags"),
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let mut known = None;
    for resource in view.templates().iter().flat_map(Template::resources) {
        // Only policies of what somebody may do: others speak of whoever comes.
        if !resource.kind.starts_with("AWS::IAM::") {
            continue;
        }
        for condition in resource.node.under("Condition") {
            for (operator, keys) in condition.entries() {
                for (key, values) in keys.entries() {
                    if let Some(tag) = tag(key) {
                        value(view, operator, tag, &values, report);
                        let known = known.get_or_insert_with(|| given(view));
                        turned(tag, &values, known, report);
                    }
                }
            }
        }
    }
}

fn tag(key: &str) -> Option<&str> {
    let (condition, tag) = key.split_once('/')?;
    let is_tag = condition.eq_ignore_ascii_case("aws:RequestTag") || condition.eq_ignore_ascii_case("aws:ResourceTag");
    is_tag.then_some(tag)
}

fn value(view: &View<'_>, operator: &str, tag: &str, values: &Node<'_>, report: &mut Report) {
    fixed(operator, tag, values, report);
    let Some((_, chart, path)) = TAGS.iter().find(|(key, ..)| *key == tag) else { return };
    if !matches!(operator, "StringEquals" | "StringEqualsIfExists") {
        return;
    }
    let wanted: Option<Vec<&str>> = values.one_or_more().iter().map(Node::text).collect();
    let Some(wanted) = wanted.filter(|all| !all.iter().any(|it| it.contains(['$', '{']))) else { return };
    let set: Vec<_> = view.values_of_chart(chart).iter().filter_map(|values| values.get(path)).collect();
    let [node] = &set[..] else { return };
    let Some(own) = node.text().filter(|own| !wanted.contains(own) && !own.contains('{')) else { return };
    let message = format!("`{chart}` tags with `{tag}: {own}`, and its role is for `{}`", wanted.join("` or `"));
    report
        .at(&TAG_CONDITION, node, message)
        .label("AWS denies the controller what it makes")
        .also(values, "the policy asks for this value")
        .help("let both name the same cluster");
}

/// Tags that drivers set to `true`, whatever the cluster is called, and the one that has its name.
const FIXED: [(&str, &str); 1] = [("ebs.csi.aws.com/cluster", "ebs.csi.aws.com/cluster-name")];

fn fixed(operator: &str, tag: &str, values: &Node<'_>, report: &mut Report) {
    let Some((_, meant)) = FIXED.iter().find(|(key, _)| *key == tag) else { return };
    let all = values.one_or_more();
    let is_other = |it: &Node<'_>| it.text().is_some_and(|text| text != "true" && !text.contains(['*', '$', '?']));
    if matches!(operator, "StringEquals" | "StringEqualsIfExists") && !all.is_empty() && all.iter().all(is_other) {
        report
            .at(&TAG_CONDITION, values, format!("the driver sets `{tag}` to `true`, never to a name"))
            .about_key()
            .label("the condition never holds")
            .help(format!("write `{meant}` for the cluster's name"));
    }
}

/// The keys of tags that controllers of the tree set, with the place where values say so.
fn given<'a>(view: &View<'a>) -> Vec<(&'a str, Option<Node<'a>>)> {
    let mut all: Vec<(&str, Option<Node<'_>>)> = TAGS.iter().map(|(key, ..)| (*key, None)).collect();
    for (chart, path) in GIVEN {
        for tags in view.values_of_chart(chart).iter().filter_map(|values| values.get(path)) {
            all.extend(tags.entries().into_iter().map(|(key, node)| (key, Some(node))));
        }
    }
    all
}

/// A key whose domain has the parts of another one in another order: `cilium.io/…` and `io.cilium/…`.
fn turned(tag: &str, values: &Node<'_>, known: &[(&str, Option<Node<'_>>)], report: &mut Report) {
    let Some((domain, name)) = tag.split_once('/').filter(|_| !known.iter().any(|(key, _)| *key == tag)) else {
        return;
    };
    let parts = |domain: &str| domain.split('.').map(str::to_owned).collect::<BTreeSet<_>>();
    let is_turned = |key: &str| {
        let other = key.split_once('/');
        other.is_some_and(|(other, own)| own == name && other != domain && parts(other) == parts(domain))
    };
    // The place in the values says more than the table.
    let mut meant = known.iter().filter(|(key, _)| is_turned(key));
    let first = meant.next();
    let Some((key, node)) = meant.find(|(_, node)| node.is_some()).or(first) else { return };
    let draft = report.at(&TAG_CONDITION, values, format!("nothing is tagged `{tag}`: the tag is `{key}`"));
    draft.about_key().label("the condition never holds");
    if let Some(node) = node {
        draft.also(node, "set by these values");
    }
    draft.help(format!("write `{key}`"));
}
