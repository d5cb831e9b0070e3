//! [`Consequence`]: what a change does to what runs, the worst first.

use crate::finding::{Rule, Severity};

/// What becomes of something that changes, in the order in which an operator wants to hear of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Consequence {
    /// It is deleted, or what it holds is.
    Destroys,
    /// Another one is made in its place.
    Replaces,
    /// The same, if a value that only deployment knows is another one.
    MayReplace,
    /// No table says what becomes of it.
    Unknown,
    /// Nodes are drained and made anew, with all pods on them.
    RollsNodes,
    /// Pods are stopped and started.
    Restarts,
    /// The change is refused, or something else will be.
    Blocks,
    InPlace,
    /// It is not there yet.
    Adds,
    /// It is left as it is.
    Nothing,
}

/// The ids by which effects are acknowledged and shown. None judges: what is too much is said on the command line.
macro_rules! effects {
    ($($name:ident $consequence:ident $id:literal $summary:literal;)*) => {
        $(static $name: Rule = Rule {
            id: concat!("impact/", $id),
            severity: Severity::Warning,
            summary: $summary,
            explanation: $summary,
            example: None,
            configurable: false,
        };)*

        impl Consequence {
            pub const ALL: &[Self] = &[$(Self::$consequence),*];

            /// The rule that effects with this consequence are written under.
            pub fn rule(self) -> &'static Rule {
                match self {
                    $(Self::$consequence => &$name,)*
                }
            }

            /// One word for it: `replaces`.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$consequence => $id,)*
                }
            }

            /// What it means, in a few words.
            pub fn meaning(self) -> &'static str {
                self.rule().summary
            }
        }
    };
}

effects! {
    DESTROYS Destroys "destroys" "deleted, with what it holds";
    REPLACES Replaces "replaces" "another one is made in its place";
    MAY_REPLACE MayReplace "may-replace" "replaced, unless the value turns out to be the same";
    UNKNOWN Unknown "unknown" "no table says what becomes of it";
    ROLLS_NODES RollsNodes "rolls-nodes" "nodes are drained and made anew";
    RESTARTS Restarts "restarts" "what runs is stopped and started";
    BLOCKS Blocks "blocks" "refused by AWS or Kubernetes, or something else will be";
    IN_PLACE InPlace "in-place" "updated in place";
    ADDS Adds "adds" "not there yet";
    NOTHING Nothing "nothing" "left as it is";
}

impl Consequence {
    /// The one that effects under a rule have.
    pub fn of(rule: &Rule) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.rule().id == rule.id)
    }

    /// The one that a word of the command line means: `replace`, `replaces`.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.word() == word)
    }
}
