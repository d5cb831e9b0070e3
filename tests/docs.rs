//! What the documentation says about files, anchors and dependencies is true.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read real files")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The Markdown files at the root and in `docs/`.
fn pages() -> Vec<PathBuf> {
    let folders = [root().to_owned(), root().join("docs")];
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let mut pages: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    pages
}

/// A page's lines outside code blocks.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut code = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !code && !fence
    })
}

/// The targets of all links in a line: what stands in `](…)`, but not where it is a piece of code.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("](").filter_map(|(at, mark)| {
        let in_code = line[..at].matches('`').count() % 2 == 1;
        let (target, _) = line[at + mark.len()..].split_once(')').filter(|_| !in_code)?;
        Some(target)
    })
}

/// The anchor that GitHub makes of a heading: lower case, blanks to dashes, other punctuation dropped.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|&letter| letter.is_alphanumeric() || " -_".contains(letter));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn anchors(text: &str) -> BTreeSet<String> {
    prose(text)
        .filter_map(|line| line.strip_prefix('#'))
        .map(|line| anchor(line.trim_start_matches('#').trim()))
        .collect()
}

#[test]
fn every_link_within_the_repository_leads_somewhere() {
    let mut broken = Vec::new();
    for page in pages() {
        let text = read(&page);
        for target in prose(&text).flat_map(links) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (path, wanted) = target.split_once('#').unwrap_or((target, ""));
            let file = if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            if !file.exists() {
                broken.push(format!("{}: {target}: no such file", page.display()));
            } else if !wanted.is_empty() && !anchors(&read(&file)).contains(wanted) {
                broken.push(format!("{}: {target}: no such heading", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_page_can_be_reached_from_the_readme() {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![root().join("README.md")];
    while let Some(page) = waiting.pop() {
        let page = page.canonicalize().unwrap();
        if reached.contains(&page) {
            continue;
        }
        let text = read(&page);
        for target in prose(&text).flat_map(links) {
            let path = target.split_once('#').map_or(target, |(path, _)| path);
            let local =
                !target.contains("://") && Path::new(path).extension().is_some_and(|extension| extension == "md");
            if local {
                waiting.push(page.parent().unwrap().join(path));
            }
        }
        reached.insert(page);
    }
    let lost: Vec<_> =
        pages().into_iter().map(|page| page.canonicalize().unwrap()).filter(|page| !reached.contains(page)).collect();
    assert!(lost.is_empty(), "no way leads from README.md to {lost:?}");
}

#[test]
fn every_direct_dependency_has_its_reason() {
    let manifest = read("Cargo.toml");
    let mut section = "";
    let mut wanted = BTreeSet::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line;
        } else if section.ends_with("dependencies]")
            && let Some((name, _)) = line.split_once(" = ")
        {
            wanted.insert(name.to_owned());
        }
    }
    let page = read("docs/dependencies.md");
    // The tables' first column, up to what is not used.
    let rows = page.split("## Not used").next().unwrap().lines().filter(|line| line.starts_with("| `"));
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    let named: BTreeSet<String> =
        cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect();
    assert_eq!(named, wanted, "left: named in docs/dependencies.md; right: in Cargo.toml");
}

#[test]
fn the_functions_of_templates_are_those_that_there_are() {
    let (begin, end) = ("<!-- functions: ", "<!-- /functions -->");
    let page = read("docs/templates.md");
    let start =
        page.find(begin).and_then(|start| Some(start + page[start..].find('\n')? + 1)).expect("the section begins");
    let stop = page.find(end).expect("the section ends");
    let made = format!("{}\n{}\n\n{}", &page[..start], platc::template::functions::reference().trim(), &page[stop..]);
    if std::env::var_os("BLESS").is_some() {
        fs::write(root().join("docs/templates.md"), &made).unwrap();
    } else {
        assert!(page == made, "docs/templates.md is out of date; renew it with `BLESS=1 cargo test --test docs`");
    }
}

#[test]
fn the_settings_are_those_of_the_schema() {
    let sources = platc::source::Sources::default();
    let mut findings = platc::finding::Findings::default();
    let disk = platc::disk::Real::open(camino::Utf8Path::from_path(root()).unwrap()).unwrap();
    let schema = "schemas/environment.schema.yaml".into();
    let limits = platc::limits::Limits::default();
    let schema = platc::schema::Schema::load(&disk, schema, &sources, &limits, &mut findings).unwrap();
    let made = schema.reference();
    if std::env::var_os("BLESS").is_some() {
        fs::write(root().join("docs/settings.md"), &made).unwrap();
    }
    let hint = "docs/settings.md is out of date; renew it with `BLESS=1 cargo test --test docs`";
    assert!(root().join("docs/settings.md").exists() && read("docs/settings.md") == made, "{hint}");
}
