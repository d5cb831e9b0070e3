//! `platc chart …` as it is typed.

use camino::Utf8PathBuf;
use clap::{Args, Subcommand, ValueHint};

/// Helm charts of the project: what they are, and what they make
///
/// Charts lie in the folder `charts`, as `helm pull` leaves them. platc compiles them itself: no Helm, no cluster and no network
/// are needed.
#[derive(Debug, Args)]
#[command(after_help = include_str!("../help/chart.txt"))]
pub struct Chart {
    #[command(subcommand)]
    pub action: ChartAction,
}

#[derive(Debug, Subcommand)]
pub enum ChartAction {
    Add(Add),
    Objects(Objects),
    Values(ChartValues),
    Template(Template),
}

/// Put charts into the project and pin what is in them
///
/// A chart goes to `charts/NAME-VERSION`, or to `charts/NAME-VERSION.tgz` if it is packed. `charts/charts.lock` says what is in it,
/// so that another content under the same version is an error.
#[derive(Debug, Args)]
#[command(after_help = include_str!("../help/chart_add.txt"))]
pub struct Add {
    /// Charts: folders, or what `helm pull` leaves
    #[arg(value_name = "FILE|DIR", required = true, value_hint = ValueHint::AnyPath)]
    pub from: Vec<Utf8PathBuf>,

    /// Where they come from, for the lock: a repository's address
    #[arg(long, value_name = "TEXT")]
    pub origin: Option<String>,

    /// Replace what the lock says of the same name and version
    #[arg(long)]
    pub force: bool,
}

/// Print what the charts of an environment make
///
/// Which release uses which chart, with which values, is what the Applications of Argo CD and the `HelmReleases` of Flux in the tree say.
#[derive(Debug, Args)]
#[command(after_help = include_str!("../help/chart_objects.txt"))]
pub struct Objects {
    /// The environment, by path (`environments/prod`) or name (`prod`)
    #[arg(value_name = "ENV", value_hint = ValueHint::AnyPath)]
    pub environment: String,

    /// Releases, by name; none means a list of all
    #[arg(value_name = "RELEASE")]
    pub releases: Vec<String>,

    #[command(flatten)]
    pub values: super::Values,
}

/// Print the values that a chart has by itself, with its comments
#[derive(Debug, Args)]
#[command(after_help = include_str!("../help/chart_values.txt"))]
pub struct ChartValues {
    /// A chart of the project, `NAME` or `NAME-VERSION`, or a path
    #[arg(value_name = "CHART", value_hint = ValueHint::AnyPath)]
    pub chart: String,
}

/// Print what a chart makes of values, as `helm template` does
#[derive(Debug, Args)]
#[command(after_help = include_str!("../help/chart_template.txt"))]
pub struct Template {
    /// A chart of the project, `NAME` or `NAME-VERSION`, or a path
    #[arg(value_name = "CHART", value_hint = ValueHint::AnyPath)]
    pub chart: String,

    /// A file of values; may stand several times, and the last one wins
    #[arg(short = 'f', long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub values: Vec<Utf8PathBuf>,

    /// A value over those of files, `image.tag=1.2`, as Helm reads it; may stand several times
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,

    /// The release's name
    #[arg(long, value_name = "NAME", default_value = "release-name")]
    pub name: String,

    /// The namespace that it is installed into
    #[arg(short, long, value_name = "NAMESPACE", default_value = "default")]
    pub namespace: String,

    /// The cluster's version
    #[arg(long, value_name = "VERSION")]
    pub kube_version: Option<String>,

    /// An API that the cluster has beside Kubernetes' own; may stand several times
    #[arg(short, long = "api-versions", value_name = "API")]
    pub api_versions: Vec<String>,

    /// With the definitions of kinds in `crds/`
    #[arg(long)]
    pub include_crds: bool,

    /// Without hooks
    #[arg(long)]
    pub no_hooks: bool,
}
