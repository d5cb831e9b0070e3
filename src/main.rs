//! The binary: runs the command line and maps how it ended to an exit code.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A run is short and makes many small things on several threads: the system's allocator spends a quarter of it on its arenas.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    platc::cli::run(std::env::args_os()).into()
}
