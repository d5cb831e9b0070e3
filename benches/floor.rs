//! What the disk alone costs: writes a tree and does nothing else, or compares two trees and does nothing else.
//! `benches/run.py` sets platc against both. The content is in memory before the clock starts.
//!
//! ```text
//! floor write FROM TO [THREADS]      prints nanoseconds
//! floor compare FROM TO [THREADS]    prints nanoseconds; exit code 1 if the trees differ
//! ```
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it measures just these calls"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;
use std::{fs, io, thread};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [task, from, to, threads @ ..] = &arguments[..] else {
        // `cargo bench` runs every bench; this one wants something to measure.
        eprintln!("floor write|compare FROM TO [THREADS]: see benches/run.py");
        return ExitCode::SUCCESS;
    };
    let threads = threads.first().and_then(|text| text.parse().ok()).unwrap_or(1);
    match measure(task, Path::new(from), Path::new(to), threads) {
        Ok(Some(nanoseconds)) => {
            println!("{nanoseconds}");
            ExitCode::SUCCESS
        }
        Ok(None) => {
            eprintln!("the trees differ");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// A file's path within its tree, and its bytes.
type File = (PathBuf, Vec<u8>);

fn measure(task: &str, from: &Path, to: &Path, threads: usize) -> io::Result<Option<u128>> {
    let mut files = Vec::new();
    load(from, Path::new(""), &mut files)?;
    // Neighbours stay together: each thread has folders of its own, as platc has environments.
    let share = files.len().div_ceil(threads).max(1);
    let begin = Instant::now();
    let same = thread::scope(|scope| {
        let work = files
            .chunks(share)
            .map(|part| scope.spawn(move || if task == "write" { write(part, to) } else { compare(part, to) }));
        let running: Vec<_> = work.collect();
        running.into_iter().map(|thread| thread.join().expect("no thread panics")).collect::<io::Result<Vec<bool>>>()
    })?;
    let took = begin.elapsed().as_nanos();
    Ok(same.into_iter().all(|same| same).then_some(took))
}

fn load(root: &Path, folder: &Path, files: &mut Vec<File>) -> io::Result<()> {
    let mut entries = fs::read_dir(root.join(folder))?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            load(root, &path, files)?;
        } else {
            files.push((path, fs::read(entry.path())?));
        }
    }
    Ok(())
}

fn write(files: &[File], to: &Path) -> io::Result<bool> {
    let mut folders = BTreeSet::new();
    for (path, bytes) in files {
        let path = to.join(path);
        if let Some(folder) = path.parent().filter(|&folder| !folders.contains(folder)) {
            fs::create_dir_all(folder)?;
            folders.insert(folder.to_owned());
        }
        fs::write(path, bytes)?;
    }
    Ok(true)
}

fn compare(files: &[File], to: &Path) -> io::Result<bool> {
    for (path, bytes) in files {
        if fs::read(to.join(path))? != *bytes {
            return Ok(false);
        }
    }
    Ok(true)
}
