//! Files among layers that look like one and are none.

use camino::Utf8Path;

use crate::finding::Finding;
use crate::finding::codes::hygiene::LEFT_BEHIND;
use crate::finding::codes::project::UNREAD_LAYER;
use crate::source::{Sources, Span};

/// Endings of what holds settings elsewhere; those of YAML count only in the letters that are read.
const ENDINGS: [&str; 27] = [
    "json",
    "jsonc",
    "json5",
    "hjson",
    "toml",
    "yaml",
    "yml",
    "properties",
    "env",
    "ini",
    "conf",
    "cfg",
    "xml",
    "tf",
    "tfvars",
    "hcl",
    "jsonnet",
    "libsonnet",
    "cue",
    "dhall",
    "pkl",
    "ncl",
    "nix",
    "k",
    "gotmpl",
    "tpl",
    "tmpl",
];
/// Of these, what is YAML once it is called so.
const YAML: [&str; 5] = ["json", "jsonc", "json5", "yaml", "yml"];

/// Endings by which people say themselves that a file is not in use, or only to be read by them.
const LAID_ASIDE: [&str; 10] = ["md", "bak", "old", "orig", "rej", "example", "sample", "template", "disabled", "off"];

/// Whether somebody could take a file for a layer that is not read as one.
pub fn is_mistakable(name: &str) -> bool {
    !is_let_alone(name) && (is_yaml_in_disguise(name) || ENDINGS.contains(&&*ending(name).to_ascii_lowercase()))
}

/// Whether a file's name says YAML, in a way in which it is not read: `b.YAML`, `b.ymal`, `b.yaml.txt`, `b.yml.j2`.
pub fn is_yaml_in_disguise(name: &str) -> bool {
    let (lower, last) = (name.to_ascii_lowercase(), ending(name).to_ascii_lowercase());
    let is_swapped = |word: &str| sorted(&last) == sorted(word);
    let mut parts = lower.split('.').skip(1).map(str::trim);
    let says_yaml = parts.any(|part| matches!(part, "yaml" | "yml"));
    !is_let_alone(name) && !LAID_ASIDE.contains(&&*last) && (says_yaml || is_swapped("yaml") || is_swapped("yml"))
}

/// Whether it is the new text of a file, `.NAME.platc-stage`, which a run was about to put into its place.
pub fn is_left_behind(name: &str) -> bool {
    name.strip_prefix('.').and_then(|name| name.strip_suffix(".platc-stage")).is_some_and(|name| !name.is_empty())
}

/// What to say of it.
pub fn left_behind(path: &Utf8Path, sources: &Sources) -> Finding {
    let message = format!("`{path}` was left by a run that was killed");
    Finding::new(&LEFT_BEHIND, Span::file_start(sources.add(path, "")), message)
        .help("remove it; `platc schema import` does so among schemas, and `platc validate --fix` among environments")
}

/// Whether people say by a file's name that it is for themselves.
pub fn is_laid_aside(name: &str) -> bool {
    LAID_ASIDE.contains(&&*ending(name).to_ascii_lowercase())
}

/// What is read, or is nobody's business by its name.
fn is_let_alone(name: &str) -> bool {
    name.starts_with(['.', '_']) || matches!(ending(name), "yaml" | "yml")
}

fn ending(name: &str) -> &str {
    Utf8Path::new(name).extension().unwrap_or_default()
}

fn sorted(word: &str) -> Vec<u8> {
    let mut letters = word.as_bytes().to_vec();
    letters.sort_unstable();
    letters
}

pub fn finding(path: &Utf8Path, sources: &Sources) -> Finding {
    let message = format!("`{path}` is not read, and what it sets reaches no environment");
    let name = path.file_name().unwrap_or_default();
    let yaml = format!("{}.yaml", name.split('.').next().unwrap_or_default());
    let help = match path.extension().unwrap_or_default() {
        "j2" => "layers are no templates: write the values themselves, in a file that ends in `.yaml`".to_owned(),
        ending if ENDINGS.contains(&ending) && !YAML.contains(&ending) => {
            format!("write its values as YAML, in `{yaml}`")
        }
        "json" => format!("rename it to `{yaml}`: JSON is YAML"),
        _ => format!("rename it to `{yaml}`"),
    };
    Finding::new(&UNREAD_LAYER, Span::file_start(sources.add(path, "")), message)
        .help(format!("{help}; if it is no layer, let its name begin with `_`, or keep it elsewhere"))
}
