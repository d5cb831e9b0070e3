//! [`Options`]: what the command line asks of the pipeline.

use super::Survey;
use crate::cache::Parts;
use crate::check::Past;
use crate::environment::patch::Patch;
use crate::project::Project;

/// What is asked of a run, beside the project.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Values from the command line, on top of every environment.
    pub set: Option<&'a Patch>,
    /// No tree is handed on, since something that all of them hold is wrong; what else is wrong is still told.
    pub refused: bool,
    /// Judge the output. Not so for what is only looked at.
    pub check: bool,
    /// Let an independent reader read every file that is made.
    pub verify: bool,
    /// What day it is: acknowledgements end that hold until an earlier one, and support that ended counts as such.
    pub day: Option<&'a str>,
    /// Somebody gets to see where that is what is acknowledged.
    pub acknowledged_too: bool,
    /// The trees before, which changes are judged against.
    pub past: Option<&'a dyn Past>,
    /// The trees before, if it is to be said what becomes of each thing that changes.
    pub effects: Option<&'a dyn Past>,
    /// The project, if all its environments are compiled.
    pub whole: Option<&'a Project>,
    /// Look for settings that nothing reads. Nobody knows of any unless all environments are compiled.
    pub usage: bool,
    /// An environment that makes no file is meant to.
    pub allow_empty: bool,
    /// What is known of environments already, and who takes what is found out.
    pub parts: Option<&'a Parts<'a>>,
    /// What is asked of each environment; no tree is handed on then.
    pub survey: Option<&'a Survey<'a>>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            set: None,
            refused: false,
            check: true,
            verify: false,
            day: None,
            acknowledged_too: true,
            past: None,
            effects: None,
            whole: None,
            usage: false,
            allow_empty: false,
            parts: None,
            survey: None,
        }
    }
}
