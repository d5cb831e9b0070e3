//! What stacks take from each other: each import has an export, and no name is exported twice.

use std::collections::BTreeMap;

use crate::check::cfn::{Export, Template, may_exclude};
use crate::check::{Node, Report, View, rule};
use crate::finding::suggest;
use crate::rules::near::only_near;
use crate::value::Value;

rule! {
    IMPORT_WITHOUT_EXPORT = Error "cfn/import-without-export";
    summary: "a stack imports a name that no stack of the environment exports";
    explanation: "`Fn::ImportValue` fails at deployment if no stack in the account and region exports the name. The finding is an error because a tree describes a whole environment; where a stack outside of it exports the name, put it under `exports` of `outside`. A tree without any export is not judged.";
    wrong: "
        --- # network/template.yaml
        Resources:
          Vpc: {Type: AWS::EC2::VPC}
        Outputs:
          Vpc:
            Value: !Ref Vpc
            Export: {Name: prod-VpcId}
        --- # cluster/template.yaml
        Resources:
          Group:
            Type: AWS::EC2::SecurityGroup
            Properties: {VpcId: !ImportValue prod-Vpc}
    ";
    right: "
        --- # network/template.yaml
        Resources:
          Vpc: {Type: AWS::EC2::VPC}
        Outputs:
          Vpc:
            Value: !Ref Vpc
            Export: {Name: prod-VpcId}
        --- # cluster/template.yaml
        Resources:
          Group:
            Type: AWS::EC2::SecurityGroup
            Properties: {VpcId: !ImportValue prod-VpcId}
    ";
}

rule! {
    DUPLICATE_EXPORT = Error "cfn/duplicate-export";
    summary: "two stacks of one environment export the same name";
    explanation: "The name of an export is unique in an account and region: whichever stack is deployed second fails.";
    wrong: "
        --- # a/template.yaml
        Resources: {Vpc: {Type: AWS::EC2::VPC}}
        Outputs: {Vpc: {Value: !Ref Vpc, Export: {Name: prod-VpcId}}}
        --- # b/template.yaml
        Resources: {Vpc: {Type: AWS::EC2::VPC}}
        Outputs: {Vpc: {Value: !Ref Vpc, Export: {Name: prod-VpcId}}}
    ";
    right: "
        --- # a/template.yaml
        Resources: {Vpc: {Type: AWS::EC2::VPC}}
        Outputs: {Vpc: {Value: !Ref Vpc, Export: {Name: prod-a-VpcId}}}
        --- # b/template.yaml
        Resources: {Vpc: {Type: AWS::EC2::VPC}}
        Outputs: {Vpc: {Value: !Ref Vpc, Export: {Name: prod-b-VpcId}}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let exports: Vec<(&Export<'_>, Name)> =
        view.templates().iter().flat_map(Template::exports).map(|export| (export, Name::of(&export.name))).collect();
    let mut first: BTreeMap<&str, &Export<'_>> = BTreeMap::new();
    for (export, name) in exports.iter().filter_map(|(export, name)| Some((export, name.fixed()?))) {
        let Some(other) = first.get(name) else {
            first.insert(name, export);
            continue;
        };
        if may_exclude(other.condition, export.condition) {
            continue;
        }
        report
            .at(&DUPLICATE_EXPORT, &export.name, format!("the name `{name}` is exported twice"))
            .also(&other.name, "it is exported here too")
            .help("give one of them another name, and change the imports that mean it");
    }
    let foreign = || view.outside("exports").map(|(name, _)| name);
    for import in view.templates().iter().flat_map(Template::imports) {
        let wanted = Name::of(import);
        let shown = wanted.shown();
        // A tree that exports nothing takes what it imports from elsewhere; what is nearly a name from there is a slip.
        if exports.is_empty() && only_near(&shown, foreign()).is_none() {
            continue;
        }
        if exports.iter().any(|(_, name)| name.may_be(&wanted)) || view.is_outside("exports", None, &shown) {
            continue;
        }
        let known = first.keys().copied().chain(foreign());
        let help = suggest::did_you_mean(&shown, known).unwrap_or_else(|| {
            "export it from the stack that has it, or name it under `exports` of `outside` if a stack elsewhere does".to_owned()
        });
        report.at(&IMPORT_WITHOUT_EXPORT, import, format!("no stack of this environment exports `{shown}`")).help(help);
    }
}

/// A name of an export, as far as it is known: texts with unknown parts between them.
struct Name(Vec<String>);

impl Name {
    fn of(node: &Node<'_>) -> Self {
        let text = match node.value {
            Value::String(text) => return Self(vec![text.to_string()]),
            _ => node.get("Fn::Sub").and_then(|sub| sub.one_or_more().first().and_then(Node::text)),
        };
        let Some(text) = text else { return Self(vec![String::new(), String::new()]) };
        let mut parts = vec![String::new()];
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            if let Some(last) = parts.last_mut() {
                last.push_str(before);
                // Both stacks lie in one account and region: what these stand for is the same on both sides.
                if matches!(name, "AWS::AccountId" | "AWS::Partition" | "AWS::Region" | "AWS::URLSuffix") {
                    *last += &format!("${{{name}}}");
                } else {
                    parts.push(String::new());
                }
            }
            rest = after;
        }
        if let Some(last) = parts.last_mut() {
            last.push_str(rest);
        }
        Self(parts)
    }

    fn fixed(&self) -> Option<&str> {
        match self.0.as_slice() {
            [text] => Some(text),
            _ => None,
        }
    }

    /// Whether both can be the same name.
    fn may_be(&self, other: &Self) -> bool {
        match (self.fixed(), other.fixed()) {
            (Some(a), Some(b)) => a == b,
            (None, Some(text)) => self.matches(text),
            (Some(text), None) => other.matches(text),
            (None, None) => true,
        }
    }

    fn matches(&self, text: &str) -> bool {
        let [first, middle @ .., last] = self.0.as_slice() else { return false };
        let Some(mut rest) = text.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str())) else {
            return false;
        };
        for part in middle {
            let Some((_, after)) = rest.split_once(part.as_str()) else { return false };
            rest = after;
        }
        true
    }

    fn shown(&self) -> String {
        self.0.join("…")
    }
}
