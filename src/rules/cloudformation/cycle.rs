//! Resources and stacks that wait for each other.

use std::collections::BTreeMap;

use crate::check::cfn::{How, Template};
use crate::check::{Node, Report, View, rule};

rule! {
    CYCLE = Error "cfn/cycle";
    summary: "resources or stacks that wait for each other";
    explanation: "CloudFormation makes a resource after all that it refers to or depends on, and a stack can be deployed only when what it imports is exported. If the way leads back to where it began, nothing can be first: CloudFormation refuses the template, and two stacks that import from each other can neither be made nor removed. Security groups that name each other are the usual case: write their rules as resources of their own.";
    wrong: "
        Resources:
          A:
            Type: AWS::EC2::SecurityGroup
            Properties: {GroupDescription: a, SecurityGroupIngress: [{IpProtocol: '-1', SourceSecurityGroupId: !Ref B}]}
          B:
            Type: AWS::EC2::SecurityGroup
            Properties: {GroupDescription: b, SecurityGroupIngress: [{IpProtocol: '-1', SourceSecurityGroupId: !Ref A}]}
    ";
    right: "
        Resources:
          A:
            Type: AWS::EC2::SecurityGroup
            Properties: {GroupDescription: a}
          B:
            Type: AWS::EC2::SecurityGroup
            Properties: {GroupDescription: b}
          AToB:
            Type: AWS::EC2::SecurityGroupIngress
            Properties: {IpProtocol: '-1', GroupId: !Ref B, SourceSecurityGroupId: !Ref A}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates() {
        // Several resources are made of each of these, and which of them has the reference is not known here.
        let is_split =
            |id: &str| template.resources().iter().any(|it| it.id == id && it.kind.starts_with("AWS::Serverless::"));
        let edges = template.references().iter().filter_map(|reference| {
            let waits = !matches!(reference.how, How::Condition | How::FindInMap);
            let from = reference.within.filter(|from| waits && !is_split(from))?;
            Some((from.to_owned(), reference.to.to_owned(), reference.node))
        });
        told(edges, "resource", report);
    }
    let exporters: BTreeMap<&str, &Template<'_>> = view
        .templates()
        .iter()
        .flat_map(|template| template.exports().iter().filter_map(move |export| Some((export.name.text()?, template))))
        .collect();
    let edges = view.templates().iter().flat_map(|template| {
        let exporters = &exporters;
        template.imports().iter().filter_map(move |import| {
            let other = exporters.get(import.text()?)?;
            Some((template.document.path.to_string(), other.document.path.to_string(), *import))
        })
    });
    told(edges, "stack", report);
}

/// One finding for each circle, at the reference that closes it.
fn told<'a>(edges: impl Iterator<Item = (String, String, Node<'a>)>, what: &str, report: &mut Report) {
    let mut graph: BTreeMap<String, Vec<(String, Node<'a>)>> = BTreeMap::new();
    for (from, to, node) in edges {
        let targets = graph.entry(from).or_default();
        if !targets.iter().any(|(known, _)| *known == to) {
            targets.push((to, node));
        }
    }
    let mut done: BTreeMap<&str, bool> = BTreeMap::new();
    for start in graph.keys() {
        if done.contains_key(start.as_str()) {
            continue;
        }
        // Depth first with a stack of its own: templates have hundreds of resources.
        let mut way: Vec<(&str, usize)> = vec![(start, 0)];
        done.insert(start, false);
        while let Some((at, next)) = way.last_mut() {
            let Some((to, node)) = graph.get(*at).and_then(|targets| targets.get(*next)) else {
                done.insert(*at, true);
                way.pop();
                continue;
            };
            *next += 1;
            match done.get(to.as_str()) {
                Some(true) => {}
                Some(false) => {
                    let begin = way.iter().position(|(name, _)| *name == to.as_str()).unwrap_or(0);
                    let names: Vec<&str> = way[begin..].iter().map(|(name, _)| *name).chain([to.as_str()]).collect();
                    let message = format!("{what}s wait for each other: `{}`", names.join("` → `"));
                    let draft = report.at(&CYCLE, node, message).label(format!("needs `{to}`, which needs this"));
                    for (name, position) in &way[begin..way.len() - 1] {
                        let edge = graph.get(*name).and_then(|targets| targets.get(position - 1));
                        if let Some((other, node)) = edge {
                            draft.also(node, format!("needs `{other}`"));
                        }
                    }
                    draft.help(format!("take one of these references out, or move it into a {what} of its own"));
                }
                None => {
                    done.insert(to, false);
                    way.push((to, 0));
                }
            }
        }
    }
}
