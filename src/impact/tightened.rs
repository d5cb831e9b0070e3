//! Policies that refuse already, and are changed: whether they may refuse more than they did.

use super::admission::is_enforced;
use super::differs::{Difference, innermost};
use super::object::Changed;
use crate::check::{Change, Consequence, Node, Report};

/// What decides nothing: words for people, and when and by whom a policy is asked.
const WORDS: [&str; 12] = [
    "auditAnnotations",
    "autogen",
    "background",
    "emitWarning",
    "evaluation",
    "failurePolicy",
    "message",
    "messageExpression",
    "reason",
    "useServerSideApply",
    "webhookConfiguration",
    "webhookTimeoutSeconds",
];

/// Below these a policy says what it is not about: an entry more is a thing less.
const EXCLUDING: [&str; 5] = ["exclude", "excludeResourceRules", "exceptions", "matchConditions", "preconditions"];

/// Says of a policy that refused and still does that it may refuse more; whether it may.
pub(super) fn changed(change: &Change<'_>, it: &Changed<'_, '_>, report: &mut Report) -> bool {
    let asks = matches!(
        it.new.kind,
        "ClusterPolicy"
            | "Policy"
            | "ValidatingPolicy"
            | "NamespacedValidatingPolicy"
            | "ImageValidatingPolicy"
            | "ValidatingAdmissionPolicy"
    );
    if !asks || !is_enforced(change.old(), it.old) || !is_enforced(change.new_tree(), it.new) {
        return false;
    }
    let spec = |of: Option<Node<'_>>| {
        of.is_some_and(|node| std::iter::once(node).chain(node.around()).any(|up| up.key() == Some("spec")))
    };
    let of_spec: Vec<Difference<'_>> =
        it.differences.iter().filter(|at| spec(at.new) || spec(at.old)).copied().collect();
    let text = it.new.root();
    let is_tighter = |at: &&Difference<'_>| innermost(&[**at]).iter().any(|at| !is_looser(at, &text));
    let Some(at) = of_spec.iter().find(is_tighter) else { return false };
    let message = format!("{} refuses already, and may refuse more from now on: {}", it.name(), it.listed());
    it.tell(change, Consequence::Blocks, at, message, report)
        .help("look at what it reports about (`kubectl get policyreports -A`) with this change, before it is deployed");
    true
}

/// Whether a difference can only make a policy refuse less, or nothing else than before.
fn is_looser(at: &Difference<'_>, policy: &Node<'_>) -> bool {
    let Some(node) = at.node() else { return true };
    let keys: Vec<&str> = std::iter::once(node).chain(node.around()).filter_map(|it| it.key()).collect();
    if keys.iter().any(|key| WORDS.contains(key)) {
        return true;
    }
    // What is worked out beforehand decides where it is asked for.
    if keys.contains(&"variables") && (at.old.is_none() || at.new.is_none()) {
        return true;
    }
    let excludes = keys.iter().any(|key| EXCLUDING.contains(key));
    let operator = || node.around().find_map(|it| it.text_at(["operator"]));
    match (at.old, at.new) {
        (None, _) => {
            excludes
                || (keys.first() == Some(&"values") || node.nearest_key() == Some("values"))
                    && operator() == Some("NotIn")
        }
        (Some(_), None) => {
            !excludes && keys.iter().any(|key| matches!(*key, "validations" | "rules" | "resourceRules"))
        }
        // A list of which something went, and nothing came.
        (Some(was), Some(now)) if now.items().len() < was.items().len() => {
            let is_selecting = keys.iter().any(|key| {
                matches!(
                    *key,
                    "validations" | "rules" | "resourceRules" | "operations" | "resources" | "kinds" | "namespaces"
                )
            });
            !excludes && (is_selecting || (keys.first() == Some(&"values") && operator() == Some("In")))
        }
        (Some(was), Some(now)) => was.text().zip(now.text()).is_some_and(|(was, now)| {
            node.key() == Some("expression")
                && takes_more(was, now, node.parent().and_then(|it| it.text_at(["name"])), policy)
        }),
    }
}

/// Whether an expression differs by a word more in a list of which one has to fit.
fn takes_more(was: &str, now: &str, variable: Option<&str>, policy: &Node<'_>) -> bool {
    let Some((before, added, after)) = added(was, now) else { return false };
    let in_list = before.rfind('[').is_some_and(|at| !before[at..].contains(']')) && after.contains(']');
    let words = added.trim_matches([',', ' ']);
    let is_words = !words.is_empty()
        && words.split(',').all(|word| {
            let word = word.trim();
            word.len() > 1
                && (word.starts_with('\'') && word.ends_with('\'') || word.starts_with('"') && word.ends_with('"'))
        });
    let fits_one = |list_ends: &str| list_ends.starts_with(".exists(");
    let is_asked = if let Some(name) = variable {
        let name = format!("variables.{name}");
        let mut expressions = policy.under("expression").filter_map(|it| it.text()).filter(|it| it.contains(&name));
        expressions.all(|it| {
            let mut parts = it.split(&name[..]);
            let first = parts.next().unwrap_or_default();
            let mut left = first;
            let mut is_it = !it.contains('!');
            for part in parts {
                is_it &= fits_one(part) || left.trim_end().ends_with(" in");
                left = part;
            }
            is_it
        })
    } else {
        let list = after.split_once(']').map(|(_, rest)| rest);
        let start = before.rfind('[').map(|at| &before[..at]);
        !now.contains('!') && (list.is_some_and(fits_one) || start.is_some_and(|it| it.trim_end().ends_with(" in")))
    };
    in_list && is_words && is_asked
}

/// What a text has more than another one, at one place, and what stands before and behind it.
fn added<'t>(was: &str, now: &'t str) -> Option<(&'t str, &'t str, &'t str)> {
    let start: usize = was.chars().zip(now.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let rest = was.get(start..)?;
    let end = now.len().checked_sub(rest.len()).filter(|end| *end > start && now.get(*end..) == Some(rest))?;
    // The quotes of a word that came before another one stand around both.
    let is_quote = |at: usize| matches!(now.as_bytes().get(at), Some(b'"' | b'\''));
    let is_shifted = !now[start..end].starts_with(',') && start > 0 && is_quote(start - 1) && is_quote(end - 1);
    let shift = usize::from(is_shifted);
    Some((&now[..start - shift], &now[start - shift..end - shift], &now[end - shift..]))
}

#[cfg(test)]
mod tests {
    use super::added;

    #[test]
    fn what_a_text_has_more() {
        assert_eq!(added("['a', 'b']", "['a', 'b', 'c']"), Some(("['a', 'b'", ", 'c'", "]")));
        assert_eq!(added("['a']", "['c', 'a']"), Some(("[", "'c', ", "'a']")));
        assert_eq!(added("['a', 'b']", "['a']"), None);
        assert_eq!(added("a", "b"), None);
    }
}
