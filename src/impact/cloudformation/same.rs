//! Whether two values of a property are the same once a stack is deployed.

use std::net::Ipv4Addr;

use crate::value::Value;

/// As far as it is known before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Same {
    Yes,
    /// Only deployment knows.
    Perhaps,
    No,
}

impl Same {
    /// Of two things of which either may count.
    fn either(self, other: Self) -> Self {
        if self == other { self } else { Self::Perhaps }
    }
}

/// Compares what stood there with what stands there now. Where nothing stands, a default may say the same.
pub(crate) fn same(old: Option<&Value>, new: Option<&Value>) -> Same {
    match (old, new) {
        (None, None) => Same::Yes,
        (Some(old), Some(new)) => compare(old, new),
        (Some(it), None) | (None, Some(it)) if is_no_value(it) => Same::Yes,
        (Some(_), None) | (None, Some(_)) => Same::Perhaps,
    }
}

fn compare(old: &Value, new: &Value) -> Same {
    if old.is_same(new) {
        return Same::Yes;
    }
    let (old, new) = (plain(old), plain(new));
    if let (Some((condition, then, otherwise)), Some((other, other_then, other_otherwise))) = (choice(old), choice(new))
        && condition.is_same(other)
    {
        return compare(then, other_then).either(compare(otherwise, other_otherwise));
    }
    if let Some((_, then, otherwise)) = choice(new) {
        return compare(old, then).either(compare(old, otherwise));
    }
    if let Some((_, then, otherwise)) = choice(old) {
        return compare(then, new).either(compare(otherwise, new));
    }
    match (function(old), function(new)) {
        // Another function can say the same: `Ref: Vpc`, `Fn::GetAtt: [Vpc, VpcId]`.
        (Some(one), Some(other)) if one == other => Same::No,
        (Some(_), _) | (_, Some(_)) => Same::Perhaps,
        (None, None) => written_out(old, new),
    }
}

fn written_out(old: &Value, new: &Value) -> Same {
    match (old, new) {
        // Where types take several of something, their order means nothing.
        (Value::List(old), Value::List(new)) => {
            let lacks = |from: &[Value], other: &[Value]| -> Vec<Value> {
                from.iter().filter(|it| !other.iter().any(|there| compare(it, there) == Same::Yes)).cloned().collect()
            };
            let (gone, come) = (lacks(old, new), lacks(new, old));
            match (gone.len(), come.len()) {
                (0, 0) if old.len() == new.len() => Same::Yes,
                (a, b) if a == b => {
                    let may_be = |one: &Value| come.iter().any(|other| compare(one, other) == Same::Perhaps);
                    if !gone.is_empty() && gone.iter().all(may_be) { Same::Perhaps } else { Same::No }
                }
                _ => Same::No,
            }
        }
        (Value::Map(entries), Value::Map(others)) => {
            let keys = entries.iter().chain(others.iter()).map(|(key, _)| key);
            let each = keys.map(|key| match (old.get(key), new.get(key)) {
                (Some(old), Some(new)) => compare(old, new),
                _ => Same::No,
            });
            each.max().unwrap_or(Same::Yes)
        }
        _ => {
            if text(old).is_some() && text(old) == text(new) {
                Same::Yes
            } else {
                Same::No
            }
        }
    }
}

/// `Fn::Sub` of a text without variables is that text.
fn plain(value: &Value) -> &Value {
    match only_entry(value) {
        Some(("Fn::Sub", text)) if text.as_str().is_some_and(|text| !text.contains("${")) => text,
        _ => value,
    }
}

/// `'true'` and `true` are the same to `CloudFormation`, and so are `'20'` and 20.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

fn is_no_value(value: &Value) -> bool {
    only_entry(value).is_some_and(|(name, it)| name == "Ref" && it.as_str() == Some("AWS::NoValue"))
}

/// The condition and both values of `Fn::If`.
fn choice(value: &Value) -> Option<(&Value, &Value, &Value)> {
    match only_entry(value)? {
        ("Fn::If", Value::List(items)) => match items.as_slice() {
            [condition, then, otherwise] => Some((condition, then, otherwise)),
            _ => None,
        },
        _ => None,
    }
}

/// The name of the intrinsic function that a value is.
fn function(value: &Value) -> Option<&str> {
    let (name, _) = only_entry(value)?;
    (name == "Ref" || name.starts_with("Fn::")).then_some(name)
}

fn only_entry(value: &Value) -> Option<(&str, &Value)> {
    match value {
        Value::Map(entries) => match entries.as_slice() {
            [(name, value)] => Some((name, value)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether `CloudFormation` makes the same of both values of a property that it rewrites; nothing if that is not known.
pub(crate) fn same_rewritten(kind: &str, property: &str, [old, new]: [&Value; 2], of: Option<&str>) -> Option<bool> {
    // Ports mean nothing to other protocols.
    if matches!(property, "FromPort" | "ToPort") {
        return matches!(of, Some("tcp" | "udp" | "6" | "17")).then_some(false);
    }
    let (old, new) = (old.as_str()?, new.as_str()?);
    match (kind, property) {
        ("AWS::EC2::Subnet", "CidrBlock") => Some(network(old)? == network(new)?),
        ("AWS::Route53::HostedZone", "Name") => {
            let name = |text: &str| text.trim_end_matches('.').to_ascii_lowercase();
            Some(name(old) == name(new))
        }
        ("AWS::EC2::SecurityGroupIngress" | "AWS::EC2::SecurityGroupEgress", "IpProtocol") => {
            Some(protocol(old) == protocol(new))
        }
        _ => None,
    }
}

/// Without the bits behind the mask.
fn network(text: &str) -> Option<(u32, u32)> {
    let (address, length) = text.split_once('/')?;
    let (address, length): (Ipv4Addr, u32) = (address.parse().ok()?, length.parse().ok()?);
    let mask = u32::MAX.checked_shl(32_u32.checked_sub(length)?).unwrap_or(0);
    Some((u32::from(address) & mask, length))
}

fn protocol(text: &str) -> String {
    match text {
        "1" => "icmp".to_owned(),
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "58" => "icmpv6".to_owned(),
        other => other.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &serde_json::Value) -> Value {
        match json {
            serde_json::Value::Array(items) => Value::List(items.iter().map(read).collect()),
            serde_json::Value::Object(entries) => {
                Value::Map(entries.iter().map(|(key, it)| (key.as_str().into(), read(it))).collect())
            }
            serde_json::Value::Number(number) => Value::Number(crate::value::Number::Int(number.as_i64().unwrap())),
            other => Value::String(other.as_str().unwrap().into()),
        }
    }

    fn of(old: &str, new: &str) -> Same {
        let value = |text: &str| read(&serde_json::from_str(text).unwrap());
        compare(&value(old), &value(new))
    }

    #[test]
    fn what_deployment_makes_the_same_is_the_same() {
        assert_eq!(of("20", "\"20\""), Same::Yes);
        assert_eq!(of("[1, 2]", "[2, 1]"), Same::Yes);
        assert_eq!(of("\"a\"", "{\"Fn::Sub\": \"a\"}"), Same::Yes);
        assert_eq!(of("\"a\"", "\"b\""), Same::No);
        assert_eq!(of("{\"Ref\": \"A\"}", "{\"Ref\": \"B\"}"), Same::No);
    }

    #[test]
    fn what_only_deployment_knows_is_perhaps_the_same() {
        let choice = |then: &str, otherwise: &str| format!("{{\"Fn::If\": [\"Prod\", {then}, {otherwise}]}}");
        assert_eq!(of("\"a\"", &choice("\"a\"", "\"b\"")), Same::Perhaps);
        assert_eq!(of("\"a\"", &choice("\"b\"", "\"c\"")), Same::No);
        assert_eq!(of(&choice("\"a\"", "\"b\""), &choice("\"a\"", "\"c\"")), Same::Perhaps);
        assert_eq!(of(&choice("\"a\"", "\"b\""), &choice("\"a\"", "{\"Fn::Sub\": \"b\"}")), Same::Yes);
        assert_eq!(of("\"a\"", "{\"Ref\": \"A\"}"), Same::Perhaps);
    }

    #[test]
    fn what_is_rewritten_is_compared_as_it_will_be() {
        let of = |kind: &str, property: &str, old: &str, new: &str| {
            same_rewritten(kind, property, [&Value::String(old.into()), &Value::String(new.into())], None)
        };
        assert_eq!(of("AWS::EC2::Subnet", "CidrBlock", "10.0.0.0/24", "10.0.0.7/24"), Some(true));
        assert_eq!(of("AWS::EC2::Subnet", "CidrBlock", "10.0.0.0/24", "10.0.1.0/24"), Some(false));
        assert_eq!(of("AWS::Route53::HostedZone", "Name", "Example.org", "example.org."), Some(true));
        assert_eq!(of("AWS::EC2::SecurityGroupIngress", "IpProtocol", "6", "tcp"), Some(true));
        assert_eq!(of("AWS::S3::Bucket", "BucketName", "a", "b"), None);
    }
}
