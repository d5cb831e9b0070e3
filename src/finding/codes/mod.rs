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
    /// What makes it fire and what does not, where that can be shown in a few lines.
    pub example: Option<Example>,
    /// A project may give it another severity, or turn it off. Not so where nothing sensible could be done after it.
    pub configurable: bool,
}

/// Both sides of a rule, as templates whose output breaks it and keeps it. Written with an indent that does not count;
/// a line `--- # path` begins an artifact, for rules that need several.
#[derive(Debug, PartialEq, Eq)]
pub struct Example {
    pub wrong: &'static str,
    pub right: &'static str,
}

impl Example {
    /// Without the lines and the indent that are there for the sake of the source.
    pub fn text(written: &str) -> String {
        let lines = || written.lines().filter(|line| !line.trim().is_empty());
        let indent = lines().map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
        let text: String =
            written.lines().map(|line| format!("{}\n", line.get(indent..).unwrap_or_default())).collect();
        format!("{}\n", text.trim_matches('\n'))
    }
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
                example: None,
                configurable: matches!(crate::finding::Severity::$severity, crate::finding::Severity::Warning),
            };
        )*

        /// All rules of this stage, in the order in which a run meets them.
        pub(super) static TABLE: &[&super::Rule] = &[$(&$name),*];
    };
}

pub mod adopt;
pub mod chart;
pub mod hygiene;
pub mod import;
pub mod merge;
pub mod output;
pub mod project;
pub mod rules;
pub mod schema;
pub mod template;
pub mod yaml;

/// The rules of all stages but the checks, in the order of the pipeline. [`crate::rules::rules`] has all there are.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    let of_input =
        [project::TABLE, yaml::TABLE, merge::TABLE, schema::TABLE, import::TABLE, chart::TABLE, adopt::TABLE];
    let tables = of_input.into_iter().chain([template::TABLE, output::TABLE, rules::TABLE, hygiene::TABLE]);
    tables.flatten().copied()
}
