//! `platc init`: a project that renders, from one of the starters in `examples/starters`.

mod starter;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::args::{Format, Global, Init, Starter};
use super::exit::{Exit, Failure};
use super::out_dir;
use super::place;
use super::printer::Printer;
use super::report::Report;
use super::signals;
use crate::disk::{Disk, EntryKind, Real};
use crate::finding::Findings;
use crate::project::{FILE, name};
use crate::source::Sources;
use crate::tree::{self, Obstacle, PlantError, Seed};

/// Obstacles that are named; the rest is counted.
const SHOWN: usize = 20;

/// Bytes of a file that stays as it is which are read at most.
const KEPT: u64 = 1 << 20;

/// What to do about files that are there already.
const HELP: &str = "name a new folder, and take over from it what you want";

pub(super) fn run(args: &Init, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    let typed = args.dir.as_deref().or(global.project.as_deref()).filter(|dir| !dir.as_str().is_empty());
    let shown = typed.unwrap_or(Utf8Path::new("."));
    let folder = place::absolute(&place::working_directory()?, shown);
    if let Some(reason) = unfit(&folder) {
        return Err(Failure::new(format!("`{shown}` cannot hold a project: {reason}")));
    }
    let mut seeds = starter::files(args.from);
    let renamed = match &args.name {
        Some(_) if args.from == Starter::Platform => {
            return Err(Failure::new("`--name` names an application, and this starter makes none")
                .help("leave it out, or begin with `--from app`"));
        }
        Some(name) => starter::named(&seeds, name),
        None => Vec::new(),
    };
    if args.name.is_some() {
        seeds = renamed.iter().map(|(path, text)| Seed { path, text: text.as_str() }).collect();
    }
    strangers(&folder, shown, &seeds)?;
    signals::heed();
    let mut kept = Vec::new();
    let made = match tree::plant(&folder, shown, &seeds) {
        Err(PlantError::Taken(obstacles)) if obstacles.iter().all(is_kept) => {
            kept = obstacles.into_iter().map(|obstacle| obstacle.path).collect();
            seeds.retain(|seed| kept.iter().all(|path| path != seed.path));
            tree::plant(&folder, shown, &seeds)
        }
        made => made,
    };
    let made = made.map_err(|error| match error {
        PlantError::Failed(failure) => failure.into(),
        PlantError::Taken(obstacles) => {
            let lines = obstacles.iter().map(|obstacle| format!("`{}` {}", obstacle.path, obstacle.reason));
            in_the_way(shown, lines.collect())
        }
    })?;
    if printer.format == Format::Json {
        let (findings, sources) = (Findings::default(), Sources::default());
        Report::new(findings, &sources).document(printer, Planted { folder: shown.as_str(), files: made })?;
        return Ok(Exit::Fine);
    }
    let (made, all) = (made.len(), seeds.len());
    printer.status(&if made == 0 {
        format!("all {all} files are in {shown} already")
    } else {
        format!("made {made} of {all} files in {shown}")
    });
    for path in &kept {
        say_kept(&folder, path, printer);
    }
    let repository = starter::Repository::of(&folder);
    printer.result(starter::next_steps(
        args.from,
        args.name.as_deref(),
        typed.filter(|dir| *dir != "."),
        &repository,
    ))?;
    Ok(Exit::Fine)
}

/// A file of the user's own that a project can do without platc's: it stays as it is.
fn is_kept(obstacle: &Obstacle) -> bool {
    obstacle.reason == tree::OTHER_CONTENT && starter::may_differ(&obstacle.path)
}

/// Says of a file that stays as it is what it lacks.
fn say_kept(folder: &Utf8Path, path: &Utf8Path, printer: &mut Printer) {
    let stands = Real::open(folder).and_then(|disk| disk.read(path, KEPT)).unwrap_or_default();
    let lines = starter::lacking(path, &String::from_utf8_lossy(&stands));
    let what = match lines.as_slice() {
        [] if matches!(path.as_str(), ".gitignore" | ".gitattributes") => "it has what platc needs".to_owned(),
        [] => "`platc init` in a new folder shows what platc has there".to_owned(),
        [line] => format!("add this line to it: `{line}`"),
        lines => format!("add these lines to it: `{}`", lines.join("`, `")),
    };
    printer.status(&format!("`{path}` was there and stays as it is; {what}"));
}

/// The result as JSON.
#[derive(Serialize)]
struct Planted<'a> {
    folder: &'a str,
    /// Those that were not there already.
    files: Vec<&'a str>,
}

/// Why a folder is no place for a project, wherever the way to it leads.
fn unfit(folder: &Utf8Path) -> Option<&'static str> {
    if folder.is_symlink() {
        return Some("it is a symbolic link");
    }
    let in_git = [folder.to_owned(), out_dir::real(folder)]
        .iter()
        .any(|path| path.components().any(|component| name::is_git(component.as_str())));
    in_git.then_some("it lies in git's own folder, where a file can become a command")
}

/// Refuses a folder in which somebody's files would become a part of the project: a Helm chart has `templates`, too.
fn strangers(folder: &Utf8Path, shown: &Utf8Path, seeds: &[Seed<'_>]) -> Result<(), Failure> {
    let Ok(disk) = Real::open(folder) else { return Ok(()) };
    let mut found = Vec::new();
    let mut waiting: Vec<Utf8PathBuf> = starter::FOLDERS.iter().rev().map(Utf8PathBuf::from).collect();
    while let Some(path) = waiting.pop() {
        // What is no folder is told by what stands in the way of the files.
        for entry in disk.list(&path).unwrap_or_default() {
            let below = path.join(&entry.name);
            let ours = |seed: &Seed<'_>| Utf8Path::new(seed.path).starts_with(&below);
            match entry.kind {
                _ if !seeds.iter().any(ours) => found.push(format!("`{below}` would become a part of the project")),
                EntryKind::Folder => waiting.push(below),
                _ => {}
            }
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    if folder.join(FILE).is_file() {
        let what = if shown == "." { "this".to_owned() } else { format!("`{shown}`") };
        return Err(Failure::new(format!("{what} is a project already, and not what this starter makes")).help(HELP));
    }
    Err(in_the_way(shown, found))
}

fn in_the_way(shown: &Utf8Path, mut lines: Vec<String>) -> Failure {
    let more = lines.len().saturating_sub(SHOWN);
    lines.truncate(SHOWN);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    Failure::new(format!("nothing was written into `{shown}`, because of what is there: {}", lines.join("; ")))
        .help(HELP)
}
