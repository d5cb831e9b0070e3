//! The binary: runs the command line and maps how it ended to an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    platc::cli::run(std::env::args_os()).into()
}
