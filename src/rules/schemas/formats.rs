//! What a value names: the id of a subnet, the ARN of a role. As written, and as a reference gives it.

use serde_json::{Map, Value as Json};

use super::resource_types;
use super::rules::REFERENCE;
use super::scalar::list;
use super::walk::Walk;
use crate::check::{Node, cfn};

/// A format: its words, and one that has it.
struct Format {
    name: &'static str,
    words: &'static str,
    example: &'static str,
    is: fn(&str) -> bool,
}

static FORMATS: [Format; 14] = [
    Format {
        name: "ipv4",
        words: "an IPv4 address",
        example: "192.0.2.1",
        is: |text| text.parse::<std::net::Ipv4Addr>().is_ok(),
    },
    Format {
        name: "ipv6",
        words: "an IPv6 address",
        example: "2001:db8::1",
        is: |text| text.parse::<std::net::Ipv6Addr>().is_ok(),
    },
    Format {
        name: "AWS::EC2::VPC.Id",
        words: "the id of a VPC",
        example: "vpc-0123456789abcdef0",
        is: |text| is_id(text, "vpc-"),
    },
    Format {
        name: "AWS::EC2::Subnet.Id",
        words: "the id of a subnet",
        example: "subnet-0123456789abcdef0",
        is: |text| is_id(text, "subnet-"),
    },
    Format {
        name: "AWS::EC2::SecurityGroup.Id",
        words: "the id of a security group",
        example: "sg-0123456789abcdef0",
        is: |text| is_id(text, "sg-"),
    },
    Format {
        name: "AWS::EC2::Image.Id",
        words: "the id of an image",
        example: "ami-0123456789abcdef0",
        is: |text| is_id(text, "ami-"),
    },
    Format {
        name: "AWS::IAM::Role.Arn",
        words: "the ARN of a role",
        example: "arn:aws:iam::012345678901:role/name",
        is: |text| is_arn(text, "iam", &["role/"]),
    },
    Format {
        name: "AWS::KMS::Key.Arn",
        words: "the ARN of a key",
        example: "arn:aws:kms:eu-central-1:012345678901:key/01234567-89ab-cdef-0123-456789abcdef",
        is: |text| is_arn(text, "kms", &["key/", "alias/"]),
    },
    Format {
        name: "AWS::KMS::Key.Id",
        words: "the id of a key",
        example: "01234567-89ab-cdef-0123-456789abcdef",
        is: is_key,
    },
    Format {
        name: "AWS::KMS::Alias.AliasName",
        words: "the alias of a key",
        example: "alias/name",
        is: |text| {
            text.strip_prefix("alias/").is_some_and(|name| {
                !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":/_-".contains(&byte))
            })
        },
    },
    Format {
        name: "AWS::SNS::Topic.Arn",
        words: "the ARN of a topic",
        example: "arn:aws:sns:eu-central-1:012345678901:name",
        is: |text| is_arn(text, "sns", &[""]),
    },
    Format {
        name: "AWS::SQS::Queue.Arn",
        words: "the ARN of a queue",
        example: "arn:aws:sqs:eu-central-1:012345678901:name",
        is: |text| is_arn(text, "sqs", &[""]),
    },
    Format {
        name: "AWS::Lambda::Function.Arn",
        words: "the ARN of a function",
        example: "arn:aws:lambda:eu-central-1:012345678901:function:name",
        is: |text| is_arn(text, "lambda", &["function:"]),
    },
    Format {
        name: "AWS::ACM::Certificate.Arn",
        words: "the ARN of a certificate",
        example: "arn:aws:acm:eu-central-1:012345678901:certificate/01234567-89ab-cdef-0123-456789abcdef",
        is: |text| is_arn(text, "acm", &["certificate/"]),
    },
];

/// What a text should be, if it is none.
pub(super) fn unlike(format: &str, text: &str) -> Option<&'static str> {
    let format = FORMATS.iter().find(|known| known.name == format)?;
    (!(format.is)(text)).then_some(format.words)
}

/// A text of a format.
pub(super) fn example(format: &str) -> &'static str {
    FORMATS.iter().find(|known| known.name == format).map_or("", |known| known.example)
}

/// Eight or seventeen hexadecimal digits; images of the account's own region may have other letters.
fn is_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|id| matches!(id.len(), 8 | 17) && id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

fn is_key(text: &str) -> bool {
    text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') || text.starts_with("mrk-")
}

/// Placeholders and parts of other partitions are taken as they are.
fn is_arn(text: &str, service: &str, names: &[&str]) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, own, _, account, resource] = parts[..] else { return false };
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    partition.starts_with("aws")
        && own == service
        && is_account
        && names.iter().any(|name| resource.strip_prefix(name).is_some_and(|rest| !rest.is_empty()))
}

/// Types whose `Ref` is a name or an id, and not the ARN that the format asks for.
const NAMED: [(&str, &str); 4] = [
    ("AWS::IAM::Role", "AWS::IAM::Role.Arn"),
    ("AWS::Lambda::Function", "AWS::Lambda::Function.Arn"),
    ("AWS::KMS::Key", "AWS::KMS::Key.Arn"),
    ("AWS::SQS::Queue", "AWS::SQS::Queue.Arn"),
];

impl Walk<'_> {
    /// A reference to something of another kind than what the property names.
    pub(super) fn leads_to_kind(
        &mut self,
        words: &Map<String, Json>,
        node: &Node<'_>,
        function: &str,
        argument: &Node<'_>,
    ) {
        let one = words.get("format").and_then(Json::as_str);
        let several = ["anyOf", "oneOf"].into_iter().flat_map(|word| list(words.get(word)));
        let wanted: Vec<&str> = one.into_iter().chain(several.filter_map(|it| it["format"].as_str())).collect();
        let known = |format: &&str| FORMATS.iter().any(|known| known.name == *format);
        if wanted.is_empty() || !wanted.iter().all(known) {
            return;
        }
        let Some((resource, given)) = self.given(function, argument) else { return };
        let is_named = NAMED.iter().any(|(kind, format)| *kind == resource.kind && wanted == [*format]);
        let is_other = match given {
            Some(given) => !wanted.contains(&given) && FORMATS.iter().any(|known| known.name == given),
            // Of the id of another type nothing else can be made.
            None => function == "Ref" && (is_named || wanted.iter().all(|format| is_other_id(format, resource.kind))),
        };
        if !is_other {
            return;
        }
        let words: Vec<_> =
            FORMATS.iter().filter(|known| wanted.contains(&known.name)).map(|known| known.words).collect();
        let what = if function == "Ref" { "`Ref`" } else { "this attribute" };
        let message = format!("{} must be {}", self.name(&node.path()), words.join(" or "));
        let label = format!("{what} of a `{}` is something else", resource.kind);
        let id = resource.id;
        let help =
            if is_named { format!("write `!GetAtt {id}.Arn`") } else { format!("refer to {}", words.join(" or ")) };
        self.say(&REFERENCE, argument.place(), message, label, Some(help));
    }

    /// The resource that a reference leads to, and the format of what it gives, if the table says.
    fn given<'n>(&self, function: &str, argument: &'n Node<'_>) -> Option<(cfn::Resource<'_>, Option<&'static str>)>
    where
        Self: 'n,
    {
        let items = argument.items();
        let (id, attribute) = match (function, argument.text(), &items[..]) {
            ("Ref", Some(id), _) => (id, None),
            ("Fn::GetAtt", Some(text), _) => text.split_once('.').map(|(id, attribute)| (id, Some(attribute)))?,
            ("Fn::GetAtt", None, [id, attribute]) => (id.text()?, Some(attribute.text()?)),
            _ => return None,
        };
        let resource = self.template.resource(id)?.clone();
        let definition = resource_types::definition(resource.kind)?;
        let property = attribute.or_else(|| definition["x-aws-id"].as_str())?;
        let format = property.split('.').try_fold(definition, |at, step| {
            let at = at["$ref"].as_str().map_or(Some(at), resource_types::target)?;
            at["properties"].get(step)
        });
        let format = format.and_then(|at| at["$ref"].as_str().map_or(Some(at), resource_types::target));
        Some((resource, format.and_then(|at| at["format"].as_str())))
    }
}

/// Whether a format is the id of a type, and that is not this one. A group may be named by its name.
fn is_other_id(format: &str, kind: &str) -> bool {
    format.strip_suffix(".Id").is_some_and(|of| of.starts_with("AWS::EC2::") && of != kind && kind.starts_with("AWS::"))
}
