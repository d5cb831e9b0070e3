//! The short tags of `CloudFormation`, `!Ref` and its like, and the long form that every YAML reader understands.

use std::sync::Arc;

use crate::finding::suggest;
use crate::value::Value;

/// A function of `CloudFormation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Intrinsic {
    long: &'static str,
}

/// From docs.aws.amazon.com, "Intrinsic function reference": each function that has a short form, and its long name;
/// those of "Condition functions for rules" are shown in their long form there, which is what is written out.
const TABLE: &[(&str, &str)] = &[
    ("!And", "Fn::And"),
    ("!Base64", "Fn::Base64"),
    ("!Cidr", "Fn::Cidr"),
    ("!Condition", "Condition"),
    ("!Contains", "Fn::Contains"),
    ("!EachMemberEquals", "Fn::EachMemberEquals"),
    ("!EachMemberIn", "Fn::EachMemberIn"),
    ("!Equals", "Fn::Equals"),
    ("!FindInMap", "Fn::FindInMap"),
    ("!GetAZs", "Fn::GetAZs"),
    ("!GetAtt", "Fn::GetAtt"),
    ("!If", "Fn::If"),
    ("!ImportValue", "Fn::ImportValue"),
    ("!Join", "Fn::Join"),
    ("!Length", "Fn::Length"),
    ("!Not", "Fn::Not"),
    ("!Or", "Fn::Or"),
    ("!Ref", "Ref"),
    ("!RefAll", "Fn::RefAll"),
    ("!Select", "Fn::Select"),
    ("!Split", "Fn::Split"),
    ("!Sub", "Fn::Sub"),
    ("!ToJsonString", "Fn::ToJsonString"),
    ("!Transform", "Fn::Transform"),
    ("!ValueOf", "Fn::ValueOf"),
    ("!ValueOfAll", "Fn::ValueOfAll"),
];

/// Functions that an empty text is right for: the region of the stack, no bytes, a text.
const EMPTY: &[&str] = &["Fn::GetAZs", "Fn::Base64", "Fn::Sub"];

impl Intrinsic {
    /// The function of a short tag.
    ///
    /// # Errors
    /// With a "did you mean", if one is near.
    pub(super) fn of_tag(tag: &str) -> Result<Self, Option<String>> {
        match TABLE.iter().find(|(short, _)| *short == tag) {
            Some((_, long)) => Ok(Self { long }),
            None => Err(suggest::did_you_mean(tag, TABLE.iter().map(|(short, _)| *short))),
        }
    }

    /// The long form.
    ///
    /// # Errors
    /// With the reason, for an argument that cannot be right.
    pub(super) fn apply(self, argument: Value) -> Result<Value, &'static str> {
        if argument == Value::Null {
            return Err("a function of CloudFormation cannot take null");
        }
        if argument == Value::String("".into()) && !EMPTY.contains(&self.long) {
            return Err("this function of CloudFormation stands without an argument");
        }
        let argument = if self.long == "Fn::GetAtt" { get_att(argument)? } else { argument };
        Ok(Value::Map(vec![(Arc::from(self.long), argument)]))
    }
}

/// `!GetAtt Resource.Attribute.Path` names a resource up to the first dot.
fn get_att(argument: Value) -> Result<Value, &'static str> {
    match argument {
        Value::String(text) => match text.split_once('.') {
            Some((resource, attribute)) if !resource.is_empty() && !attribute.is_empty() => {
                Ok(Value::List(vec![Value::String(resource.into()), Value::String(attribute.into())]))
            }
            _ => Err("`!GetAtt` wants a resource and an attribute: `Resource.Attribute`"),
        },
        Value::List(items) if items.len() == 2 => Ok(Value::List(items)),
        _ => Err("`!GetAtt` wants a resource and an attribute: `Resource.Attribute` or a list of both"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn long(tag: &str, argument: &str) -> Result<Value, &'static str> {
        Intrinsic::of_tag(tag).unwrap().apply(Value::String(argument.into()))
    }

    #[test]
    fn short_tags_become_long_functions() {
        let text = |text: &str| Value::String(text.into());
        let map = |key: &str, value| Value::Map(vec![(Arc::from(key), value)]);
        assert_eq!(long("!Ref", "Vpc"), Ok(map("Ref", text("Vpc"))));
        assert_eq!(long("!Sub", "${Vpc}-x"), Ok(map("Fn::Sub", text("${Vpc}-x"))));
        let pair = Value::List(vec![text("Db"), text("Endpoint.Address")]);
        assert_eq!(long("!GetAtt", "Db.Endpoint.Address"), Ok(map("Fn::GetAtt", pair)));
        assert!(long("!GetAtt", "Db").is_err());
        assert_eq!(long("!GetAZs", ""), Ok(map("Fn::GetAZs", text(""))));
        assert!(long("!Ref", "").is_err());
        assert!(Intrinsic::of_tag("!GetAZs").unwrap().apply(Value::Null).is_err());
        assert_eq!(Intrinsic::of_tag("!GetAttr"), Err(Some("did you mean `!GetAtt`?".to_owned())));
    }
}
