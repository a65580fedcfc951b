//! `habeo`: the server and its tools.

use std::process::ExitCode;

fn main() -> ExitCode {
    habeo_server::cli::main()
}
