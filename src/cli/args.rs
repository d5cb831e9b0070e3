//! The command line as it is typed. Nothing is looked up here: [`super::session`] finds the project it is about.

mod chart;

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

use crate::environment::acknowledge;
use crate::yaml::scalar::{self, Plain};

pub use chart::{Add, Chart, ChartAction, ChartValues, Objects, Template};

/// A declarative manifest compiler: layered environments, schemas and templates in, a GitOps-ready tree out
#[derive(Debug, Parser)]
#[command(
    name = "platc",
    version,
    about,
    after_help = include_str!("help/platc.txt"),
    max_term_width = 100,
    propagate_version = false,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The project folder; without it, the nearest one upwards that holds platc.yaml
    #[arg(short = 'C', long = "project", global = true, value_name = "DIR", env = "PLATC_PROJECT", hide_env_values = true, value_hint = ValueHint::DirPath)]
    pub project: Option<Utf8PathBuf>,

    /// How to print results and findings
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        env = "PLATC_FORMAT",
        hide_env_values = true
    )]
    pub format: Format,

    /// The format was given by the environment and not on the command line, so it is meant for commands that have it.
    #[arg(skip)]
    pub format_of_environment: bool,

    /// When to use colours; `auto` heeds `NO_COLOR`, `CLICOLOR` and `CLICOLOR_FORCE`
    #[arg(
        long = "color",
        alias = "colour",
        global = true,
        value_enum,
        default_value_t,
        value_name = "WHEN",
        env = "PLATC_COLOR",
        hide_env_values = true
    )]
    pub colour: Colour,

    /// How many threads to use, at most 256; 0 means one for each processor
    #[arg(
        short,
        long,
        global = true,
        value_name = "N",
        value_parser = clap::value_parser!(u16).range(0..=256),
        default_value_t = 0,
        hide_default_value = true,
        env = "PLATC_JOBS",
        hide_env_values = true
    )]
    pub jobs: u16,

    /// Where to keep what runs have found out, instead of the user's cache folder; never in the work tree
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "PLATC_CACHE_DIR",
        hide_env_values = true,
        value_hint = ValueHint::DirPath
    )]
    pub cache_dir: Option<Utf8PathBuf>,

    /// Keep nothing for the next run, and use nothing of an earlier one
    #[arg(long, global = true, env = "PLATC_NO_CACHE", hide_env_values = true, value_parser = switch)]
    pub no_cache: bool,

    /// Print findings and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Print every file that is written or removed, all findings, and how to acknowledge each
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// What a variable says of a switch. An empty one is one that is not set, as of all other options.
fn switch(text: &str) -> Result<bool, String> {
    match &*text.to_ascii_lowercase() {
        "1" | "y" | "yes" | "t" | "true" | "on" => Ok(true),
        "" | "0" | "n" | "no" | "f" | "false" | "off" => Ok(false),
        _ => Err("it is neither true nor false".to_owned()),
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON document on standard output, for programs
    Json,
    /// Findings as a SARIF 2.1.0 log, for code scanning and editors
    Sarif,
    /// Findings as workflow commands, which GitHub Actions shows beside the lines of a pull request
    Github,
    /// Findings as test results, for build servers
    Junit,
    /// For a comment on a pull request: what a change does, of `diff`; environments side by side, of `compare`
    Markdown,
    /// A bill of materials in CycloneDX 1.6: for `images`
    Cyclonedx,
    /// Jobs for the environments that a change affects: for `affected`
    Matrix,
    /// The files that a change affects, a line each: for `affected`
    Paths,
}

impl Format {
    /// It knows findings, and no other result.
    pub fn is_for_findings(self) -> bool {
        matches!(self, Self::Sarif | Self::Github | Self::Junit)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Render(Render),
    Validate(Validate),
    Diff(Diff),
    Affected(Affected),
    Golden(Golden),
    Set(Set),
    Unset(Unset),
    Promote(Promote),
    Show(Show),
    Explain(Explain),
    Why(Why),
    Compare(Compare),
    Images(Images),
    Adopt(Adopt),
    Chart(Chart),
    Schema(Schema),
    Rules(Rules),
    Init(Init),
    Cache(Cache),
    Completions(Completions),
    Man(Man),
    Help(Help),
}

/// The environments a command works on.
#[derive(Debug, Args)]
pub struct Environments {
    /// Environments, by path (`environments/prod`) or name (`prod`); none means all
    #[arg(value_name = "ENV", value_hint = ValueHint::AnyPath)]
    pub named: Vec<String>,

    /// All environments of the project
    #[arg(long, conflicts_with = "named")]
    pub all: bool,
}

/// Values given on the command line.
#[derive(Debug, Args)]
pub struct Values {
    /// Set a value over what the environment says; may stand several times
    ///
    /// KEY is a path with dots (`cluster.version`), VALUE is read as in an environment file: the schema says
    /// which type is wanted.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,

    /// Lay a YAML file over what the environment says, as one more layer, below --set; may stand several times
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub with: Vec<Utf8PathBuf>,
}

/// Compile environments into trees of files
///
/// Each environment becomes one tree, `rendered/<name>`, swapped in as a whole: a failure leaves the old tree as
/// it was. Files that platc wrote earlier and no longer makes are removed, files it did not write are left alone, and a file
/// that was edited by hand is an error. An environment with errors keeps its old tree.
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/render.txt"))]
pub struct Render {
    #[command(flatten)]
    pub environments: Environments,

    /// Write trees into DIR/NAME instead of the project's output folder; `-` means --stdout
    #[arg(short, long, value_name = "DIR", env = "PLATC_OUT_DIR", hide_env_values = true, value_hint = ValueHint::DirPath)]
    pub out_dir: Option<Utf8PathBuf>,

    /// Print the files instead of writing them, each behind a line with its name
    #[arg(long, conflicts_with = "check")]
    pub stdout: bool,

    /// Only files that match GLOB (`*` within a folder, `**` across); with --stdout or --check, as a tree is written whole
    #[arg(long, value_name = "GLOB")]
    pub only: Vec<String>,

    #[command(flatten)]
    pub values: Values,

    /// Write nothing; exit 1 if the trees on disk are not what would be written
    #[arg(long)]
    pub check: bool,

    /// Read every file back with an independent YAML reader before anything is written
    #[arg(long, env = "PLATC_VERIFY", hide_env_values = true, value_parser = switch)]
    pub verify: bool,

    /// Replace files that were edited by hand since platc wrote them, instead of refusing
    #[arg(long)]
    pub overwrite_edits: bool,

    /// Let an environment make no file at all, which empties its tree
    #[arg(long)]
    pub allow_empty: bool,

    /// Wait until the disk has the new trees before they replace the old ones; survives a power cut, costs time
    #[arg(long, env = "PLATC_DURABLE", hide_env_values = true, value_parser = switch)]
    pub durable: bool,
}

/// Check environments, schemas and templates; write nothing
///
/// Does all that `platc render` does but for writing, and prints what it finds. For hooks and CI.
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/validate.txt"))]
pub struct Validate {
    #[command(flatten)]
    pub environments: Environments,

    /// Judge what is staged in the git index, not the working tree
    #[arg(long)]
    pub staged: bool,

    /// First rename keys that have a new name (`schema/renamed`) and take out overrides that change nothing
    /// (`merge/redundant`); comments and order stay as they are
    ///
    /// Keys are renamed in all layers of the project. Beside that no environment becomes another one: that is tried before a file
    /// is written.
    #[arg(long, conflicts_with = "staged")]
    pub fix: bool,

    /// What changes are judged against: `golden`, a folder or a git revision
    ///
    /// A word that could be two things is an error; `dir:WORD` is a folder, `rev:WORD` a revision. Rules about changes look at what becomes of what is deployed: data that is deleted, resources that are replaced, steps
    /// that are refused. `golden` is the committed tree, so a change that was accepted is said no more.
    #[arg(short, long, value_name = "WHAT", default_value = "golden")]
    pub against: String,

    /// The day to judge by, `YYYY-MM-DD`: acknowledgements that hold until an earlier one end, and so does the support of
    /// versions; without it no acknowledgement ends, and support is as it was when platc's tables were made
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub as_of: Option<String>,

    /// Fail on warnings, too
    #[arg(long)]
    pub strict: bool,

    /// Let an environment make no file at all
    #[arg(long)]
    pub allow_empty: bool,

    #[command(flatten)]
    pub values: Values,
}

fn day(text: &str) -> Result<String, String> {
    let wrong = || "a day is written as 2027-01-31".to_owned();
    if acknowledge::is_day(text) { Ok(text.to_owned()) } else { Err(wrong()) }
}

/// Show what would change in the rendered files of an environment
///
/// Compares the environment as it compiles now with something older:
/// the golden tree (the default), another environment, a folder, or the project as it was at a git commit, which is compiled
/// from that commit in memory, so no rendered files need to be committed.
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/diff.txt"))]
pub struct Diff {
    #[command(flatten)]
    pub environments: Environments,

    /// What to compare with: `golden`, an environment, a folder, or a git revision
    ///
    /// A word that could be two things is an error; `env:WORD` is an environment, `dir:WORD` a folder, `rev:WORD` a revision.
    #[arg(short, long, value_name = "WHAT", default_value = "golden")]
    pub against: String,

    /// What to show of the change
    #[arg(long, value_enum, value_name = "VIEW", conflicts_with = "stat")]
    pub view: Option<View>,

    /// Exit 1 if anything has this consequence or a worse one, and 0 otherwise; shows the impact
    ///
    /// What is unknown counts as well, and so does what may be replaced where `replaces` does. What an environment acknowledges
    /// under `impact/CONSEQUENCE` does not count.
    #[arg(long, value_enum, value_name = "CONSEQUENCE")]
    pub fail_on: Option<Threshold>,

    /// Let what is unknown not count for `--fail-on`
    #[arg(long, requires = "fail_on")]
    pub allow_unknown: bool,

    /// List the files and how many lines changed in each, not the lines
    #[arg(long)]
    pub stat: bool,

    /// Unchanged lines to show around each change
    #[arg(short = 'U', long, value_name = "N", default_value_t = 3)]
    pub context: usize,

    /// Only files that match GLOB (`*` within a folder, `**` across)
    #[arg(long, value_name = "GLOB")]
    pub only: Vec<String>,

    #[command(flatten)]
    pub values: Values,
}

/// What `diff` shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum View {
    /// The lines that change
    Text,
    /// The values that change, each with its path; items of lists by their names
    Structure,
    /// What becomes of each resource and object, the worst first
    Impact,
}

/// The consequence from which on a change is too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Threshold {
    #[value(alias = "destroy")]
    Destroys,
    #[value(alias = "replace")]
    Replaces,
    #[value(alias = "roll-nodes")]
    RollsNodes,
    #[value(alias = "restart")]
    Restarts,
    #[value(alias = "block")]
    Blocks,
    InPlace,
}

/// Tell which environments a change really affects, and which of their files
///
/// Compiles the project as it was where HEAD parted from BASE, and as it is at HEAD, both from git's objects; the work tree is not
/// looked at. An environment is affected if the bytes of its files or the findings about it differ, if it is added or removed, or
/// if it has errors. Changes that make no difference, such as comments or a setting that it does not use, affect nothing.
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/affected.txt"))]
pub struct Affected {
    /// The branch, tag or commit that the change goes into
    #[arg(long, value_name = "REF")]
    pub base: String,

    /// The branch, tag or commit with the change
    #[arg(long, value_name = "REF", default_value = "HEAD")]
    pub head: String,

    /// With --format matrix: how many jobs to make at the most [default: 256, as many as GitHub takes]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub max_jobs: Option<u16>,

    /// Tell what becomes of what runs there, too: the worst of it in the text, all of it counted in JSON
    #[arg(long)]
    pub impact: bool,
}

/// Hold the golden trees, or renew them
///
/// A golden tree is the committed copy of what an environment compiles to, under `golden/<name>`. A change to
/// templates or environments that changes the output must renew it, so that the change of the output is part of what is reviewed.
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/golden.txt"))]
pub struct Golden {
    #[command(flatten)]
    pub environments: Environments,

    /// Compare and write nothing; exit 1 if a golden tree is not what its environment compiles to (the default)
    #[arg(long)]
    pub check: bool,

    /// Take what the environments compile to as the new golden trees
    #[arg(long, conflicts_with = "check")]
    pub accept: bool,

    /// With --accept, replace files that were edited by hand since platc wrote them, instead of refusing
    #[arg(long, requires = "accept")]
    pub overwrite_edits: bool,

    /// Let an environment make no file at all, which empties its tree
    #[arg(long)]
    pub allow_empty: bool,

    /// Judge what is staged in the git index, not the working tree
    #[arg(long, conflicts_with = "accept")]
    pub staged: bool,
}

/// Set a value of an environment in the file that it belongs to
///
/// The file of the environment's own layer that sets the value is edited, or the one that holds what is nearest to it, or
/// `environment.yaml`. Comments, order and quotes stay. Before anything is written, every environment that uses the layer is merged
/// and judged by the schema; what would be wrong is told, and the file stays as it is. A value that is what the layers below give
/// anyway is not written, and an override of it is taken out.
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/set.txt"))]
pub struct Set {
    /// The environment, by path or name
    #[arg(value_name = "ENV", value_hint = ValueHint::AnyPath)]
    pub environment: String,

    /// The value's path: `cluster.version`, `pools[name=general].cpu`, `labels."a.b/c"`
    #[arg(value_name = "PATH")]
    pub path: String,

    /// The value, read as in a file: the schema says which type is wanted; lists and maps as `[a, b]` and `{a: 1}`
    #[arg(value_name = "VALUE", allow_negative_numbers = true)]
    pub value: String,

    /// Another layer of the environment, or a file of it: `base`, `environments/base/cluster.yaml`
    #[arg(long, value_name = "LAYER", value_hint = ValueHint::AnyPath)]
    pub layer: Option<String>,

    /// Show the difference and write nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

/// Take a value out of the layer that sets it, so that what lies below holds again
///
/// Says what the value is then, and where that is set. A value that the schema demands and no other layer sets stays.
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/unset.txt"))]
pub struct Unset {
    /// The environment, by path or name
    #[arg(value_name = "ENV", value_hint = ValueHint::AnyPath)]
    pub environment: String,

    /// The value's path: `cluster.version`, `pools[name=general]`
    #[arg(value_name = "PATH")]
    pub path: String,

    /// Another layer of the environment, or a file of it: `base`, `environments/base/cluster.yaml`
    #[arg(long, value_name = "LAYER", value_hint = ValueHint::AnyPath)]
    pub layer: Option<String>,

    /// Show the difference and write nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

/// Take values of one environment over to another
///
/// Each value is set in the layer of TO itself, as `platc set` does, or its override taken out where the layers below give it. Without a
/// path, all values that the schema marks with `x-platc-promote: true`. Secrets and what is TO's own, `x-platc-promote: false` or
/// `x-platc-compare: must-differ`, are never taken over. What FROM does not set stays.
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/promote.txt"))]
pub struct Promote {
    /// The environment to take from
    #[arg(value_name = "FROM", value_hint = ValueHint::AnyPath)]
    pub from: String,

    /// The environment to change
    #[arg(value_name = "TO", value_hint = ValueHint::AnyPath)]
    pub to: String,

    /// What to take over, with all below it; `*` stands for any one key, `**` for any number of them
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,

    /// Show the difference and write nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

/// Show what an environment says, all its layers merged
///
/// The merged environment as YAML, or a part of it: what templates see.
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/show.txt"))]
pub struct Show {
    /// The environment, by path (`environments/prod`) or name (`prod`)
    #[arg(value_name = "ENV", value_hint = ValueHint::AnyPath)]
    pub environment: String,

    /// The part to show, such as `network.vpc` or `pools[name=general]`
    #[arg(value_name = "PATH")]
    pub path: Option<String>,

    /// Write beside each value the file and the line that set it
    #[arg(long)]
    pub provenance: bool,

    #[command(flatten)]
    pub values: Values,
}

/// Explain a value of an environment: who set it, what the schema says of it, and where it ends
///
/// Each layer that has a say, in order, the winner last; the schema's description, type, limits and default, and the rules that
/// read it; every file and line of the output that holds it, or that stands there because of it.
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/explain.txt"))]
pub struct Explain {
    /// The environment, by path (`environments/prod`) or name (`prod`)
    #[arg(value_name = "ENV", value_hint = ValueHint::AnyPath)]
    pub environment: String,

    /// Values, such as `network.vpc.cidr` or `pools[name=general].size`; `*` is any key or item, `**` any number of them
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<String>,

    #[command(flatten)]
    pub values: Values,
}

/// Say where a line of the output comes from, and which file to edit
///
/// The value of the environment and the layers that set it, what the template made of it, and what decided that the line stands
/// there: all from a render that knows it, nothing guessed.
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/why.txt"))]
pub struct Why {
    /// A file of a rendered or golden tree, `FILE:LINE` or `FILE:LINE:COLUMN`; or `ENV:ARTIFACT:LINE`, with `:COLUMN` if wanted
    #[arg(value_name = "FILE:LINE[:COL]", value_hint = ValueHint::FilePath)]
    pub place: String,

    #[command(flatten)]
    pub values: Values,
}

/// Show environments beside each other: what they set and what they make, where it differs
///
/// Versions, flags and other values, the images that run, and the files of the trees. Up to five environments have a column each; of
/// more, those that have the same go together, and outliers are named. What the schema wants to be the same everywhere, or
/// another one (`x-platc-compare`), is marked, and told where it is not so. Secrets are neither shown nor compared.
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/compare.txt"))]
pub struct Compare {
    /// Environments, by path (`environments/prod`) or name (`prod`), two at least; none means all
    #[arg(value_name = "ENV", value_hint = ValueHint::AnyPath)]
    pub named: Vec<String>,

    /// Show what is the same everywhere, too
    #[arg(long)]
    pub all: bool,

    /// What to compare; may be several, with commas between them
    #[arg(long, value_enum, value_delimiter = ',', value_name = "VIEW")]
    pub view: Vec<Section>,
}

/// What to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Section {
    /// Values whose key says that they are versions, and the charts that are installed
    Versions,
    /// Values that are `true` or `false`
    Flags,
    /// All other values
    Values,
    /// The images that run, by their names
    Images,
    /// The files of the trees: the same bytes, others, or none
    Artifacts,
}

/// List the images that environments run, and where each is set
///
/// Those of pods, of custom resources whose fields are known, and of the values of charts: registry, repository, tag and digest,
/// the line that sets each, and what runs it. What only a chart's defaults complete is said to be the chart's; nothing is looked
/// up, and nothing guessed.
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/images.txt"))]
pub struct Images {
    #[command(flatten)]
    pub environments: Environments,

    #[command(flatten)]
    pub values: Values,
}

/// Make templates, layers and a schema of what another tool renders, proved to make the same
///
/// Reads what each environment gets now, as `kustomize build`, `helm template`, `cdk synth` or others print or write it: folders
/// or files of YAML and JSON. What environments have in common becomes templates; where they differ, settings of the layers. All of
/// it is rendered in memory and compared, object by object; only if everything is equal, it is written: `templates/APP`,
/// a file `APP.yaml` in each environment, a schema, and a line in the project's schema that names it.
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/adopt.txt"))]
pub struct Adopt {
    /// The application's name: that of its folder and of its settings
    #[arg(value_name = "APP", value_parser = adopted)]
    pub app: String,

    /// What an environment gets: a folder or a file; once for each environment
    #[arg(long = "as", value_name = "ENV=PATH", required = true, value_parser = rendered, value_hint = ValueHint::AnyPath)]
    pub rendered: Vec<(String, Utf8PathBuf)>,

    /// Adopt the data of secrets as well; it will stand in the project as it is
    #[arg(long)]
    pub with_secrets: bool,

    /// Show what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// A name that is a folder and a key.
fn adopted(typed: &str) -> Result<String, String> {
    let begins = typed.starts_with(|char: char| char.is_ascii_alphabetic());
    let is_name = begins && typed.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_'));
    if is_name && typed.len() <= 63 {
        Ok(typed.to_owned())
    } else {
        Err("a name has letters, digits and dashes, and begins with a letter".to_owned())
    }
}

fn rendered(typed: &str) -> Result<(String, Utf8PathBuf), String> {
    match typed.split_once('=') {
        Some((environment, path)) if !environment.is_empty() && !path.is_empty() => {
            Ok((environment.to_owned(), path.into()))
        }
        _ => Err("write the environment and what it gets, as `prod=out/prod`".to_owned()),
    }
}

/// Work with the project's schemas
#[derive(Debug, Args)]
#[command(arg_required_else_help = true, disable_help_subcommand = true, after_help = include_str!("help/schema.txt"))]
pub struct Schema {
    #[command(subcommand)]
    pub action: SchemaAction,
}

#[derive(Debug, Subcommand)]
pub enum SchemaAction {
    Print(Print),
    Docs(Docs),
    Import(Import),
    Modeline(Modeline),
}

/// List the rules that findings follow, or explain one
///
/// Without an id, all rules: those of platc and those of the project in `schemas/rules`. A severity that `platc.yaml` changes is
/// shown as the project has it.
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/rules.txt"), args_conflicts_with_subcommands = true)]
pub struct Rules {
    #[command(subcommand)]
    pub action: Option<RulesAction>,

    /// The ids of rules, as findings show them in brackets, or the beginning of several
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub enum RulesAction {
    Test(RulesTest),
}

/// Judge the samples of the project's own rules: good ones must keep their rule, bad ones must break it
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  platc rules test")]
pub struct RulesTest {}

/// Print the environment schema as one JSON document, with all schemas it refers to inside
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/schema_print.txt"))]
pub struct Print {
    /// As it holds for a layer alone: nothing is required, `extends`, `acknowledge`, `outside`, `$patch` and `null` are known;
    /// for editors
    #[arg(long)]
    pub layer: bool,
}

/// Print a reference of all settings as Markdown, made from the environment schema
///
/// A section for each key of the root, a table row for each setting: its type and limits, its default or that it is required,
/// its description. Rules across settings stand below each table.
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/schema_docs.txt"))]
pub struct Docs {}

/// Make schemas of custom resource definitions, charts, CloudFormation resource types and Kubernetes' own kinds
///
/// Reads what others publish, from files or folders, and writes one schema for each kind, chart version or resource type
/// below `schemas/kubernetes`, `schemas/helm` and `schemas/cloudformation`. What is rendered is then judged by them. Nothing is
/// fetched: bring the files.
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/schema_import.txt"))]
pub struct Import {
    /// Definitions, charts and resource types: files, or folders of them
    #[arg(value_name = "FILE|DIR", required = true, value_hint = ValueHint::AnyPath)]
    pub from: Vec<Utf8PathBuf>,

    /// The folder to write into, instead of the one that the environment schema lies in
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub into: Option<Utf8PathBuf>,

    /// Only this kind of the definitions of Kubernetes; may stand several times
    #[arg(long, value_name = "KIND")]
    pub kind: Vec<String>,

    /// The chart's name, where there is no `Chart.yaml`
    #[arg(long, value_name = "CHART")]
    pub name: Option<String>,

    /// The chart's version, where there is no `Chart.yaml`
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,

    /// Replace files that were edited by hand, or that no import made
    #[arg(long)]
    pub force: bool,
}

/// Tell editors which schema environment files and layers follow
///
/// Editors with the YAML language server complete and check a file whose first line says `# yaml-language-server: $schema=…`.
/// Prints that line for each file of the environments and of the layers they extend; with --write, puts it into the files, and
/// writes the schema that it names beside the project's own: the project's schema as it holds for a layer alone.
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/schema_modeline.txt"))]
pub struct Modeline {
    #[command(flatten)]
    pub environments: Environments,

    /// Another schema to name, instead of the one that is written beside the project's own
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub schema: Option<Utf8PathBuf>,

    /// Write the line into the files that lack it or have another, and the schema for layers
    #[arg(long)]
    pub write: bool,

    /// Write nothing; exit 1 if a file lacks the line, or if the schema for layers is not what would be written
    #[arg(long, conflicts_with = "write")]
    pub check: bool,
}

/// Make a new project that renders at once
///
/// With environments, schema, templates and a rule of its own, golden trees, settings for git and editors, hooks for
/// pre-commit, and CI for GitHub and GitLab. Nothing that is there is written over: settings of yours, such as a `.gitignore`,
/// stay as they are, and where another file differs, nothing is made at all.
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/init.txt"))]
pub struct Init {
    /// The folder, which need not be there yet; without it, the folder you are in
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: Option<Utf8PathBuf>,

    /// What to begin with
    #[arg(long, value_enum, value_name = "STARTER", default_value_t)]
    pub from: Starter,

    /// What the application is called, in lower-case letters, digits and `-`, instead of `shop`
    #[arg(long, value_name = "NAME", value_parser = application)]
    pub name: Option<String>,
}

/// A name that is one wherever the starters put it: of objects and of folders, and no word that YAML reads otherwise.
fn application(text: &str) -> Result<String, String> {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_name = (2..=40).contains(&text.len())
        && text.starts_with(|letter: char| letter.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.bytes().all(is_inner)
        && matches!(scalar::plain(text), Plain::String);
    let wrong = || "2 to 40 lower-case letters, digits and `-`, a letter first, as in `orders`".to_owned();
    if is_name { Ok(text.to_owned()) } else { Err(wrong()) }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Starter {
    /// One environment, one template
    #[default]
    Minimal,
    /// An application in dev, staging and prod, brought by Argo CD
    App,
    /// An addition to an EKS cluster: a CloudFormation stack, Helm values, an Argo CD application
    Platform,
}

/// Say where the cache lies and how large it is, or empty it
///
/// `render`, `validate`, `golden`, `diff` and `affected` keep what they found out, and use it as long as all that they read is the same.
/// With it and without, they give the same; so it can be removed at any time.
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/cache.txt"))]
pub struct Cache {
    /// Remove all that is kept
    #[arg(long)]
    pub prune: bool,
}

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/completions.txt"))]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL", required_unless_present = "names")]
    pub shell: Option<Shell>,

    /// What the scripts ask for
    #[arg(long, hide = true, conflicts_with = "shell")]
    pub names: Option<Names>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Names {
    Environments,
    Rules,
}

/// Print the manual page, or write the pages of all commands into a folder
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/man.txt"))]
pub struct Man {
    /// Where to write the pages `platc.1`, `platc-render.1` …
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: Option<Utf8PathBuf>,
}

/// Print the help of a command
#[derive(Debug, Args)]
#[command(after_help = include_str!("help/help.txt"))]
pub struct Help {
    /// The command, with its subcommand if it has one
    #[arg(value_name = "COMMAND")]
    pub words: Vec<String>,
}
