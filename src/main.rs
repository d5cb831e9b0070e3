//! The binary: runs the command line and maps how it ended to an exit code.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use mimalloc::MiMalloc;
use platc::cli::Streams;

static STDOUT: AtomicBool = AtomicBool::new(false);
static STDERR: AtomicBool = AtomicBool::new(false);

// Rust opens the null device in the place of a stream that the caller has closed, before `main`. Afterwards nobody can
// tell it from one that the caller has opened, as Python does for `DEVNULL`; so the look comes first.
ctor::declarative::ctor! {
    #[ctor(unsafe)]
    fn look_at_the_streams() {
        STDOUT.store(rustix::io::fcntl_getfd(rustix::stdio::stdout()).is_ok(), Ordering::Relaxed);
        STDERR.store(rustix::io::fcntl_getfd(rustix::stdio::stderr()).is_ok(), Ordering::Relaxed);
    }
}

/// A run is short and makes many small things on several threads: the system's allocator spends a quarter of it on its arenas.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let streams = Streams { stdout: STDOUT.load(Ordering::Relaxed), stderr: STDERR.load(Ordering::Relaxed) };
    platc::cli::run(std::env::args_os(), streams).into()
}
