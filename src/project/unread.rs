//! Files among layers that look like one and are none.

use camino::Utf8Path;

use crate::finding::Finding;
use crate::finding::codes::project::UNREAD_LAYER;
use crate::source::{Sources, Span};

/// Endings of what holds settings elsewhere; those of YAML count only in the letters that are read.
const ENDINGS: [&str; 6] = ["json", "jsonc", "json5", "toml", "yaml", "yml"];

/// Whether somebody could take a file for a layer that is not read as one.
pub fn is_mistakable(name: &str) -> bool {
    let ending = Utf8Path::new(name).extension().unwrap_or_default();
    let is_read = matches!(ending, "yaml" | "yml");
    !is_read && !name.starts_with(['.', '_']) && ENDINGS.contains(&&*ending.to_ascii_lowercase())
}

pub fn finding(path: &Utf8Path, sources: &Sources) -> Finding {
    let message = format!("`{path}` is not read, and what it sets reaches no environment");
    let yaml = path.with_extension("yaml");
    let yaml = yaml.file_name().unwrap_or_default();
    let help = match path.extension().unwrap_or_default() {
        "toml" => format!("write it as YAML, in `{yaml}`"),
        "json" => format!("rename it to `{yaml}`: JSON is YAML"),
        _ => format!("rename it to `{yaml}`"),
    };
    Finding::new(&UNREAD_LAYER, Span::file_start(sources.add(path, "")), message)
        .help(format!("{help}; if it is no layer, let its name begin with `_`, or keep it elsewhere"))
}
