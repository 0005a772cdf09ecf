//! The simulation's command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    // The processes of the kill test are this very program.
    if arguments.get(1).is_some_and(|word| word == "rightful") {
        return rightful::run(arguments.into_iter().skip(1));
    }
    testkit::simulate::run(arguments)
}
