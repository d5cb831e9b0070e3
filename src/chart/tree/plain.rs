//! What a plain scalar means to Go's reader of YAML 1.1, as a value of a tree.

use super::{Node, Number};
use crate::chart::yaml::{Scalar, resolve};

/// The meaning of a plain scalar, by its text.
pub(super) fn plain(text: &str) -> Node {
    match resolve(text) {
        Scalar::Null => Node::Null,
        Scalar::Bool(it) => Node::Bool(it),
        Scalar::Int(it) => Node::Number(Number::Int(it)),
        Scalar::Unsigned(it) => Node::Number(Number::UInt(it)),
        Scalar::Float(it) => Node::Number(Number::Float(it)),
        // What begins as a date does stays a text.
        Scalar::Time(_) | Scalar::Merge | Scalar::Text => Node::Text(text.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_are_those_of_yaml_1_1() {
        let int = |number| Node::Number(Number::Int(number));
        let float = |number| Node::Number(Number::Float(number));
        for (text, expected) in [
            ("yes", Node::Bool(true)),
            ("off", Node::Bool(false)),
            ("y", Node::Bool(true)),
            ("~", Node::Null),
            ("0755", int(493)),
            ("0o17", int(15)),
            ("0x1F", int(31)),
            ("0b11", int(3)),
            ("1_000", int(1000)),
            ("-5", int(-5)),
            ("+5", int(5)),
            ("08", float(8.0)),
            ("1.30", float(1.3)),
            ("1e3", float(1000.0)),
            (".5", float(0.5)),
            ("5.", float(5.0)),
            ("18446744073709551615", Node::Number(Number::UInt(u64::MAX))),
            ("2024-01-02", Node::Text("2024-01-02".into())),
            ("1:30", Node::Text("1:30".into())),
            ("1.2.3", Node::Text("1.2.3".into())),
            ("0x", Node::Text("0x".into())),
            ("--", Node::Text("--".into())),
            ("100m", Node::Text("100m".into())),
            (".", Node::Text(".".into())),
        ] {
            assert_eq!(plain(text), expected, "{text}");
        }
    }
}
