//! POSIX.1-2024, `set`: the shell's options.

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Options {
    pub exit_on_error: bool,
    pub trace: bool,
    pub no_unset: bool,
    pub no_glob: bool,
    pub pipe_fail: bool,
    /// `>` does not replace a file.
    pub no_clobber: bool,
    /// Commands are read, not run.
    pub no_execution: bool,
    pub export_all: bool,
    /// Called as bash: braces are expanded, errors are in bash's words.
    pub bash: bool,
    /// Somebody talks to it: it prompts, and outlives errors and Ctrl-C.
    pub interactive: bool,
    /// The last command of the script replaces the shell.
    pub exec_last: bool,
}

impl Options {
    /// Reads `-ex`, `+e`; unknown letters are passed over.
    pub fn set(&mut self, flags: &str) {
        let on = flags.starts_with('-');
        for letter in flags.chars().skip(1) {
            match letter {
                'e' => self.exit_on_error = on,
                'x' => self.trace = on,
                'u' => self.no_unset = on,
                'f' => self.no_glob = on,
                'a' => self.export_all = on,
                'C' => self.no_clobber = on,
                'n' => self.no_execution = on && !self.interactive,
                'i' => self.interactive = on,
                _ => {}
            }
        }
    }
    /// `set -o NAME`; `false` if there is no such option.
    pub fn set_named(&mut self, name: &str, on: bool) -> bool {
        match name {
            "errexit" => self.exit_on_error = on,
            "xtrace" => self.trace = on,
            "nounset" => self.no_unset = on,
            "noglob" => self.no_glob = on,
            "allexport" => self.export_all = on,
            "pipefail" => self.pipe_fail = on,
            "noclobber" => self.no_clobber = on,
            "noexec" => self.no_execution = on && !self.interactive,
            "verbose" | "monitor" | "notify" | "vi" | "emacs" | "posix" | "ignoreeof" => {}
            _ => return false,
        }
        true
    }
}
