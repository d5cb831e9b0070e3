//! The short tags of `CloudFormation`, `!Ref` and its like, and the long form that every YAML reader understands.

use std::sync::Arc;

use super::convert;
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

/// What a function takes. Of what is not here, nothing is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// A name or a text.
    Text,
    /// A name of this template, which holds no blank.
    Name,
    /// A text, or a list of a text and a map.
    TextOrPair,
    /// A list of so many.
    List(usize, usize),
}

/// From the same reference. In place of any of them may stand another function.
const TAKES: &[(&str, Takes)] = &[
    ("Condition", Takes::Name),
    ("Fn::And", Takes::List(1, 10)),
    ("Fn::Base64", Takes::Text),
    ("Fn::Cidr", Takes::List(2, 3)),
    ("Fn::Contains", Takes::List(2, 2)),
    ("Fn::EachMemberEquals", Takes::List(2, 2)),
    ("Fn::EachMemberIn", Takes::List(2, 2)),
    ("Fn::Equals", Takes::List(2, 2)),
    ("Fn::FindInMap", Takes::List(3, 4)),
    ("Fn::GetAZs", Takes::Text),
    ("Fn::If", Takes::List(3, 3)),
    ("Fn::ImportValue", Takes::Text),
    ("Fn::Join", Takes::List(2, 2)),
    ("Fn::Not", Takes::List(1, 1)),
    ("Fn::Or", Takes::List(1, 10)),
    ("Fn::RefAll", Takes::Text),
    ("Fn::Select", Takes::List(2, 2)),
    ("Fn::Split", Takes::List(2, 2)),
    ("Fn::Sub", Takes::TextOrPair),
    ("Fn::ValueOf", Takes::List(2, 2)),
    ("Fn::ValueOfAll", Takes::List(2, 2)),
    ("Ref", Takes::Name),
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

    /// Whether a plain scalar behind the tag is a text, whatever it looks like.
    pub(super) fn takes_text(self) -> bool {
        self.long == "Fn::GetAtt" || matches!(self.takes(), Some(Takes::Text | Takes::Name | Takes::TextOrPair))
    }

    fn takes(self) -> Option<Takes> {
        TAKES.iter().find(|(long, _)| *long == self.long).map(|(_, takes)| *takes)
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
        let argument = match (argument, self.takes_text()) {
            (argument @ (Value::Number(_) | Value::Bool(_)), true) => {
                convert::text(&argument).map_or(argument, Value::String)
            }
            (argument, _) => argument,
        };
        if let Some(takes) = self.takes() {
            takes.check(&argument)?;
        }
        let argument = if self.long == "Fn::GetAtt" { get_att(argument)? } else { argument };
        Ok(Value::Map(vec![(Arc::from(self.long), argument)]))
    }
}

impl Takes {
    fn check(self, argument: &Value) -> Result<(), &'static str> {
        if is_function(argument) {
            return Ok(());
        }
        match (self, argument) {
            (Self::Name, Value::String(text)) if text.contains(char::is_whitespace) => {
                Err("this function of CloudFormation takes a name, and a name holds no blank and no line break")
            }
            (Self::Text | Self::Name | Self::TextOrPair, Value::String(_)) => Ok(()),
            (Self::TextOrPair, Value::List(items)) => match &items[..] {
                [Value::String(_), Value::Map(_)] => Ok(()),
                _ => Err("as a list, `!Sub` wants a text and a map of its variables"),
            },
            (Self::Text | Self::Name, _) => Err("this function of CloudFormation takes a text"),
            (Self::TextOrPair, _) => Err("`!Sub` takes a text, or a list of a text and a map of its variables"),
            (Self::List(least, most), Value::List(items)) if (least..=most).contains(&items.len()) => Ok(()),
            (Self::List(1, 1), Value::List(_)) => Err("this function of CloudFormation takes a list of one"),
            (Self::List(2, 2), Value::List(_)) => Err("this function of CloudFormation takes a list of two"),
            (Self::List(3, 3), Value::List(_)) => Err("this function of CloudFormation takes a list of three"),
            (Self::List(2, 3), Value::List(_)) => Err("this function of CloudFormation takes a list of two or three"),
            (Self::List(3, 4), Value::List(_)) => Err("this function of CloudFormation takes a list of three or four"),
            (Self::List(..), Value::List(_)) => Err("this function of CloudFormation takes a list of one to ten"),
            (Self::List(..), _) => Err("this function of CloudFormation takes a list"),
        }
    }
}

/// Whether a value is a function in its long form, of which only CloudFormation knows what it gives.
fn is_function(value: &Value) -> bool {
    matches!(value, Value::Map(entries) if entries.iter().any(|(key, _)| &**key == "Ref" || key.starts_with("Fn::")))
}

/// `!GetAtt Resource.Attribute.Path` names a resource up to the first dot.
fn get_att(argument: Value) -> Result<Value, &'static str> {
    match argument {
        Value::String(text) if text.contains(char::is_whitespace) => {
            Err("`!GetAtt` wants a resource and an attribute, and neither holds a blank or a line break")
        }
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
        assert!(long("!GetAtt", "B.Arn\n").is_err());
        assert_eq!(Intrinsic::of_tag("!GetAttr"), Err(Some("did you mean `!GetAtt`?".to_owned())));
    }
}
