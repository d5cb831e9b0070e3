//! Pages of documentation that are made from the program: `BLESS=1 cargo test --test cli docs` renews them.

use std::path::Path;

fn hold(path: &str, made: &str) {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&full, made).unwrap();
    }
    let committed = std::fs::read_to_string(&full).unwrap_or_default();
    assert!(committed == made, "{path} is out of date; renew it with `BLESS=1 cargo test --test cli docs`");
}

#[test]
fn the_command_reference() {
    hold("docs/commands.md", &platc::cli::reference::commands());
}

#[test]
fn the_rules() {
    hold("docs/rules.md", &platc::cli::reference::rules());
}

#[test]
fn the_findings() {
    hold("docs/findings.md", &platc::cli::reference::findings());
}
