//! Whether the keys that `x-platc-renamed-to` leads to are there: who follows the word must not be told next that there is
//! no such key.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::node::{Graph, NodeId, Others, SchemaNode};
use super::{Schema, Shape};
use crate::finding::codes::schema::BAD_KEYWORD;
use crate::finding::suggest::did_you_mean;
use crate::finding::{Finding, Findings};
use crate::yaml::path::{Path, Step};

impl Schema {
    /// Whether all new names are names of keys. Of a key that some other schema of the same map may name, nothing is
    /// said.
    pub(super) fn check_new_names(&self, findings: &mut Findings) -> bool {
        if !self.renames() {
            return true;
        }
        let before = findings.iter().len();
        let parts: BTreeSet<NodeId> = self.graph.nodes.iter().flat_map(SchemaNode::in_place).collect();
        for (number, node) in self.graph.nodes.iter().enumerate() {
            let is_whole = !node.combines() && !parts.contains(&NodeId(number as u32));
            for below in node.properties.values().map(|id| &self.graph[*id]) {
                let Some(name) = &below.renamed_to else { continue };
                let Ok(path) = name.parse::<Path>() else { continue };
                let (is_known, known): (_, Vec<&Arc<str>>) = match path.steps() {
                    [Step::Key(key)] => (has(node, key, is_whole, &self.graph), node.properties.keys().collect()),
                    steps => (leads(self.shape(), steps), Vec::new()),
                };
                if is_known {
                    continue;
                }
                let message = format!("`x-platc-renamed-to` leads to `{name}`, and the schema has no such key");
                let help = did_you_mean(name, known.into_iter().map(|key| &**key));
                let help = help.unwrap_or_else(|| {
                    "name a key beside this one, or a path from the root, such as `cluster.nodes`".to_owned()
                });
                findings.push(Finding::new(&BAD_KEYWORD, below.renamed_at, message).help(help));
            }
        }
        findings.iter().len() == before
    }
}

/// Whether a map may have a key that some schema names.
fn has(node: &SchemaNode, key: &str, is_whole: bool, graph: &Graph) -> bool {
    let takes_others = !node.pattern_properties.is_empty() || matches!(node.others, Others::Schema(_));
    let is_named = |node: &SchemaNode| node.properties.contains_key(key);
    is_named(node) || takes_others || (!is_whole && graph.nodes.iter().any(is_named))
}

/// Whether a path of keys leads to something that the schema names, as far as that is known.
fn leads(mut shape: Shape<'_>, steps: &[Step]) -> bool {
    for step in steps {
        let Step::Key(key) = step else { return true };
        if !shape.knows(key) {
            return shape.takes_others();
        }
        shape = shape.property(key);
    }
    true
}
