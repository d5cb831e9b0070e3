//! Command lines as other tools have them, and as one types them from memory: what to write here.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory};

use super::args::Cli;
use super::exit::Failure;
use crate::finding::suggest;
use crate::rules;

/// What to say of a command line that is none, if more is known than the parser says.
pub(super) fn told(error: &clap::Error, args: &[OsString]) -> Option<Failure> {
    let typed = |kind| match error.get(kind) {
        Some(ContextValue::String(typed)) => Some(typed.as_str()),
        _ => None,
    };
    match error.kind() {
        ErrorKind::InvalidSubcommand => command(typed(ContextKind::InvalidSubcommand)?),
        ErrorKind::UnknownArgument => option(typed(ContextKind::InvalidArg)?, args),
        ErrorKind::MissingRequiredArgument => without_environment(args),
        _ => None,
    }
}

/// Words that other tools have for commands.
fn command(typed: &str) -> Option<Failure> {
    let (message, help) = match typed {
        "apply" | "deploy" | "install" | "upgrade" | "sync" | "up" | "push" => (
            format!("there is no command `{typed}`: platc deploys nothing"),
            "it ends with files: `platc golden --accept` renews those that are committed, and Argo CD, Flux or \
             `kubectl apply -k` bring them to a cluster"
                .to_owned(),
        ),
        "template" | "build" | "compile" | "generate" | "kustomize" | "make" | "run" | "synth" => {
            (format!("there is no command `{typed}`"), "`platc render` compiles environments into files".to_owned())
        }
        "check" | "lint" | "test" | "verify" | "vet" => (
            format!("there is no command `{typed}`"),
            "`platc validate` checks all there is, `platc golden --check` whether the golden trees are up to date, \
             `platc rules test` the rules of the project"
                .to_owned(),
        ),
        "plan" | "preview" => {
            (format!("there is no command `{typed}`"), "`platc diff` shows what would change".to_owned())
        }
        "accept" | "update" | "approve" => (
            format!("there is no command `{typed}`"),
            "`platc golden --accept` takes what is compiled now as the new golden trees".to_owned(),
        ),
        "get" | "list" | "ls" | "values" => (
            format!("there is no command `{typed}`"),
            "`platc show ENV` prints what an environment holds, `platc explain ENV PATH` where a value comes from"
                .to_owned(),
        ),
        "fmt" | "format" => (
            format!("there is no command `{typed}`"),
            "what is rendered has one form; `platc validate --fix` takes out of layers what changes nothing".to_owned(),
        ),
        "new" | "create" => (format!("there is no command `{typed}`"), "`platc init` makes a project".to_owned()),
        "version" => (format!("there is no command `{typed}`"), "write `platc --version`".to_owned()),
        "import" => (format!("there is no command `{typed}`"), "write `platc schema import`".to_owned()),
        _ => return None,
    };
    Some(Failure::new(message).help(help))
}

/// An option that the command does not have.
fn option(typed: &str, args: &[OsString]) -> Option<Failure> {
    let name = typed.split('=').next().unwrap_or(typed);
    if !name.starts_with('-') {
        return None;
    }
    let told = Failure::new(format!("there is no option `{typed}`"));
    if ["--env", "--environment", "--environments", "-e", "--envs"].contains(&name) {
        return Some(told.help("environments are named without one, as in `platc validate prod`; none means all"));
    }
    if ["-f", "--values", "--value", "--values-file", "--file"].contains(&name) {
        return Some(told.help(
            "values stand in the files of an environment; to try others, `--set image.tag=2.0` sets one, and `--with FILE` \
             lays a YAML file over them",
        ));
    }
    let (path, all) = command_of(args);
    if path == "golden" && ["--update", "--write", "--save", "-u", "--renew", "--bless"].contains(&name) {
        return Some(told.help("did you mean `--accept`?"));
    }
    if path == "render" && name == "--output" {
        let folder = typed.split_once('=').map_or("FOLDER", |(_, folder)| folder);
        let behind = args.iter().skip_while(|arg| *arg != "--output").nth(1).and_then(|arg| arg.to_str());
        let folder = behind.filter(|arg| !arg.starts_with('-')).unwrap_or(folder);
        return Some(told.help(format!("write `--out-dir {folder}`; `--stdout` prints")));
    }
    if path == "render" && ["--dry-run", "--diff"].contains(&name) {
        return Some(told.help("`platc render --stdout` writes no file, and `platc diff` shows what would change"));
    }
    let near = suggest::nearest(name.trim_start_matches('-'), all.iter().map(String::as_str));
    let whole = if path.is_empty() { "platc".to_owned() } else { format!("platc {path}") };
    Some(told.help(match near.filter(|_| name.starts_with("--")) {
        Some(near) => format!("did you mean `--{near}`?"),
        None => format!("`{whole} --help` lists all there are"),
    }))
}

/// The command that was typed, as a path, and the long names of its options.
fn command_of(args: &[OsString]) -> (String, Vec<String>) {
    let mut command = Cli::command();
    command.build();
    let mut path: Vec<&str> = Vec::new();
    let mut at: &Command = &command;
    for word in args.iter().skip(1).filter_map(|arg| arg.to_str()) {
        if let Some(below) = at.get_subcommands().find(|below| below.get_name() == word) {
            path.push(word);
            at = below;
        }
    }
    (path.join(" "), at.get_arguments().filter_map(|arg| arg.get_long().map(str::to_owned)).collect())
}

/// `platc explain ingress.host`: a path where the environment is wanted first.
fn without_environment(args: &[OsString]) -> Option<Failure> {
    let words: Vec<&str> = args.iter().skip(1).filter_map(|arg| arg.to_str()).collect();
    let [command, given @ ..] = words.as_slice() else { return None };
    let (what, form, rest): (_, _, &[&str]) = match *command {
        "explain" | "unset" => ("an environment, then a path", "ENV PATH", &["image.tag"]),
        "set" => ("an environment, then a path and a value", "ENV PATH VALUE", &["image.tag", "2.0"]),
        "promote" => ("the environment to take from, then the one to change", "FROM TO", &["prod"]),
        _ => return None,
    };
    let [first, more @ ..] = given else { return None };
    if more.len() >= rest.len() || given.iter().any(|word| word.starts_with('-')) {
        return None;
    }
    if *command == "explain" && more.is_empty() && rules::rules().any(|rule| rule.id == *first) {
        return Some(Failure::new(format!("`{first}` is a rule")).help(format!("write `platc rules {first}`")));
    }
    let mut given = parted(command, given);
    let is_path = given[0].contains(['.', '[']) && !given[0].contains('/') && *command != "promote";
    if is_path {
        given.insert(0, "prod");
    }
    let wanted = rest.len() + 1;
    given.truncate(wanted);
    let missing = rest.get(given.len().saturating_sub(1)..).unwrap_or_default();
    let shown: Vec<&str> = given.iter().chain(missing).copied().collect();
    let first = if is_path { "name the environment first" } else { "write all of it" };
    let help = format!("{first}, `platc {command} {form}`, as in `platc {command} {}`", shown.join(" "));
    Some(Failure::new(format!("`{command}` wants {what}")).help(help))
}

/// A revision of git where an environment is named, a folder that ends in its name, or a longer form of it.
pub(super) fn meant_instead<'n>(word: &str, mut names: impl Iterator<Item = &'n str>) -> Option<String> {
    if ["main", "master", "HEAD"].contains(&word) || ["origin/", "HEAD~", "HEAD^"].iter().any(|it| word.starts_with(it))
    {
        return Some(format!("to compare with a revision of git, write `platc diff --against {word}`"));
    }
    let last = word.trim_end_matches('/').rsplit('/').next().unwrap_or(word);
    let is_meant = |name: &&str| *name == last || name.len() > 2 && last.starts_with(*name);
    names.find(is_meant).map(|name| format!("did you mean `{name}`?"))
}

/// Words of a command line, each for itself: of `path=value`, `from/to` and `prod.image.tag`, the parts.
fn parted<'w>(command: &str, given: &[&'w str]) -> Vec<&'w str> {
    const ENVIRONMENTS: [&str; 4] = ["dev", "staging", "prod", "production"];
    let sign = match command {
        "set" => '=',
        "promote" => '/',
        _ => ' ',
    };
    let parts = given.iter().flat_map(|word| word.splitn(2, sign)).filter(|word| !word.is_empty());
    let mut parts: Vec<&str> = parts.collect();
    if let Some((environment, path)) = parts.first().and_then(|first| first.split_once('.'))
        && ENVIRONMENTS.contains(&environment)
    {
        parts.splice(..1, [environment, path]);
    }
    if parts.is_empty() { given.to_vec() } else { parts }
}

/// A word that stands where an environment is named, and is an option without its dashes.
pub(super) fn meant_as_option(word: &str) -> Option<String> {
    let known = ["accept", "check", "staged", "strict", "fix", "stdout", "all", "verbose"];
    known.contains(&word).then(|| format!("did you mean `--{word}`?"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn told_of(line: &str) -> Option<String> {
        let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let error = Cli::try_parse_from(&args).expect_err(line);
        match told(&error, &args)? {
            Failure::Said { message, help } => Some(format!("{message}; {}", help.unwrap_or_default())),
            Failure::Undelivered(_) => None,
        }
    }

    #[test]
    fn what_other_tools_want_is_told_in_the_words_of_here() {
        for (line, wanted) in [
            ("platc apply prod", "platc deploys nothing"),
            ("platc template prod", "`platc render`"),
            ("platc check", "`platc validate`"),
            ("platc lint", "`platc validate`"),
            ("platc render prod -f values.yaml", "`--with FILE`"),
            ("platc golden --update", "did you mean `--accept`?"),
            ("platc golden --acept", "did you mean `--accept`?"),
            ("platc render --env prod", "without one"),
            ("platc render --frobnicate", "`platc render --help` lists all there are"),
            ("platc schema import --nmae x", "did you mean `--name`?"),
            ("platc explain ingress.host", "`platc explain prod ingress.host`"),
            ("platc set image.tag 2.0", "`platc set prod image.tag 2.0`"),
            ("platc set prod image.tag", "`platc set prod image.tag 2.0`"),
            ("platc set image.tag", "`platc set prod image.tag 2.0`"),
            ("platc explain prod", "`platc explain prod image.tag`"),
            ("platc promote staging", "`platc promote staging prod`"),
            ("platc promote staging/prod", "as in `platc promote staging prod`"),
            ("platc set prod replicas.min=4", "as in `platc set prod replicas.min 4`"),
            ("platc set replicas.min=4", "as in `platc set prod replicas.min 4`"),
            ("platc set prod.replicas.min 4", "as in `platc set prod replicas.min 4`"),
            ("platc explain prod.image.tag", "as in `platc explain prod image.tag`"),
            ("platc explain kubernetes/image-tag", "write `platc rules kubernetes/image-tag`"),
            ("platc render --output x", "`--out-dir x`"),
            ("platc render --dry-run", "`platc diff`"),
        ] {
            let told = told_of(line).unwrap_or_else(|| panic!("{line}"));
            assert!(told.contains(wanted), "{line}: {told}");
        }
    }

    #[test]
    fn what_is_no_environment_may_be_a_revision_or_a_folder() {
        for (word, wanted) in [
            ("main", Some("to compare with a revision of git, write `platc diff --against main`")),
            ("HEAD~1", Some("to compare with a revision of git, write `platc diff --against HEAD~1`")),
            ("golden/prod", Some("did you mean `prod`?")),
            ("production", Some("did you mean `prod`?")),
            ("qa", None),
        ] {
            assert_eq!(meant_instead(word, ["dev", "prod"].into_iter()).as_deref(), wanted, "{word}");
        }
    }

    #[test]
    fn of_what_is_not_known_the_parser_says_all() {
        for line in ["platc frobnicate", "platc explain", "platc init one two"] {
            assert_eq!(told_of(line), None, "{line}");
        }
    }
}
