//! Names this build, for what is kept from one run to the next: two builds share nothing unless they are of the same
//! sources, made in the same way.

#![allow(clippy::disallowed_methods, reason = "it reads what the program is made of, before there is a program")]

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

/// What the program is made of.
const PARTS: [&str; 4] = ["src", "build.rs", "Cargo.toml", "Cargo.lock"];

/// How it is made, as cargo tells.
const WAYS: [&str; 6] =
    ["TARGET", "PROFILE", "OPT_LEVEL", "DEBUG", "CARGO_ENCODED_RUSTFLAGS", "CARGO_CFG_TARGET_FEATURE"];

fn main() -> io::Result<()> {
    let mut files = BTreeSet::new();
    for part in PARTS {
        println!("cargo::rerun-if-changed={part}");
        collect(Path::new(part), &mut files)?;
    }
    // Two halves of one name: one alone is short for something that nobody compares by eye.
    let mut halves = [DefaultHasher::new(), DefaultHasher::new()];
    halves[1].write_u8(1);
    let mut add = |bytes: &[u8]| {
        for half in &mut halves {
            half.write_usize(bytes.len());
            half.write(bytes);
        }
    };
    for file in &files {
        add(file.to_string_lossy().as_bytes());
        add(&fs::read(file)?);
    }
    for way in WAYS {
        add(env::var_os(way).unwrap_or_default().to_string_lossy().as_bytes());
    }
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    add(&Command::new(rustc).arg("-vV").output()?.stdout);
    let name: String = halves.iter().map(|half| format!("{:016x}", half.finish())).collect();
    println!("cargo::rustc-env=PLATC_BUILD_ID={name}");
    Ok(())
}

/// All files of a folder, or the file itself; nothing if it is not there.
fn collect(path: &Path, files: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else if path.is_file() {
        files.insert(path.to_owned());
    }
    Ok(())
}
