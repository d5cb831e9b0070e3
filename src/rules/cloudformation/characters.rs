//! Texts with characters that a service refuses: descriptions and tags.

use super::written;
use crate::check::cfn::{Resource, Template};
use crate::check::{Node, Report, View, rule};

rule! {
    CHARACTERS = Error "cfn/characters";
    summary: "a description or a tag with a character that its service refuses";
    explanation: "Some services take only some characters in texts that look free: EC2 in the descriptions of security groups and their rules (no `'`, no `—`), IAM in those of roles, WAF in those of its lists, and several in the keys and values of tags. The stack fails when the resource is made. Judged by the patterns that the services publish with their APIs and resource schemas; what a function puts in is not judged.";
    wrong: "
        Resources:
          Web:
            Type: AWS::EC2::SecurityGroup
            Properties: {GroupDescription: 'the load balancer''s', VpcId: vpc-0123456789abcdef1}
    ";
    right: "
        Resources:
          Web:
            Type: AWS::EC2::SecurityGroup
            Properties: {GroupDescription: 'of the load balancer', VpcId: vpc-0123456789abcdef1}
    ";
}

/// What a text may be made of.
struct Set {
    has: fn(char) -> bool,
    /// The same in words.
    words: &'static str,
}

/// `^([a-z,A-Z,0-9,. _\-:/()#,@[\]+=&;\{\}!$*])*$`: the resource schema of `AWS::EC2::SecurityGroup`; for rules
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html>.
static EC2_DESCRIPTION: Set = Set {
    has: |letter| letter.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(letter),
    words: "only letters of ASCII, digits, spaces and `._-:/()#,@[]+=&;{}!$*`",
};

/// `^[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*$`: the resource schema of `AWS::IAM::Role`.
static IAM_DESCRIPTION: Set = Set {
    has: |letter| matches!(letter, '\t' | '\n' | '\r' | ' '..='~' | '\u{a1}'..='\u{ff}'),
    words: "only characters of ASCII and Latin-1",
};

/// `^[a-zA-Z0-9=:#@/\-,.][a-zA-Z0-9+=:#@/\-,.\s]+…`: the resource schema of `AWS::WAFv2::WebACL`; the API has `\w` there.
static WAF_DESCRIPTION: Set = Set {
    has: |letter| letter.is_ascii_alphanumeric() || letter.is_whitespace() || "_+=:#@/-,.".contains(letter),
    words: "only letters of ASCII, digits, spaces and `_+=:#@/-,.`",
};

/// `[\p{L}\p{Z}\p{N}_.:/=+\-@]*`: keys and values of tags.
static TAG: Set = Set { has: is_of_tag, words: "only letters, digits, spaces and `_.:/=+-@`" };

/// `[\p{L}\p{Z}\p{N}_.:\/=+\-@%]*`.
static TAG_OF_FIREHOSE: Set =
    Set { has: |letter| letter == '%' || is_of_tag(letter), words: "only letters, digits, spaces and `_.:/=+-@%`" };

/// A little more than the pattern has: marks of scripts that compose letters of several characters.
fn is_of_tag(letter: char) -> bool {
    let is_space = letter.is_whitespace() && !letter.is_control();
    letter.is_alphanumeric() || is_space || "_.:/=+-@".contains(letter)
}

/// Texts by type and property; `[]` stands for the items of a list.
static TEXTS: [(&str, &str, &Set); 10] = [
    ("AWS::EC2::SecurityGroup", "GroupDescription", &EC2_DESCRIPTION),
    ("AWS::EC2::SecurityGroup", "SecurityGroupIngress.[].Description", &EC2_DESCRIPTION),
    ("AWS::EC2::SecurityGroup", "SecurityGroupEgress.[].Description", &EC2_DESCRIPTION),
    ("AWS::EC2::SecurityGroupIngress", "Description", &EC2_DESCRIPTION),
    ("AWS::EC2::SecurityGroupEgress", "Description", &EC2_DESCRIPTION),
    ("AWS::IAM::Role", "Description", &IAM_DESCRIPTION),
    ("AWS::WAFv2::IPSet", "Description", &WAF_DESCRIPTION),
    ("AWS::WAFv2::RegexPatternSet", "Description", &WAF_DESCRIPTION),
    ("AWS::WAFv2::RuleGroup", "Description", &WAF_DESCRIPTION),
    ("AWS::WAFv2::WebACL", "Description", &WAF_DESCRIPTION),
];

/// Services whose API gives tags a pattern: the models of botocore 1.43.11 (Apache-2.0) on 2026-11-29, and for ECR
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-using-tags.html>. EC2 takes any character.
static TAGS: [(&str, &Set); 10] = [
    ("AWS::APS::", &TAG),
    ("AWS::CertificateManager::", &TAG),
    ("AWS::ECR::", &TAG),
    ("AWS::EFS::", &TAG),
    ("AWS::ElasticLoadBalancingV2::", &TAG),
    ("AWS::IAM::", &TAG),
    ("AWS::KinesisFirehose::", &TAG_OF_FIREHOSE),
    ("AWS::Logs::", &TAG),
    ("AWS::SSM::", &TAG),
    ("AWS::WAFv2::", &TAG),
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for resource in view.templates().iter().flat_map(Template::resources) {
        for (_, path, set) in TEXTS.iter().filter(|(kind, ..)| *kind == resource.kind) {
            let Some(properties) = resource.properties() else { continue };
            for node in along(&properties, path) {
                judge(resource, "description", &node, set, report);
            }
        }
        if let Some((_, set)) = TAGS.iter().find(|(service, _)| resource.kind.starts_with(service)) {
            tags(resource, set, report);
        }
    }
}

/// All values at the end of a path.
fn along<'a>(node: &Node<'a>, path: &str) -> Vec<Node<'a>> {
    path.split('.').fold(vec![*node], |nodes, step| match step {
        "[]" => nodes.iter().flat_map(Node::items).collect(),
        key => nodes.iter().filter_map(|node| node.get(key)).collect(),
    })
}

/// A list of `Key` and `Value`, or a map.
fn tags(resource: &Resource<'_>, set: &Set, report: &mut Report) {
    for name in ["Tags", "FileSystemTags", "AccessPointTags"] {
        let Some(tags) = resource.property(name) else { continue };
        for item in tags.items() {
            for (part, what) in [("Key", "key of a tag"), ("Value", "value of a tag")] {
                if let Some(node) = item.get(part) {
                    judge(resource, what, &node, set, report);
                }
            }
        }
        for (_, value) in tags.entries().into_iter().filter(|(key, _)| !key.starts_with("Fn::") && *key != "Ref") {
            judge(resource, "value of a tag", &value, set, report);
        }
    }
}

fn judge(resource: &Resource<'_>, what: &str, node: &Node<'_>, set: &Set, report: &mut Report) {
    let Some(node) = written(node) else { return };
    let Some(text) = node.text().filter(|text| !text.contains("{{")) else { return };
    let Some(letter) = without_variables(text).chars().find(|letter| !(set.has)(*letter)) else { return };
    let kind = resource.kind;
    report
        .at(&CHARACTERS, &node, format!("`{kind}` refuses {} in the {what}", shown(letter)))
        .label(set.words)
        .help("write it without this character");
}

/// A text of `Fn::Sub` without what is filled in; other texts hold no `${…}` that these services take.
fn without_variables(text: &str) -> String {
    let mut parts = text.split("${");
    let mut left = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        left.push_str(part.split_once('}').map_or(part, |(_, after)| after));
    }
    left
}

fn shown(letter: char) -> String {
    if letter.is_control() { format!("the character U+{:04X}", u32::from(letter)) } else { format!("`{letter}`") }
}

#[cfg(test)]
mod tests {
    use super::{EC2_DESCRIPTION, IAM_DESCRIPTION, TAG, WAF_DESCRIPTION, without_variables};

    #[test]
    fn characters_are_those_of_the_patterns() {
        let all = |set: &super::Set, text: &str| text.chars().all(set.has);
        assert!(all(&EC2_DESCRIPTION, "Web 80/443 (a-b), #1 [x] {y} a@b=c&d;e!$*"));
        for text in ["a — b", "the ALB's", "a\"b", "a?b", "a%b", "é", "a\nb", "<b>", "a|b"] {
            assert!(!all(&EC2_DESCRIPTION, text), "{text}");
        }
        assert!(all(&IAM_DESCRIPTION, "of é, \"quoted\", it's\n") && !all(&IAM_DESCRIPTION, "a — b"));
        assert!(all(&WAF_DESCRIPTION, "office, 1:2 a/b") && !all(&WAF_DESCRIPTION, "office (Bonn)"));
        assert!(all(&TAG, "größe 1_2.3:4/5=6+7-8@9") && !all(&TAG, "a,b") && !all(&TAG, "a(b"));
    }

    #[test]
    fn variables_are_left_out() {
        assert_eq!(without_variables("a ${AWS::Region} b${X}"), "a  b");
        assert_eq!(without_variables("a $b {c}"), "a $b {c}");
    }
}
