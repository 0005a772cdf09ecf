//! Prints the bill of materials of the binary.

use std::io::Write as _;

use testkit::dependencies::{bill_of_materials, dependencies};

fn main() -> anyhow::Result<()> {
    let bill = bill_of_materials(&dependencies()?);
    Ok(writeln!(std::io::stdout(), "{bill:#}")?)
}
