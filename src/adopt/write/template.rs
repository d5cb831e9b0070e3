//! Templates: plans as text.

use super::quote;
use crate::adopt::name::is_identifier;
use crate::adopt::plan::{Entry, Hole, Piece, Plan, When};
use crate::value::Value;
use crate::yaml::emit;

/// Writes the templates of one application.
pub(in crate::adopt) struct Writer<'a> {
    /// The key of the application's settings.
    pub(in crate::adopt) key: &'a str,
    pub(in crate::adopt) environments: &'a [std::sync::Arc<str>],
}

impl Writer<'_> {
    /// A setting as templates say it.
    pub(in crate::adopt) fn setting(&self, name: &[String]) -> String {
        let mut said = self.key.to_owned();
        for part in name {
            if is_identifier(part) {
                said.push('.');
                said.push_str(part);
            } else {
                said.push_str(&format!("[{part:?}]"));
            }
        }
        said
    }

    /// A whole template.
    pub(in crate::adopt) fn template(&self, plan: &Plan, conditions: &[String]) -> String {
        let mut text = String::new();
        if !conditions.is_empty() {
            text.push_str(&format!("{{#- platc\nwhen: {}\n-#}}\n", conditions.join(" and ")));
        }
        self.block(&mut text, plan, 0);
        text
    }

    /// What stands on lines of its own.
    fn block(&self, out: &mut String, plan: &Plan, indent: usize) {
        match plan {
            Plan::Map(entries) | Plan::List(entries) => {
                for entry in entries {
                    self.entry(out, entry, indent, false);
                }
            }
            Plan::Literal(Value::Map(entries)) if !entries.is_empty() => {
                for (key, value) in entries {
                    self.field(out, key, &Plan::Literal(value.clone()), indent, false);
                }
            }
            Plan::Literal(Value::List(items)) if !items.is_empty() => {
                for item in items {
                    self.item(out, &Plan::Literal(item.clone()), indent);
                }
            }
            Plan::Choice(choices) => self.choices(out, choices, indent, |out, value| {
                self.block(out, &Plan::Literal(value.clone()), indent);
            }),
            Plan::Literal(_) | Plan::File(_) | Plan::Hole(_) | Plan::Text(_) => {
                blanks(out, indent);
                let start = out.len();
                self.value(out, plan, indent);
                // The value begins behind a key elsewhere.
                if out[start..].starts_with(' ') {
                    out.remove(start);
                }
            }
        }
    }

    /// An entry with its condition around it.
    fn entry(&self, out: &mut String, entry: &Entry, indent: usize, is_begun: bool) {
        let condition = match &entry.when {
            When::Always => None,
            When::Set => set(&entry.plan).map(|hole| format!("{} is defined", self.setting(&hole.name))),
            When::Flag(hole) => Some(self.setting(&hole.name)),
        };
        if let Some(condition) = &condition {
            blanks(out, indent);
            out.push_str(&format!("{{% if {condition} %}}\n"));
        }
        match &entry.key {
            Some(key) => self.field(out, key, &entry.plan, indent, is_begun),
            None => self.item(out, &entry.plan, indent),
        }
        if condition.is_some() {
            blanks(out, indent);
            out.push_str("{% endif %}\n");
        }
    }

    fn field(&self, out: &mut String, key: &str, plan: &Plan, indent: usize, is_begun: bool) {
        if let Plan::Choice(choices) = plan {
            self.choices(out, choices, indent, |out, value| {
                self.field(out, key, &Plan::Literal(value.clone()), indent, false);
            });
            return;
        }
        if !is_begun {
            blanks(out, indent);
        }
        out.push_str(&quote::scalar(key));
        out.push(':');
        if is_block(plan) {
            out.push('\n');
            self.block(out, plan, indent + 2);
        } else {
            self.value(out, plan, indent + 2);
        }
    }

    fn item(&self, out: &mut String, plan: &Plan, indent: usize) {
        if let Plan::Choice(choices) = plan {
            self.choices(out, choices, indent, |out, value| self.item(out, &Plan::Literal(value.clone()), indent));
            return;
        }
        blanks(out, indent);
        out.push('-');
        match plan {
            Plan::Map(entries) => {
                // What is always there can begin on the line of the dash.
                let is_first =
                    |entry: &&Entry| matches!(entry.when, When::Always) && !matches!(entry.plan, Plan::Choice(_));
                let first = entries.iter().position(|entry| is_first(&entry));
                if let Some(first) = first {
                    out.push(' ');
                    self.entry(out, &entries[first], indent + 2, true);
                } else {
                    out.push('\n');
                }
                let rest = entries.iter().enumerate().filter(|(at, _)| Some(*at) != first);
                rest.for_each(|(_, entry)| self.entry(out, entry, indent + 2, false));
            }
            Plan::Literal(Value::Map(entries)) if !entries.is_empty() => {
                for (at, (key, value)) in entries.iter().enumerate() {
                    if at == 0 {
                        out.push(' ');
                    }
                    self.field(out, key, &Plan::Literal(value.clone()), indent + 2, at == 0);
                }
            }
            plan if is_block(plan) => {
                out.push('\n');
                self.block(out, plan, indent + 2);
            }
            plan => self.value(out, plan, indent + 2),
        }
    }

    /// What stands behind a key or a dash, with the line's end.
    fn value(&self, out: &mut String, plan: &Plan, indent: usize) {
        match plan {
            Plan::Hole(hole) => out.push_str(&format!(" {{{{ {} }}}}\n", self.setting(&hole.name))),
            Plan::File(path) => out.push_str(&format!(" {{{{ file({path:?}) }}}}\n")),
            Plan::Text(pieces) if is_long(pieces) => self.long(out, pieces, indent),
            Plan::Text(pieces) => out.push_str(&format!(" {}\n", quote::pieces(pieces, |name| self.setting(name)))),
            Plan::Literal(value) => literal(out, value, indent),
            Plan::Map(_) | Plan::List(_) | Plan::Choice(_) => {}
        }
    }

    /// A text of several lines with holes.
    fn long(&self, out: &mut String, pieces: &[Piece], indent: usize) {
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Literal(literal) => text.push_str(&quote::spelled(literal)),
                Piece::Hole(hole) => text.push_str(&format!("{{{{ {} }}}}", self.setting(&hole.name))),
                Piece::Environment { upper } => text.push_str(quote::environment(*upper)),
            }
        }
        block(out, &text, indent, false);
    }

    /// Something for each environment.
    fn choices(
        &self,
        out: &mut String,
        choices: &[(Vec<usize>, Option<Value>)],
        indent: usize,
        write: impl Fn(&mut String, &Value),
    ) {
        for (at, (environments, value)) in choices.iter().enumerate() {
            let names: Vec<String> = environments.iter().map(|at| format!("{:?}", self.environments[*at])).collect();
            let is_last = at > 0 && at + 1 == choices.len();
            blanks(out, indent);
            out.push_str(&match (at, &names[..]) {
                _ if is_last => "{% else %}\n".to_owned(),
                (0, [only]) => format!("{{% if platc.environment == {only} %}}\n"),
                (0, names) => format!("{{% if platc.environment in [{}] %}}\n", names.join(", ")),
                (_, names) => format!("{{% elif platc.environment in [{}] %}}\n", names.join(", ")),
            });
            if let Some(value) = value {
                write(out, value);
            }
        }
        blanks(out, indent);
        out.push_str("{% endif %}\n");
    }
}

/// The hole by which it is known whether a plan has a value.
fn set(plan: &Plan) -> Option<&Hole> {
    match plan {
        Plan::Hole(hole) => Some(hole),
        Plan::Map(entries) | Plan::List(entries) => entries.iter().find_map(|entry| set(&entry.plan)),
        Plan::Literal(_) | Plan::File(_) | Plan::Text(_) | Plan::Choice(_) => None,
    }
}

/// Whether a plan stands on lines of its own below its key.
fn is_block(plan: &Plan) -> bool {
    match plan {
        Plan::Map(_) | Plan::List(_) => true,
        Plan::Literal(Value::Map(entries)) => !entries.is_empty(),
        Plan::Literal(Value::List(items)) => !items.is_empty(),
        Plan::Literal(_) | Plan::File(_) | Plan::Hole(_) | Plan::Text(_) | Plan::Choice(_) => false,
    }
}

/// Whether a text has several lines that stand in a block as they are.
fn is_long(pieces: &[Piece]) -> bool {
    let text: String = pieces.iter().map(|piece| if let Piece::Literal(text) = piece { text } else { "x" }).collect();
    emit::is_block(&text)
}

/// A scalar, or an empty map or list.
fn literal(out: &mut String, value: &Value, indent: usize) {
    let written = emit::documents("", std::slice::from_ref(value));
    match value {
        Value::String(text) if written.starts_with('|') => block(out, text, indent, quote::has_braces(text)),
        Value::String(text) => out.push_str(&format!(" {}\n", quote::scalar(text))),
        _ => out.push_str(&format!(" {written}")),
    }
}

/// A text of several lines, as a block. What is in it is the engine's, unless it is `raw`.
fn block(out: &mut String, text: &str, indent: usize, is_raw: bool) {
    let spelled = if is_raw && text.contains("endraw") { Some(quote::spelled(text)) } else { None };
    let is_raw = is_raw && spelled.is_none();
    let text = spelled.as_deref().unwrap_or(text);
    let body = text.trim_end_matches('\n');
    let ends = text.len() - body.len();
    out.push_str([" |-\n", " |\n", " |+\n"][ends.min(2)]);
    let tag = |out: &mut String, word: &str| {
        blanks(out, indent);
        out.push_str(&format!("{{% {word} %}}\n"));
    };
    if is_raw {
        tag(out, "raw");
    }
    for line in body.split('\n') {
        if !line.is_empty() {
            blanks(out, indent);
            out.push_str(line);
        }
        out.push('\n');
    }
    if is_raw {
        tag(out, "endraw");
    }
    for _ in 1..ends {
        out.push('\n');
    }
}

fn blanks(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}
