//! The binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    rightful::run(std::env::args_os())
}
