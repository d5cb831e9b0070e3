//! The maps of an environment's artifacts, for whoever asks where something comes from: see [`crate::template::Origins`].

use std::sync::Arc;

use camino::Utf8Path;
use rayon::prelude::*;

use super::Compiler;
use super::threads::collect;
use crate::account::Account;
use crate::artifact::{self, Artifact, File};
use crate::check::Missing;
use crate::environment::load::Environment;
use crate::environment::reads::Reads;
use crate::finding::Findings;
use crate::project::Entry;
use crate::template::{ArtifactMap, EnvironmentInput, Reason, Template};

/// An environment and all that it makes, not judged.
#[derive(Debug)]
pub struct Unjudged {
    pub environment: Environment,
    /// Sorted by path, like the files.
    pub artifacts: Vec<Artifact>,
    pub files: Vec<File>,
    /// Nothing is missing.
    pub is_whole: bool,
    /// What each template has read, if that was asked.
    pub reads: Vec<Arc<Reads>>,
}

impl Compiler<'_> {
    /// Merges the layers of an environment. `None` after an error.
    pub fn environment(&self, entry: &Entry, findings: &mut Findings) -> Option<Environment> {
        let environment = self.loader.charged(entry, self.options.set, &Account::unbounded(), findings);
        // What the project does not want to hear of is told by nobody.
        self.severities().apply(findings);
        environment
    }

    /// Renders what the schema allows. What cannot be made is left out, with findings.
    pub fn unjudged(&self, environment: Environment, findings: &mut Findings) -> Option<Unjudged> {
        self.unjudged_noting(environment, false, findings)
    }

    /// The same; what each template reads is noted, if that is asked.
    pub fn unjudged_noting(&self, environment: Environment, notes: bool, findings: &mut Findings) -> Option<Unjudged> {
        // What an environment may cost does not depend on who asks.
        let account = self.opened(Account::default());
        environment.layers.iter().for_each(|layer| account.read(layer.bytes));
        let wrong = self.schema.errors(&environment.root, self.inputs.sources, &account);
        findings.extend(wrong.into_iter().map(|(_, finding)| finding));
        self.severities().apply(findings);
        if findings.has_errors() {
            return None;
        }
        let all: Vec<Arc<Reads>> = self.templates().iter().filter(|_| notes).map(|_| Arc::default()).collect();
        let (artifacts, missing) = self.render_noting(&environment, |number| all.get(number), &account, findings);
        if account.is_over() {
            *findings = Findings::default();
            findings.push(self.why_over(&entry(&environment)));
            return None;
        }
        self.severities().apply(findings);
        let files = artifacts.par_iter().map(artifact::finish).collect();
        let is_whole = missing == Missing::Nothing;
        Some(Unjudged { environment, artifacts, files, is_whole, reads: all })
    }

    /// The map of one artifact.
    pub fn map(&self, made: &Unjudged, path: &Utf8Path) -> Option<ArtifactMap> {
        let artifact = made.artifacts.iter().find(|artifact| artifact.path == path)?;
        let template = self.templates().iter().find(|template| template.path() == &artifact.template)?;
        let account = Account::unbounded();
        let input = input(&made.environment, &account);
        let limits = self.inputs.limits;
        match &artifact.body {
            artifact::Body::Documents(_) => template.origins(&input, path, limits).map(ArtifactMap::Documents),
            artifact::Body::Copy(copied) => {
                Some(ArtifactMap::Copy(Arc::clone(copied), template.whole_of_copy(&input, path, limits)))
            }
            artifact::Body::Text(_) => template.text_map(&input, path, limits).map(ArtifactMap::Text),
        }
    }

    /// The maps of all artifacts, by their paths.
    pub fn maps(&self, environment: &Environment) -> Vec<(String, ArtifactMap)> {
        self.maps_of(environment, |_| true)
    }

    /// The same of those that some templates make, by the numbers of these.
    pub fn maps_of(&self, environment: &Environment, is_wanted: impl Fn(usize) -> bool) -> Vec<(String, ArtifactMap)> {
        let account = Account::unbounded();
        let input = input(environment, &account);
        let templates = self.templates().iter().enumerate().filter(|(number, _)| is_wanted(*number));
        let templates: Vec<&Template> = templates.map(|(_, template)| template).collect();
        let maps = |template: &Template| template.maps(&input, self.inputs.limits);
        let mut all: Vec<_> = templates.into_par_iter().map(maps).collect::<Vec<_>>().into_iter().flatten().collect();
        all.sort_by(|(a, _), (b, _)| a.cmp(b));
        all
    }

    /// What keeps files away that these templates would make.
    pub fn away(&self, environment: &Environment, is_wanted: impl Fn(usize) -> bool) -> Vec<Reason> {
        let account = Account::unbounded();
        let input = input(environment, &account);
        let templates = self.templates().iter().enumerate().filter(|(number, _)| is_wanted(*number));
        templates.flat_map(|(_, template)| template.away(&input, self.inputs.limits)).collect()
    }

    /// What is wrong with an environment by its schema.
    pub fn is_allowed(&self, environment: &Environment) -> bool {
        let wrong = self.schema.errors(&environment.root, self.inputs.sources, &Account::unbounded());
        !wrong.iter().any(|(_, finding)| finding.is_error())
    }

    /// Renders an environment, without looking at its schema. `None` after an error.
    pub fn rendered(&self, environment: &Environment) -> Option<Vec<Artifact>> {
        let ((artifacts, missing), findings) =
            collect(|findings| self.render(environment, None, &Account::unbounded(), findings));
        (missing == Missing::Nothing && !findings.has_errors()).then_some(artifacts)
    }
}

/// Where an environment was found.
fn entry(environment: &Environment) -> Entry {
    let path = environment.layers.last().map(|layer| layer.path.clone()).unwrap_or_default();
    Entry { name: Arc::clone(&environment.name), path }
}

fn input<'a>(environment: &'a Environment, account: &'a Account) -> EnvironmentInput<'a> {
    EnvironmentInput { name: &environment.name, root: &environment.root, reads: None, account }
}
