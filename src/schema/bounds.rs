//! What keeps a schema from taking the machine down: no `$ref` cycle that consumes nothing, no combination deeper than
//! the judge's stack.

use super::node::{Graph, NodeId};
use crate::finding::codes::schema as rules;
use crate::finding::{Finding, Findings};
use crate::limits::Limits;

/// Whether the graph can be judged; if not, a finding says why.
pub(super) fn check(graph: &Graph, limits: &Limits, findings: &mut Findings) -> bool {
    let mut search = Search { graph, limits, findings, heights: vec![Height::Unknown; graph.nodes.len()], sound: true };
    for at in 0..graph.nodes.len() {
        search.height(NodeId(at as u32));
    }
    search.sound
}

/// The longest way from a schema along schemas that judge the same value.
#[derive(Clone, Copy)]
enum Height {
    Unknown,
    /// On the way that is being followed.
    Open,
    Known(usize),
}

struct Search<'a> {
    graph: &'a Graph,
    limits: &'a Limits,
    findings: &'a mut Findings,
    heights: Vec<Height>,
    sound: bool,
}

impl Search<'_> {
    /// Follows edges with a list instead of the stack: a chain may be as long as the file has lines.
    fn height(&mut self, root: NodeId) {
        let mut way: Vec<(NodeId, Vec<NodeId>)> = Vec::new();
        if matches!(self.heights[root.0 as usize], Height::Unknown) {
            self.heights[root.0 as usize] = Height::Open;
            way.push((root, self.graph[root].in_place().collect()));
        }
        while let Some((id, rest)) = way.last_mut() {
            let id = *id;
            let Some(next) = rest.pop() else {
                way.pop();
                self.close(id);
                continue;
            };
            match self.heights[next.0 as usize] {
                Height::Unknown => {
                    self.heights[next.0 as usize] = Height::Open;
                    way.push((next, self.graph[next].in_place().collect()));
                }
                Height::Open => self.cycle(id, next),
                Height::Known(_) => {}
            }
        }
    }

    fn close(&mut self, id: NodeId) {
        let below = self.graph[id].in_place().filter_map(|id| match self.heights[id.0 as usize] {
            Height::Known(height) => Some(height),
            Height::Unknown | Height::Open => None,
        });
        let height = below.max().map_or(0, |height| height + 1);
        self.heights[id.0 as usize] = Height::Known(height);
        if height == self.limits.schema_depth {
            self.sound = false;
            let message = format!("this schema combines others more than {height} deep");
            self.findings.push(
                Finding::new(&rules::TOO_COMPLEX, self.graph[id].span, message)
                    .label("each of these judges the same value")
                    .help("shorten the chain of `$ref`, `allOf`, `anyOf` and `oneOf`"),
            );
        }
    }

    fn cycle(&mut self, from: NodeId, to: NodeId) {
        self.sound = false;
        let finding = Finding::new(&rules::REF_CYCLE, self.graph[from].span, "`$ref` leads back to itself");
        let finding = finding
            .label("this schema is judged by itself, on the same value")
            .help("a schema may refer to itself only below `properties`, `items` or their like");
        self.findings.push(if from == to { finding } else { finding.also(self.graph[to].span, "and comes back here") });
    }
}
