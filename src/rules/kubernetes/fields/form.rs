//! What tables of fields are written in.

use crate::check::{Node, Report};
use crate::rules::kubernetes::words;

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
    /// The number of a port, or its name; the least number.
    Port(i64),
    /// A number, or a text that ends in `%`.
    Share,
    /// Any quantity.
    Quantity,
    /// A quantity that is not negative.
    Amount,
    /// As [`Form::Amount`], and not none.
    SomeAmount,
    /// The address of a machine, `10.0.0.1`.
    Address,
    /// A network, `10.0.0.0/8`.
    Network,
    /// What another form is; an empty text is not as good as none.
    Told(&'static Form),
    /// A list of what another form is.
    List(&'static Form),
    /// A map of what another form is.
    MapOf(&'static Form),
    /// `true`, `false`, or what another form is.
    OrBool(&'static Form),
    /// A list of texts.
    Texts,
    /// A list of these words.
    Words(&'static [&'static str]),
    /// A map of texts.
    TextMap,
    /// A map of labels, which no other rule judges.
    Labels,
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
    /// Where the first is there, the others have to be.
    With(&'static str, &'static [&'static str]),
    /// No two items of a list, the first name, have the same of the second.
    Unique(&'static str, &'static str),
    /// No two texts or numbers of a list are the same.
    Once(&'static str),
    /// At most so many items in a list.
    AtMost(&'static str, usize),
    /// A list that is there has items.
    Filled(&'static str),
    /// The first number is not greater than the second.
    Ordered(&'static str, &'static str),
    /// A field that may not be there, and why.
    Never(&'static str, &'static str),
    /// All of these.
    All(&'static [Law]),
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
pub(super) const PROTOCOL: Form = Form::Told(&Form::Word(&["TCP", "UDP", "SCTP"]));

/// What names are made of, and how it is said.
pub(super) const DNS_LABEL: Form = Form::Named(
    words::is_dns_label,
    "lower-case letters, digits and `-`, at most 63, with a letter or digit at both ends",
);
pub(super) const DOMAIN: Form = Form::Named(
    words::is_subdomain,
    "lower-case letters, digits, `-` and `.`, at most 253, with a letter or digit at both ends of each part",
);
/// The name of a label, a condition, a gate.
pub(super) const QUALIFIED: Form = Form::Named(words::is_qualified, "a name such as `team` or `example.com/team`");
pub(super) const LABEL_VALUE: Form = Form::Named(
    words::is_label_value,
    "letters, digits, `-`, `_` and `.`, at most 63, with a letter or digit at both ends",
);
/// The key of a `ConfigMap` or a `Secret`.
pub(super) const DATA_KEY: Form =
    Form::Named(words::is_data_key, "letters, digits, `-`, `_` and `.`, at most 253, and no `..` in front");
/// A name that is part of a URL's path.
pub(super) const SEGMENT: Form = Form::Named(words::is_segment, "a name without `/` and `%`, and not `.` or `..`");
pub(super) const BELOW: Form = Form::Named(words::stays_below, "a path that does not begin with `/` and has no `..`");
/// As [`BELOW`], and not beginning with two points in any way.
pub(super) const FILE_BELOW: Form =
    Form::Named(words::is_file_below, "a path that begins neither with `/` nor with `..`, and has no `..`");
pub(super) const NO_STEPS_BACK: Form = Form::Named(words::has_no_steps_back, "a path without `..`");
