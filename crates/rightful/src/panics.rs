//! What a panic tells: where it was, and never what it says. Its message may quote a value, and values are people's.

use std::{io::Write as _, panic::PanicHookInfo};

/// From now on a panic of this process tells where it was alone.
pub fn tell_only_where() {
    std::panic::set_hook(Box::new(tell));
}

fn tell(panic: &PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    if tracing::dispatcher::has_been_set() {
        tracing::error!(location = %place, "a part of the program panicked; that is our mistake");
    } else {
        // Standard error may be closed; then nobody wants to know.
        writeln!(
            std::io::stderr(),
            "error: a part of the program panicked at {place}; that is our mistake"
        )
        .ok();
    }
}
