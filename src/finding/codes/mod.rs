//! The table of rules: each finding's id, severity, summary and explanation, a file a stage.
//! `docs/findings.md` is made from it.

/// What kind of finding this is.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// `stage/what-is-wrong`, stable: users name it in settings and searches.
    pub id: &'static str,
    pub severity: super::Severity,
    /// One sentence for the list of rules.
    pub summary: &'static str,
    /// Why it matters and what to do, as a paragraph of Markdown.
    pub explanation: &'static str,
}

macro_rules! rules {
    ($($name:ident = $severity:ident $id:literal, $summary:literal, $explanation:literal;)*) => {
        $(
            #[doc = $summary]
            pub static $name: super::Rule = super::Rule {
                id: $id,
                severity: crate::finding::Severity::$severity,
                summary: $summary,
                explanation: $explanation,
            };
        )*

        /// All rules of this stage, in the order in which a run meets them.
        pub(super) static TABLE: &[&super::Rule] = &[$(&$name),*];
    };
}

pub mod import;
pub mod merge;
pub mod output;
pub mod project;
pub mod schema;
pub mod template;
pub mod yaml;

/// All rules, in the order of the pipeline.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    let tables =
        [project::TABLE, yaml::TABLE, merge::TABLE, schema::TABLE, template::TABLE, output::TABLE, import::TABLE];
    tables.into_iter().flatten().copied()
}
