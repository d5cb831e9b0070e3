//! Values that another tool would have to turn into something else, and nobody does: what SOPS encrypted, references that
//! vals follows, and a template's expressions in a layer, which is no template.

use std::sync::Arc;

use super::{Content, Tree};
use crate::finding::codes::{hygiene, merge};
use crate::finding::{Finding, suggest};
use crate::source::Span;

/// How a text begins and ends that SOPS has encrypted.
const ENCRYPTED: (&str, &str) = ("ENC[AES256_GCM,", "]");

/// Texts that are longer hold documents of others.
const LONGEST: usize = 200;

/// Keys whose texts have braces of their own, with the names of labels between them.
const LEGENDS: [&str; 3] = ["legend", "legendFormat", "legend_format"];

/// What to say of the values of an environment. `told`: places of which something is said already, keys and values.
pub fn findings(root: &Arc<Tree>, told: &[Span]) -> Vec<Finding> {
    let mut found = Found::default();
    let is_told = |tree: &Tree| tree.origin.key.iter().chain([&tree.origin.value]).any(|place| told.contains(place));
    let mut open: Vec<(&str, &Tree)> = vec![("", root)];
    while let Some((key, tree)) = open.pop() {
        match &tree.content {
            Content::String(text) if text.len() > 4 && !is_told(tree) => found.text(key, text, tree.origin.value, root),
            Content::Map(entries) => open.extend(entries.iter().map(|(key, value)| (&**key, &**value))),
            Content::List(items) => open.extend(items.iter().map(|item| (key, &**item))),
            _ => {}
        }
    }
    let encrypted = found.encrypted();
    encrypted.into_iter().chain(found.others).collect()
}

#[derive(Default)]
struct Found<'t> {
    encrypted: Vec<(&'t str, Span)>,
    others: Vec<Finding>,
}

impl<'t> Found<'t> {
    fn text(&mut self, key: &'t str, text: &str, at: Span, root: &Tree) {
        let trimmed = text.trim_end();
        if trimmed.starts_with(ENCRYPTED.0) && trimmed.ends_with(ENCRYPTED.1) {
            self.encrypted.push((key, at));
        } else if let Some(form) = reference(text) {
            let message = format!("`{form}…` is not followed: platc looks nothing up");
            let finding = Finding::new(&merge::UNRESOLVED, at, message);
            self.others.push(finding.label("this text itself is what templates get").help(
                "name a secret by where it is, and let External Secrets bring it into the cluster; if `vals` reads what is \
                 rendered, acknowledge this",
            ));
        } else if text.len() <= LONGEST
            && !text.contains('\n')
            && !LEGENDS.contains(&key)
            && let Some(name) = between_braces(text).find(|name| is_setting(name, root))
        {
            let message = format!("`{{{{ {name} }}}}` in a value is not filled in: a layer is no template");
            let finding = Finding::new(&hygiene::BRACES, at, message);
            self.others.push(finding.label("the braces are deployed").help(format!(
                "write the value here, or `{{{{ {name} }}}}` in the template that reads this; if another tool fills it in, \
                 acknowledge this"
            )));
        }
    }

    /// One finding for all that is encrypted, at what comes first.
    fn encrypted(&mut self) -> Option<Finding> {
        self.encrypted.sort_by_key(|(_, at)| (at.file, at.start));
        let (_, first) = *self.encrypted.first()?;
        let mut keys: Vec<String> = self.encrypted.iter().map(|(key, _)| format!("`{key}`")).collect();
        keys.dedup();
        let more = keys.len().saturating_sub(3);
        keys.truncate(3);
        if more > 0 {
            keys.push(format!("{more} more"));
        }
        let verb = if keys.len() == 1 { "is" } else { "are" };
        let message = format!("{} {verb} encrypted by SOPS, and platc decrypts nothing", suggest::and(&keys));
        let finding = Finding::new(&merge::ENCRYPTED, first, message);
        Some(finding.label("this text itself would be deployed").help(WITHOUT_SOPS))
    }
}

/// What to do instead.
pub(super) const WITHOUT_SOPS: &str = "keep secrets out of layers: name where a secret is, and let External Secrets bring it \
                                       into the cluster; a manifest that SOPS encrypted as a whole can be copied as it lies";

/// `ref+vault://` of a text that vals would follow.
fn reference(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("ref+").or_else(|| text.strip_prefix("secretref+"))?;
    let (scheme, _) = rest.split_once("://")?;
    let is_scheme = !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    is_scheme.then(|| &text[..text.len() - rest.len() + scheme.len() + 3])
}

/// What stands between two braces each, without blanks.
fn between_braces(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split("{{").skip(1);
    parts.filter_map(|part| part.split_once("}}")).map(|(inner, _)| inner.trim_matches(['-', '+']).trim())
}

/// Whether a name is that of a value of the environment, or of what templates know of it.
fn is_setting(name: &str, root: &Tree) -> bool {
    if name == "platc.environment" {
        return true;
    }
    let mut at = root;
    for step in name.split('.') {
        match at.get(step) {
            Some(below) if !step.is_empty() => at = below,
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{between_braces, reference};

    #[test]
    fn references_and_braces() {
        assert_eq!(reference("ref+vault://secret/data/shop#password"), Some("ref+vault://"));
        assert_eq!(reference("ref+x"), None);
        assert_eq!(reference("reference"), None);
        let names = |text| between_braces(text).collect::<Vec<_>>();
        assert_eq!(names("a-{{ namespace }}-{{image.tag}}"), ["namespace", "image.tag"]);
        assert!(names("{{ open").is_empty());
    }
}
