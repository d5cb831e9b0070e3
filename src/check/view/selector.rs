//! Selectors of labels: `matchLabels` and `matchExpressions`.

use super::Node;

/// What is known of the label that a selector asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label<'a> {
    Is(&'a str),
    Absent,
    Unknown,
}

impl<'a> Label<'a> {
    /// The value under a key, if it is there.
    pub fn of(node: Option<Node<'a>>) -> Self {
        match node {
            Some(node) => node.text().map_or(Self::Unknown, Self::Is),
            None => Self::Absent,
        }
    }

    fn holds(self, operator: &str, values: &[Node<'_>]) -> Option<bool> {
        let is_listed = |own: &str| values.iter().any(|value| value.text() == Some(own));
        match (operator, self) {
            (_, Self::Unknown) => None,
            ("In", Self::Is(own)) => Some(is_listed(own)),
            ("NotIn", Self::Is(own)) => Some(!is_listed(own)),
            ("Exists", _) => Some(self != Self::Absent),
            ("DoesNotExist", _) => Some(self == Self::Absent),
            ("In", Self::Absent) => Some(false),
            ("NotIn", Self::Absent) => Some(true),
            _ => None,
        }
    }
}

/// Whether a selector selects what has these labels, if that is known.
pub fn selects<'l>(selector: &Node<'_>, label: impl Fn(&str) -> Label<'l>) -> Option<bool> {
    let mut known = Some(true);
    let labels = selector.get("matchLabels").map(|labels| labels.entries()).unwrap_or_default();
    let labels = labels.into_iter().map(|(key, value)| label(key).holds("In", &[value]));
    let expressions = selector.list(["matchExpressions"]);
    let expressions =
        expressions.iter().map(|it| label(it.text_at(["key"])?).holds(it.text_at(["operator"])?, &it.list(["values"])));
    for holds in labels.chain(expressions) {
        match holds {
            Some(false) => return Some(false),
            Some(true) => {}
            None => known = None,
        }
    }
    known
}
