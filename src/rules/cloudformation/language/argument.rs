//! Whether an argument of a function is what the table says.

use super::table::Argument;
use super::{function, is_list, is_null, scalar};
use crate::check::Node;

/// What is wrong with an argument, and where.
pub(super) struct Wrong<'a> {
    pub(super) node: Node<'a>,
    pub(super) message: String,
}

/// `of`: the function that it is an argument of.
pub(super) fn judge<'a>(of: &str, argument: &Argument, node: &Node<'a>) -> Option<Wrong<'a>> {
    // Nulls are told elsewhere, and so is a function that there is not.
    if is_null(node) {
        return None;
    }
    let wrong = |message: String| Some(Wrong { node: *node, message });
    let inner = function(node);
    if let Some((name, _)) = inner
        && !matches!(argument, Argument::Any | Argument::Map(_))
    {
        let (Argument::Text(taken) | Argument::Number(_, _, taken) | Argument::List(taken, _) | Argument::Only(taken)) =
            argument
        else {
            return None;
        };
        let is_known = super::table::FUNCTIONS.iter().any(|known| known.name == name) || name == "Condition";
        if taken.contains(&name)
            || !is_known
            || matches!(name, "Fn::Transform" | "Fn::GetStackOutput")
            || name.starts_with("Rain::")
        {
            return None;
        }
        return wrong(format!("`{name}` cannot stand in `{of}` here"));
    }
    match argument {
        Argument::Text(_) if scalar(node).is_none() => wrong(format!("`{of}` wants a text here")),
        Argument::Number(least, most, _) => {
            let number = scalar(node).and_then(|text| text.trim().parse::<i64>().ok());
            if number.is_some_and(|number| (*least..=*most).contains(&number)) {
                return None;
            }
            wrong(match *most {
                i64::MAX => format!("`{of}` wants a whole number from {least} here"),
                most => format!("`{of}` wants a whole number from {least} to {most} here"),
            })
        }
        Argument::List(_, _) if !is_list(node) => wrong(format!("`{of}` wants a list here")),
        Argument::List(_, each) => node.items().iter().find_map(|item| judge(of, each, item)),
        Argument::Only(taken) => wrong(format!("`{of}` wants one of `{}` here", taken.join("`, `"))),
        Argument::Map(taken) => {
            if !super::is_map(node) || inner.is_some() {
                return wrong(format!("`{of}` wants a map of names and values here"));
            }
            let each = Argument::Text(taken);
            node.entries().iter().find_map(|(_, value)| judge(of, &each, value))
        }
        Argument::Text(_) | Argument::Any => None,
    }
}
