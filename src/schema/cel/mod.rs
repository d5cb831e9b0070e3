//! Rules across fields: `x-kubernetes-validations`, in CEL with Kubernetes' libraries.

use std::sync::Arc;

use crate::source::Span;
use crate::yaml::{Content, Node, Style};

/// A rule as written.
#[derive(Clone, Debug, Default)]
pub(super) struct RuleSource {
    pub(super) rule: Option<Text>,
    pub(super) message: Option<Text>,
    pub(super) message_expression: Option<Text>,
    pub(super) field_path: Option<Text>,
    pub(super) optional_old_self: bool,
}

/// A text of a schema file and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) text: Arc<str>,
    pub(super) span: Span,
    pub(super) style: Style,
}

impl RuleSource {
    pub(super) const WORDS: [&'static str; 6] =
        ["rule", "message", "messageExpression", "fieldPath", "reason", "optionalOldSelf"];

    /// Takes one word of a rule; false if there is no such word.
    pub(super) fn set(&mut self, word: &str, text: Arc<str>, node: &Node) -> bool {
        let style = match node.content {
            Content::Scalar { style, .. } => style,
            Content::List(_) | Content::Map(_) => Style::Plain,
        };
        let text = Text { text, span: node.span, style };
        match word {
            "rule" => self.rule = Some(text),
            "message" => self.message = Some(text),
            "messageExpression" => self.message_expression = Some(text),
            "fieldPath" => self.field_path = Some(text),
            "optionalOldSelf" => self.optional_old_self = &*text.text == "true",
            "reason" => {}
            _ => return false,
        }
        true
    }
}
