//! Parameters: their types, and defaults that hold to what is allowed.

use regex_lite::Regex;

use super::{entries, is_list, is_map, is_null, must_be, plain, scalar, unknown_keys};
use crate::check::{Node, Report, View, rule};
use crate::finding::suggest::did_you_mean;

rule! {
    PARAMETER = Error "cfn/parameter";
    summary: "a parameter of a type that there is not, or with a default that it does not allow itself";
    explanation: "A parameter's `Type` is `String`, `Number`, `CommaDelimitedList`, `List<…>`, a type of AWS such as `AWS::EC2::VPC::Id`, or `AWS::SSM::Parameter::Value<…>`. Its `Default` is a text that is among `AllowedValues`, matches `AllowedPattern` and is within the lengths or numbers that it sets; otherwise CloudFormation refuses every stack that leaves the parameter out (docs.aws.amazon.com, \"CloudFormation template Parameters syntax\").";
    wrong: "
        Parameters: {Stage: {Type: String, Default: production, AllowedValues: [dev, prod]}}
        Resources:
          Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref Stage}}
    ";
    right: "
        Parameters: {Stage: {Type: String, Default: prod, AllowedValues: [dev, prod]}}
        Resources:
          Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref Stage}}
    ";
}

const KEYS: [&str; 11] = [
    "AllowedPattern",
    "AllowedValues",
    "ConstraintDescription",
    "Default",
    "Description",
    "MaxLength",
    "MaxValue",
    "MinLength",
    "MinValue",
    "NoEcho",
    "Type",
];
const PLAIN: [&str; 4] = ["String", "Number", "CommaDelimitedList", "AWS::SSM::Parameter::Name"];
/// Of which there are lists, too.
const OF_AWS: [&str; 10] = [
    "AWS::EC2::AvailabilityZone::Name",
    "AWS::EC2::Image::Id",
    "AWS::EC2::Instance::Id",
    "AWS::EC2::KeyPair::KeyName",
    "AWS::EC2::SecurityGroup::GroupName",
    "AWS::EC2::SecurityGroup::Id",
    "AWS::EC2::Subnet::Id",
    "AWS::EC2::VPC::Id",
    "AWS::EC2::Volume::Id",
    "AWS::Route53::HostedZone::Id",
];
/// The longest pattern that is tried.
const LONGEST: usize = 500;

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in plain(view) {
        for (name, parameter) in entries(template, "Parameters") {
            if is_null(&parameter) || name.starts_with("Fn::") {
                continue;
            }
            if !is_map(&parameter) {
                must_be(&PARAMETER, &format!("the parameter `{name}`"), "a map with `Type`", &parameter, report);
                continue;
            }
            judge(name, &parameter, report);
        }
    }
}

fn judge(name: &str, parameter: &Node<'_>, report: &mut Report) {
    unknown_keys(&PARAMETER, "a parameter", &KEYS, parameter, report);
    for (key, value) in parameter.entries() {
        let what = || format!("`{key}` of the parameter `{name}`");
        match key {
            _ if is_null(&value) => {}
            "AllowedValues" if !is_list(&value) => must_be(&PARAMETER, &what(), "a list", &value, report),
            "AllowedValues" => {
                for item in value.items().iter().filter(|item| scalar(item).is_none() && !is_null(item)) {
                    must_be(&PARAMETER, &format!("a value of {}", what()), "a text", item, report);
                }
            }
            "MinLength" | "MaxLength" | "MinValue" | "MaxValue" if number(&value).is_none() => {
                must_be(&PARAMETER, &what(), "a number", &value, report);
            }
            "NoEcho"
                if !matches!(scalar(&value).map(|it| it.to_ascii_lowercase()).as_deref(), Some("true" | "false")) =>
            {
                must_be(&PARAMETER, &what(), "`true` or `false`", &value, report);
            }
            _ if KEYS.contains(&key) && scalar(&value).is_none() && key != "AllowedValues" => {
                must_be(&PARAMETER, &what(), "a text", &value, report);
            }
            _ => {}
        }
    }
    let Some(kind) = parameter.get("Type") else {
        report.at(&PARAMETER, parameter, format!("the parameter `{name}` has no type")).help("add `Type`");
        return;
    };
    let Some(text) = kind.text() else { return };
    if !is_type(text) {
        let known = PLAIN.into_iter().chain(OF_AWS);
        let help = did_you_mean(text, known)
            .unwrap_or_else(|| "mostly it is `String`, `Number` or `CommaDelimitedList`".to_owned());
        report.at(&PARAMETER, &kind, format!("`{text}` is no type of a parameter")).help(help);
        return;
    }
    bounds(text, parameter, report);
    default(name, text, parameter, report);
}

/// CloudFormation takes more types behind `Value<…>` and `List<…>` than its documentation lists.
fn is_type(text: &str) -> bool {
    PLAIN.contains(&text)
        || OF_AWS.contains(&text)
        || (text.starts_with("List<") || text.starts_with("AWS::SSM::Parameter::Value<")) && {
            let inner = text.trim_end_matches('>').rsplit('<').next().unwrap_or_default();
            PLAIN.contains(&inner) || inner.starts_with("AWS::")
        }
}

/// Bounds that are for another type, or that leave nothing.
fn bounds(kind: &str, parameter: &Node<'_>, report: &mut Report) {
    let others: &[&str] = match kind {
        "Number" => &["AllowedPattern", "MinLength", "MaxLength"],
        "String" => &["MinValue", "MaxValue"],
        _ => &[],
    };
    for (key, value) in others.iter().filter_map(|key| Some((key, parameter.get(key)?))) {
        report
            .at(&PARAMETER, &value, format!("a parameter of type `{kind}` takes no `{key}`"))
            .about_key()
            .help("remove it");
    }
    for (least, most) in [("MinLength", "MaxLength"), ("MinValue", "MaxValue")] {
        let (Some(low), Some(high)) = (parameter.get(least), parameter.get(most)) else { continue };
        if matches!((number(&low), number(&high)), (Some(low), Some(high)) if low > high) {
            report
                .at(&PARAMETER, &high, format!("`{most}` is less than `{least}`"))
                .also(&low, "the least")
                .help("exchange them");
        }
    }
}

fn default(name: &str, kind: &str, parameter: &Node<'_>, report: &mut Report) {
    let Some(node) = parameter.get("Default") else { return };
    // Of what lies in a parameter of SSM the default is the name.
    // `N` and `1.20` are read as a boolean and a number, and mean a text.
    if node.text().is_none() && node.integer().is_none() {
        return;
    }
    let Some(text) = scalar(&node).filter(|_| !kind.starts_with("AWS::SSM::")) else { return };
    let is_list = kind == "CommaDelimitedList" || kind.starts_with("List<");
    let values: Vec<&str> = if is_list { text.split(',').map(str::trim).collect() } else { vec![&text] };
    let bound = |key: &str| parameter.get(key).as_ref().and_then(number);
    let allowed = parameter.get("AllowedValues").map(|list| list.items()).unwrap_or_default();
    let allowed: Vec<String> = allowed.iter().filter_map(scalar).collect();
    let pattern = parameter.get("AllowedPattern").and_then(|it| it.text()).filter(|it| it.len() <= LONGEST);
    // Other engines read more than this one.
    let pattern = pattern.filter(|_| kind != "Number").and_then(|pattern| Regex::new(pattern).ok());
    for value in values {
        let length = f64::from(u32::try_from(value.chars().count()).unwrap_or(u32::MAX));
        let is_allowed = allowed.iter().any(|option| option == value) || (is_list && allowed.contains(&text));
        let wrong = if !allowed.is_empty() && !is_allowed {
            let near = did_you_mean(value, allowed.iter().map(String::as_str));
            Some(("is not among `AllowedValues`", near))
        } else if pattern.as_ref().is_some_and(|pattern| !pattern.is_match(value)) {
            Some(("does not match `AllowedPattern`", None))
        } else if bound("MinLength").is_some_and(|least| length < least) && !is_list {
            Some(("is shorter than `MinLength`", None))
        } else if bound("MaxLength").is_some_and(|most| length > most) && !is_list {
            Some(("is longer than `MaxLength`", None))
        } else if matches!(kind, "Number" | "List<Number>") {
            match value.parse::<f64>() {
                Err(_) => Some(("is no number", None)),
                Ok(number) if bound("MinValue").is_some_and(|least| number < least) => {
                    Some(("is less than `MinValue`", None))
                }
                Ok(number) if bound("MaxValue").is_some_and(|most| number > most) => {
                    Some(("is more than `MaxValue`", None))
                }
                Ok(_) => None,
            }
        } else {
            None
        };
        if let Some((wrong, near)) = wrong {
            let draft =
                report.at(&PARAMETER, &node, format!("the default `{value}` of the parameter `{name}` {wrong}"));
            draft.help(near.unwrap_or_else(|| "choose one that is allowed, or allow it".to_owned()));
            return;
        }
    }
}

fn number(node: &Node<'_>) -> Option<f64> {
    scalar(node)?.trim().parse().ok().filter(|_| node.boolean().is_none())
}
