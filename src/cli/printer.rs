//! The only owner of standard output and standard error.
//!
//! Results go to standard output, everything else to standard error. A result that could not be delivered is an error
//! of the run, however well the rest went: a full disk behind `>` must not look like success.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::fd::AsFd;

use anstream::{AutoStream, ColorChoice};

use super::args::{Colour, Format};
use crate::finding::render::{safe, text};

/// Columns where there is no terminal to ask: a build log, a file.
const DEFAULT_WIDTH: usize = 100;

/// How much to say on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Volume {
    /// Findings and errors only.
    Quiet,
    Normal,
    Verbose,
}

/// A result that did not reach its reader.
#[derive(Debug)]
pub enum Undelivered {
    /// The reader closed the pipe (`| head`): it has what it wanted, and nobody is there to hear a complaint.
    BrokenPipe,
    Io(io::Error),
}

impl From<io::Error> for Undelivered {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::Io(error),
        }
    }
}

pub struct Printer {
    /// A file of its own: std's handle takes a write to a closed descriptor for a success.
    out: BufWriter<File>,
    pub format: Format,
    volume: Volume,
    out_look: text::Look,
    err_look: text::Look,
    /// The progress line stands on the terminal and must go before anything else is said.
    progress: bool,
    /// Standard output is a terminal.
    terminal: bool,
    /// Standard error can be written to, as far as is known.
    hears: bool,
    /// Something that counts was said to a standard error that cannot take it.
    unheard: bool,
}

impl Printer {
    pub fn is_verbose(&self) -> bool {
        self.volume >= Volume::Verbose
    }

    /// Whether what is acknowledged is shown with its places, and not only counted.
    pub fn shows_acknowledged(&self) -> bool {
        !matches!(self.format, Format::Text | Format::Matrix | Format::Paths) || self.is_verbose()
    }

    pub fn new(format: Format, colour: Colour, volume: Volume, hears: bool) -> io::Result<Self> {
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let out = File::from(stdout.as_fd().try_clone_to_owned()?);
        let acknowledges = volume >= Volume::Verbose;
        let out_look = text::Look { colour: colour.on(&stdout), width: width(&stdout), acknowledges };
        let err_look = text::Look { colour: colour.on(&stderr), width: width(&stderr), acknowledges };
        let out = BufWriter::with_capacity(64 * 1024, out);
        let terminal = stdout.is_terminal();
        Ok(Self { out, format, volume, out_look, err_look, progress: false, terminal, hears, unheard: false })
    }

    /// How to draw what goes to standard output.
    pub fn out_look(&self) -> text::Look {
        self.out_look
    }

    /// How to draw what goes to standard error.
    pub fn err_look(&self) -> text::Look {
        self.err_look
    }

    /// A part of the result.
    pub fn result(&mut self, text: impl AsRef<[u8]>) -> Result<(), Undelivered> {
        self.clear_progress();
        Ok(self.out.write_all(text.as_ref())?)
    }

    /// A file as it is; for a terminal, which would obey what is in it, with control characters made visible.
    pub fn file(&mut self, bytes: &[u8]) -> Result<(), Undelivered> {
        if self.terminal { self.result(safe::page(&String::from_utf8_lossy(bytes))) } else { self.result(bytes) }
    }

    /// Delivers what is still buffered. Every run ends with it; until then nothing is known to have arrived.
    pub fn finish(&mut self) -> Result<(), Undelivered> {
        self.clear_progress();
        Ok(self.out.flush()?)
    }

    /// One calm line about what was done.
    pub fn status(&mut self, line: &str) {
        if self.volume >= Volume::Normal {
            self.write(&format!("{}\n", safe::line(line)));
        }
    }

    /// What was done on the way, for those who ask (`-v`).
    pub fn detail(&mut self, line: &str) {
        if self.volume >= Volume::Verbose {
            self.write(&format!("{}\n", safe::line(line)));
        }
    }

    /// Findings and other text that is said at any volume, already drawn for standard error.
    pub fn say(&mut self, text: &str) {
        self.unheard |= !self.write(text);
    }

    /// Whether something was said that could not be heard. There is nobody left to tell; the exit code says it.
    pub fn is_unheard(&self) -> bool {
        self.unheard
    }

    /// Whether standard error took it, or had a reader who went.
    fn write(&mut self, text: &str) -> bool {
        self.clear_progress();
        // Where both streams are one terminal, what was printed first stands first. A failure is told by `finish`.
        let _ = self.out.flush();
        let written = io::stderr().lock().write_all(text.as_bytes());
        self.hears && written.map_or_else(|error| error.kind() == io::ErrorKind::BrokenPipe, |()| true)
    }

    /// An error that has no place in a file: usage, input and output.
    pub fn error(&mut self, message: &str, help: Option<&str>) {
        self.plain("error", "\x1b[1;91m", message, help);
    }

    /// The same, of something that does not change how the run ends.
    pub fn warning(&mut self, message: &str, help: Option<&str>) {
        self.plain("warning", "\x1b[1;33m", message, help);
    }

    fn plain(&mut self, word: &str, style: &str, message: &str, help: Option<&str>) {
        let (style, cyan, reset) = if self.err_look.colour { (style, "\x1b[1;96m", "\x1b[0m") } else { ("", "", "") };
        self.say(&format!("{style}{word}{reset}: {}\n", safe::lines(message)));
        if let Some(help) = help {
            let help = safe::lines(help).replace('\n', "\n        ");
            self.say(&format!("  {cyan}help{reset}: {help}\n"));
        }
    }

    /// Shows how far a long run is; on a terminal only, and not if quiet.
    pub fn progress(&mut self, line: &str) {
        if self.volume >= Volume::Normal && io::stderr().is_terminal() {
            let cut: String = safe::line(line).chars().take(self.err_look.width.saturating_sub(1)).collect();
            let _ = write!(io::stderr().lock(), "\r\x1b[K{cut}");
            self.progress = true;
        }
    }

    fn clear_progress(&mut self) {
        if std::mem::take(&mut self.progress) {
            let _ = io::stderr().lock().write_all(b"\r\x1b[K");
        }
    }
}

impl Colour {
    fn on(self, stream: &impl anstream::stream::RawStream) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            // Terminal or not, NO_COLOR, CLICOLOR, CLICOLOR_FORCE, TERM=dumb.
            Self::Auto => AutoStream::choice(stream) != ColorChoice::Never,
        }
    }
}

fn width(stream: &impl AsFd) -> usize {
    let asked = rustix::termios::tcgetwinsize(stream).map_or(0, |size| usize::from(size.ws_col));
    if asked == 0 { DEFAULT_WIDTH } else { asked.clamp(40, 200) }
}
