//! Running other programs, and the few paths that everything here shares.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// An error here is a sentence for the person at the terminal.
pub type Result<T> = std::result::Result<T, String>;

/// The top of the working tree.
pub fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().expect("xtask is a folder of the tree").to_path_buf()
}

/// The cargo that runs us, to be started at the top of the tree.
pub fn cargo() -> Command {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root());
    command
}

/// Runs a program to its end; an unsuccessful one is an error that names it.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .status()
        .map_err(|problem| format!("cannot start {}: {problem}", name(command)))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("{} failed ({status})", line(command)))
}

/// Runs a program and returns what it printed; its standard error goes to the terminal.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|problem| format!("cannot start {}: {problem}", name(command)))?;
    if !output.status.success() {
        return Err(format!("{} failed ({})", line(command), output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The program of that name on the PATH.
pub fn on_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// What the operating system said of a file, with the file's name.
pub fn about(path: &Path) -> impl Fn(std::io::Error) -> String {
    move |problem| format!("{}: {problem}", path.display())
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

fn line(command: &Command) -> String {
    let words = command.get_args().map(|word| word.to_string_lossy());
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    std::iter::once(program.to_string_lossy()).chain(words).collect::<Vec<_>>().join(" ")
}
