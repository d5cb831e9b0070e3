//! Limits on single things that a run reads and makes: what recurses, and what is held at once. Each is a finding when
//! passed. They multiply; what a run may cost in all is in [`crate::account`].

/// One object for all budgets. Tests make smaller ones; users cannot raise them, because a pull request could too.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of one file read.
    pub file_bytes: u64,
    /// Files of one project, and their bytes together.
    pub project_files: usize,
    pub project_bytes: u64,
    /// Maps and lists within each other.
    pub yaml_depth: usize,
    /// Nodes of one document, aliases expanded.
    pub yaml_nodes: usize,
    /// Nodes that aliases add to one document.
    pub alias_nodes: usize,
    /// Bytes of one scalar.
    pub scalar_bytes: usize,
    pub template_bytes: u64,
    /// Operators in one template expression: long chains recurse in the engine's parser.
    pub expression_operators: usize,
    /// Engine instructions of one render.
    pub template_fuel: u64,
    pub template_recursion: usize,
    /// Bytes of text, and values, that one render may look at or make while it computes.
    pub template_work_bytes: usize,
    pub template_work_nodes: usize,
    pub artifact_bytes: usize,
    pub tree_bytes: usize,
    pub schema_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 8 << 20,
            project_files: 1 << 17,
            project_bytes: 256 << 20,
            yaml_depth: 64,
            yaml_nodes: 750_000,
            alias_nodes: 10_000,
            scalar_bytes: 1 << 20,
            template_bytes: 2 << 20,
            expression_operators: 256,
            template_fuel: 1_500_000,
            template_recursion: 64,
            template_work_bytes: 32 << 20,
            template_work_nodes: 750_000,
            artifact_bytes: 8 << 20,
            tree_bytes: 256 << 20,
            schema_depth: 64,
        }
    }
}
