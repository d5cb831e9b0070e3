//! What tables of fields are written in.

use crate::check::{Node, Report};

/// A part of an object: its fields, and what has to hold among them. Fields that are not listed are not judged. What the
/// published schemas require of an object as a whole is left to them.
pub(super) struct Part {
    pub(super) fields: &'static [(&'static str, Form)],
    pub(super) laws: &'static [Law],
}

/// What may stand in a field.
pub(super) enum Form {
    Text,
    Bool,
    /// A whole number within bounds.
    Number(i64, i64),
    /// One of these words; an empty one is as good as none.
    Word(&'static [&'static str]),
    /// A text of a form, and the form in words.
    Named(fn(&str) -> bool, &'static str),
    /// The number of a port, or its name.
    Port,
    /// A number, or a text that ends in `%`.
    Share,
    /// A list of texts.
    Texts,
    /// A list of these words.
    Words(&'static [&'static str]),
    /// A map of texts.
    TextMap,
    One(&'static Part),
    Many(&'static Part),
}

/// What has to hold among the fields of a part.
pub(super) enum Law {
    /// Each of these has to be there.
    Needs(&'static [&'static str]),
    /// Exactly one of these.
    OneOf(&'static [&'static str]),
    /// One of these, or none.
    AtMostOne(&'static [&'static str]),
    /// At least one of these.
    AnyOf(&'static [&'static str]),
    /// Where a field has one of these words, the others may not be there.
    Excludes(&'static str, &'static [&'static str], &'static [&'static str]),
    /// Where a field has none of these words, the others may not be there.
    Only(&'static str, &'static [&'static str], &'static [&'static str]),
    /// Where a field has one of these words, the others have to be there.
    Demands(&'static str, &'static [&'static str], &'static [&'static str]),
    /// No two items of a list, the first name, have the same of the second.
    Unique(&'static str, &'static str),
    /// What takes more than a row.
    Other(fn(&Node<'_>, &mut Report)),
}

/// Numbers that count something, as Kubernetes stores them.
pub(super) const COUNT: Form = Form::Number(0, MOST);
/// As [`COUNT`], and not none.
pub(super) const SOME: Form = Form::Number(1, MOST);
const MOST: i64 = i32::MAX as i64;
/// Ids of users and groups.
pub(super) const ID: Form = Form::Number(0, MOST);
/// 0 leaves it out.
pub(super) const PORT_NUMBER: Form = Form::Number(0, 65_535);
/// Permissions of files, `0777`.
pub(super) const MODE: Form = Form::Number(0, 0o777);
pub(super) const PROTOCOL: Form = Form::Word(&["TCP", "UDP", "SCTP"]);
