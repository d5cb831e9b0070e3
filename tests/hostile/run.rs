//! Runs a hostile project in the real binary and tells what is wrong with how that went.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::case::Case;
use crate::support::Project;

/// Of a debug binary. They only end what has no end: what may cost how much is counted by the program.
const CPU_SECONDS: f64 = 60.0;
const WALL: Duration = Duration::from_mins(5);
/// Resident, of which 256 MB are values; what a run may reserve at all is three times that.
const KILOBYTES: u64 = 512 << 10;
const RESERVED_KILOBYTES: u64 = 1_500_000;

pub struct Ended {
    pub status: Option<ExitStatus>,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    pub cpu: f64,
    pub peak: u64,
    /// What is different elsewhere than where the command writes.
    changed: Vec<String>,
}

/// Runs a case; findings come in the given format.
pub fn run(case: &Case, format: &str) -> Ended {
    let scratch = Project::empty().file("outside/marker", "untouched").file("outside/hooks/pre-commit", "#!/bin/sh\n");
    let root = scratch.root.join("project");
    fs::create_dir_all(&root).unwrap();
    case.write(&root);
    let before = survey(&scratch.root);
    let mut command = Command::new("sh");
    let script = format!("ulimit -v {RESERVED_KILOBYTES}; ulimit -t {CPU_SECONDS}; exec \"$0\" \"$@\"");
    let inner = scratch.command(&[]);
    let mut arguments: Vec<&str> = case.arguments.iter().map(String::as_str).collect();
    arguments.extend(["--format", format]);
    command.arg("-c").arg(script).arg(inner.get_program()).args(arguments);
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.current_dir(&root).env("HOME", scratch.root.join("outside")).env("TMPDIR", scratch.root.join("outside"));
    let mut ended = watch(command);
    let after = survey(&scratch.root);
    let differs = before.iter().filter(|(path, state)| after.get(*path) != Some(state)).map(|(path, _)| path);
    let added = after.keys().filter(|path| !before.contains_key(*path) && !case.adds_anywhere(path));
    let elsewhere = differs.chain(added).filter(|path| !path.starts_with(case.writes()));
    ended.changed = elsewhere.map(|path| path.display().to_string()).collect();
    ended
}

fn watch(mut command: Command) -> Ended {
    let start = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut ended =
        Ended { status: None, stdout: Vec::new(), stderr: Vec::new(), cpu: 0.0, peak: 0, changed: Vec::new() };
    std::thread::scope(|scope| {
        let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let (out, err) = (&mut ended.stdout, &mut ended.stderr);
        let reader = scope.spawn(move || stdout.read_to_end(out).unwrap());
        scope.spawn(move || stderr.read_to_end(err).unwrap());
        while !reader.is_finished() {
            if let Some((seconds, kilobytes)) = usage(child.id()) {
                (ended.cpu, ended.peak) = (ended.cpu.max(seconds), ended.peak.max(kilobytes));
            }
            if start.elapsed() > WALL {
                let _ = child.kill();
            }
            std::thread::sleep(Duration::from_millis(3));
        }
    });
    ended.status = child.wait().ok();
    ended
}

/// Processor seconds and peak memory of a process.
fn usage(pid: u32) -> Option<(f64, u64)> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.trim().parse().ok())?;
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks: f64 = [11, 12].iter().filter_map(|&at| fields.get(at)?.parse::<f64>().ok()).sum();
    Some((ticks / 100.0, peak))
}

/// Everything below a folder but the times of folders: a lock may come and go.
fn survey(top: &Path) -> BTreeMap<PathBuf, (u64, u64, i64, i64)> {
    let mut found = BTreeMap::new();
    for entry in walkdir::WalkDir::new(top).min_depth(1) {
        let Ok(entry) = entry else { continue };
        let Ok(data) = entry.path().symlink_metadata() else { continue };
        let state = if data.is_dir() {
            (0, data.ino(), 0, 0)
        } else {
            (data.len(), data.ino(), data.mtime(), data.mtime_nsec())
        };
        found.insert(entry.path().strip_prefix(top).unwrap().to_owned(), state);
    }
    found
}

/// All that is wrong with how a case went; nothing if it is as it should be.
pub fn judge(case: &Case, format: &str, ended: &Ended) -> String {
    let mut wrong = String::new();
    let code = ended.status.and_then(|status| status.code());
    let all = [&ended.stdout[..], &ended.stderr].concat();
    let text = String::from_utf8_lossy(&all);
    if !case.end.allows(code) {
        let _ = writeln!(wrong, "ended with {:?}", ended.status);
    }
    if text.contains("panicked") || text.contains("bug in platc") {
        let _ = writeln!(wrong, "it broke");
    }
    if !case.rule.is_empty() && !text.contains(case.rule) {
        let _ = writeln!(wrong, "does not name {}", case.rule);
    }
    if ended.cpu > CPU_SECONDS || ended.peak > KILOBYTES {
        let _ = writeln!(wrong, "took {} s and {} MB", ended.cpu, ended.peak >> 10);
    }
    if let Some(sign) = text.chars().find(|&sign| is_raw(sign)) {
        let _ = writeln!(wrong, "prints {sign:?} as it is");
    }
    if std::str::from_utf8(&all).is_err() {
        let _ = writeln!(wrong, "does not print UTF-8");
    }
    if !ended.changed.is_empty() {
        let _ = writeln!(wrong, "changed {}", ended.changed.join(", "));
    }
    if code == Some(1) && text.is_empty() {
        let _ = writeln!(wrong, "says nothing");
    }
    if code < Some(2) {
        wrong += &without_place(format, &String::from_utf8_lossy(&ended.stdout));
    }
    wrong
}

/// What a terminal obeys, or what lets a line look like another.
fn is_raw(sign: char) -> bool {
    let turns = ['\u{61c}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}'].contains(&sign)
        || ('\u{202a}'..='\u{202e}').contains(&sign)
        || ('\u{2066}'..='\u{2069}').contains(&sign);
    sign != '\n' && (sign.is_control() || turns)
}

/// Findings that name no file and line.
fn without_place(format: &str, stdout: &str) -> String {
    let mut wrong = String::new();
    match format {
        "json" => match serde_json::from_str::<Value>(stdout) {
            Ok(document) => {
                for finding in document["findings"].as_array().into_iter().flatten() {
                    let placed = finding["file"].as_str().is_some_and(|file| !file.is_empty());
                    if !placed || finding["line"].as_u64() < Some(1) || finding["column"].as_u64() < Some(1) {
                        let _ = writeln!(wrong, "without a place: {}", finding["message"]);
                    }
                }
            }
            Err(error) => wrong = format!("not JSON: {error}\n"),
        },
        "sarif" => match serde_json::from_str::<Value>(stdout) {
            Ok(log) => {
                for result in log["runs"][0]["results"].as_array().into_iter().flatten() {
                    if result["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64() < Some(1) {
                        let _ = writeln!(wrong, "without a place: {}", result["message"]["text"]);
                    }
                }
            }
            Err(error) => wrong = format!("not SARIF: {error}\n"),
        },
        "text" => {
            let lines: Vec<&str> = stdout.lines().collect();
            for (at, line) in lines.iter().enumerate() {
                let begins = line.starts_with("error[") || line.starts_with("warning[");
                if begins && !lines[at + 1..].iter().take(30).any(|line| line.trim_start().starts_with("--> ")) {
                    let _ = writeln!(wrong, "without a place: {line}");
                }
            }
        }
        _ => {}
    }
    wrong
}
