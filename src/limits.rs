//! Budgets on what a run reads and makes, so that no input can take the machine down. Each is a finding when passed.

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
            file_bytes: 1 << 20,
            project_files: 4096,
            project_bytes: 64 << 20,
            yaml_depth: 64,
            yaml_nodes: 250_000,
            alias_nodes: 10_000,
            scalar_bytes: 256 << 10,
            template_bytes: 256 << 10,
            expression_operators: 256,
            template_fuel: 500_000,
            template_recursion: 64,
            template_work_bytes: 32 << 20,
            template_work_nodes: 250_000,
            artifact_bytes: 1 << 20,
            tree_bytes: 64 << 20,
            schema_depth: 64,
        }
    }
}
